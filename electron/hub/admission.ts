import { createHash, timingSafeEqual } from 'node:crypto'
import * as v from 'valibot'
import type { Reason } from '#protocol/errors.ts'
import { WEB, type Register } from '#protocol/hub-events.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import type { HubClient } from './hub-client.ts'
import type { Keyring } from './registration.ts'
import { isLoopback } from './candidates.ts'

export interface WindowProof {
  /** 32 random bytes of this launch, as base64url. */
  readonly token: string
  readonly origin: string
}

const Auth = v.object({ token: v.string() })

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Takes the same time for every wrong text; hashing makes the lengths equal. */
const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

export type Visitor = 'window' | 'guest' | 'impostor'

/**
 * Whether a handshake comes from this computer's own window. All three must hold: the page's origin, which a
 * browser does not let a page choose; loopback; and this launch's token, which no other program knows. The
 * window's origin without the rest is somebody else's page or program of the same name, so it is sent away. A
 * token without the origin makes nobody a window: only a browser page is one.
 */
export function whoConnects(
  origin: string | undefined,
  remote: string,
  auth: unknown,
  proof: WindowProof | null,
): Visitor {
  if (proof === null || origin !== proof.origin) return 'guest'
  const given = v.safeParse(Auth, auth)
  const proved = given.success && sameSecret(given.output.token, proof.token)
  return proved && isLoopback(remote) ? 'window' : 'impostor'
}

export interface Admission {
  readonly open: boolean
  /** What phones of version 2 must prove; null = nothing. */
  readonly keyring: Keyring | null
  /** Whether the link is one that this computer hosts. */
  readonly admit: (uid: string) => boolean
}

/** Why the client may not hold the place, or null when it may. */
export function refusal(
  client: HubClient,
  { uid, type: role, v: version }: Register,
  { open, keyring, admit }: Admission,
): Reason | null {
  if (open) return null
  if (role === WEB) return client.isWindow ? null : 'not-allowed'
  // Who will prove a key is judged by that: an answer at once would tell which links there are.
  if (keyring !== null && version === PROTOCOL_VERSION) return null
  return admit(uid) ? null : 'unknown-link'
}
