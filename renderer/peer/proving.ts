import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import type { Role } from '#protocol/hub-events.ts'
import { kidOfLink, NONCE_BYTES, proofsOf, type SessionKey } from '#protocol/proof.ts'
import { primitives } from './noble-crypto.ts'

/** A key and its name: of a link that was scanned, or of this device. */
export interface Secret {
  readonly kid: Uint8Array
  readonly key: Uint8Array
}

export const linkSecret = (key: Uint8Array): Secret => ({ kid: kidOfLink(primitives, key), key })

/** One registration's proof, from the phone's side. */
export class Proving {
  readonly #secret: Secret
  readonly #uid: string
  readonly #role: Role
  readonly #nonce = primitives.random(NONCE_BYTES)

  constructor(secret: Secret, uid: string, role: Role) {
    this.#secret = secret
    this.#uid = uid
    this.#role = role
  }

  /** For `register`. */
  get start(): { readonly kid: string; readonly nonce: string; readonly caps: string } {
    return { kid: toBase64Url(this.#secret.kid), nonce: toBase64Url(this.#nonce), caps: '' }
  }

  /** For `prove`; and what the hub's answer must be, before this side goes on. */
  answer(
    challenge: string,
    socketId: string,
  ): { readonly mac: string; readonly isHub: (mac: string) => boolean; readonly session: SessionKey } {
    const { client, hub, session } = proofsOf(primitives, this.#secret.key, {
      uid: this.#uid,
      role: this.#role,
      kid: this.#secret.kid,
      caps: '',
      clientNonce: this.#nonce,
      hubNonce: bytesFrom(challenge),
      socketId,
    })
    return { mac: toBase64Url(client), isHub: (mac) => primitives.same(bytesFrom(mac), hub), session }
  }
}
