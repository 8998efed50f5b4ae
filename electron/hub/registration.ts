import { bytesFrom } from '#protocol/base64url.ts'
import type { Reason } from '#protocol/errors.ts'
import type { Register } from '#protocol/hub-events.ts'
import { KEY_BYTES, NONCE_BYTES, proofsOf, type Proofs, type Registration, type SessionKey } from '#protocol/proof.ts'
import { primitives } from './node-crypto.ts'

/** The keys of the computer that the hub serves. */
export interface Keyring {
  /** The key of that name for this uid; null = none, or not any more. */
  find(uid: string, kid: Uint8Array): Uint8Array | null
  /** A client has proved it and is let in, unless there is a reason. Called before either side hears of the other. */
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

/** Null: the registration names no key. */
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
 * The proofs of a claim, or null if the client's is not right. The key may have been used up or revoked since the claim.
 * The work is done here and not at the claim, so that a claim costs next to nothing, and each try one round of it.
 */
export function provenBy({ registration, kid, key, said, known }: Claim, mac: string, keyring: Keyring): Proofs | null {
  const proofs = proofsOf(primitives, key, said)
  const right = primitives.same(bytesFrom(mac), proofs.client)
  const still = keyring.find(registration.uid, kid) !== null
  return right && known && still ? proofs : null
}
