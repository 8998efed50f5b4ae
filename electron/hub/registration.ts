import { createHash, timingSafeEqual } from 'node:crypto'
import * as v from 'valibot'
import { bytesFrom } from '#protocol/base64url.ts'
import type { Reason } from '#protocol/errors.ts'
import { WEB, type Register } from '#protocol/hub-events.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import { KEY_BYTES, NONCE_BYTES, proofsOf, type Proofs, type Registration, type SessionKey } from '#protocol/proof.ts'
import { isLoopback } from './candidates.ts'
import type { HubClient } from './hub-client.ts'
import { primitives } from './node-crypto.ts'

export interface WindowProof {
  /** 32 random bytes of this launch, as base64url. */
  readonly token: string
  readonly origin: string
}

const Auth = v.object({ token: v.string() })

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compares in the same time for every wrong text; hashing makes the lengths equal. */
const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

export type Visitor = 'window' | 'guest' | 'impostor'

/**
 * Tells whether a handshake comes from this computer's own window. All three must hold: the page's origin, which a
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

/** Returns why a client may not hold the seat that it asks for, or null when it may. */
export function refusal(
  client: HubClient,
  { uid, type: role, v: version }: Register,
  { open, keyring, admit }: Admission,
): Reason | null {
  if (open) return null
  if (role === WEB) return client.isWindow ? null : 'not-allowed'
  // A client that will prove a key is judged by that: an answer at once would tell which links there are.
  if (keyring !== null && version === PROTOCOL_VERSION) return null
  return admit(uid) ? null : 'unknown-link'
}

/** Knows the keys of the computer that the hub serves. */
export interface Keyring {
  /** Finds the key of that name for a uid; null = none, or not any more. */
  find(uid: string, kid: Uint8Array): Uint8Array | null
  /** Called when a client has proved a key, before either side hears of the other; a reason keeps the client out. */
  proved(uid: string, kid: Uint8Array, session: SessionKey): Reason | null
}

/** A registration whose key is not proved yet. */
export interface Claim {
  readonly registration: Register
  readonly kid: Uint8Array
  readonly nonce: Uint8Array
  readonly key: Uint8Array
  readonly said: Registration
  /** False: no such key. It is proved against a random one, so that an answer takes as long and tells as little. */
  readonly known: boolean
}

/** Makes the claim of a registration; null if it names no key. */
export function claimOf(registration: Register, socketId: string, keyring: Keyring): Claim | null {
  const { uid, type: role, proof } = registration
  if (proof === undefined) return null
  const { caps } = proof
  const kid = bytesFrom(proof.kid)
  const clientNonce = bytesFrom(proof.nonce)
  const found = keyring.find(uid, kid)
  const hubNonce = primitives.random(NONCE_BYTES)
  const key = found ?? primitives.random(KEY_BYTES)
  const said = { uid, role, kid, caps, clientNonce, hubNonce, socketId }
  return { registration, kid, nonce: hubNonce, key, said, known: found !== null }
}

/**
 * Returns the proofs of a claim, or null if the client's is wrong, or the key used up or revoked since the claim.
 * The work is done here and not at the claim, so that a claim costs next to nothing, and each try one round of it.
 */
export function provenBy({ registration, kid, key, said, known }: Claim, mac: string, keyring: Keyring): Proofs | null {
  const proofs = proofsOf(primitives, key, said)
  const right = primitives.same(bytesFrom(mac), proofs.client)
  const still = keyring.find(registration.uid, kid) !== null
  return right && known && still ? proofs : null
}
