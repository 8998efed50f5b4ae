import { PROTOCOL_VERSION } from './limits.ts'
import { hkdfExpand, hkdfExtract, joinBytes, lengthPrefixed, textBytes, type Primitives } from './primitives.ts'

/**
 * How a phone and the hub show each other that they know the same key, without sending it. The key is that of a
 * link (from the QR code) or of a device (given to it over an earlier connection); 32 bytes either way.
 */

/** Bytes of a link's or a device's key, of a nonce, of a MAC. */
export const KEY_BYTES = 32
export const NONCE_BYTES = 32
export const MAC_BYTES = 32
/** Bytes that name a key: a link's are made of the key, a device's are random. */
export const LINK_KID_BYTES = 8
export const DEVICE_KID_BYTES = 16

const SALT = textBytes(`lanyard/${PROTOCOL_VERSION}`)
/** First byte of what each side signs: what one has said is worth nothing in the other's mouth. */
const CLIENT = Uint8Array.of(0x43)
const SERVER = Uint8Array.of(0x53)

/** Names a link's key without telling it. */
export const kidOfLink = ({ sha256 }: Primitives, key: Uint8Array): Uint8Array =>
  sha256(joinBytes(textBytes('kid'), key)).slice(0, LINK_KID_BYTES)

/** All that both sides must agree on; a change on the way makes both proofs wrong. */
export interface Registration {
  readonly uid: string
  readonly role: 0 | 1
  readonly kid: Uint8Array
  /** What the client can do, comma-separated; '' today. */
  readonly caps: string
  /** NONCE_BYTES of the client, fresh for each registration. */
  readonly clientNonce: Uint8Array
  /** NONCE_BYTES of the hub. */
  readonly hubNonce: Uint8Array
  /** The Socket.IO id of the client's connection, as `welcome` told it. */
  readonly socketId: string
}

export interface Proofs {
  /** From the client, in `prove`. */
  readonly client: Uint8Array
  /** From the hub, in its answer. */
  readonly hub: Uint8Array
  /** What the two now share, see binding.ts. Never sent. */
  readonly session: SessionKey
}

export interface SessionKey {
  /** 32 bytes, public: names the session. */
  readonly id: Uint8Array
  /** 32 bytes, secret. */
  readonly key: Uint8Array
}

export function proofsOf(p: Primitives, key: Uint8Array, r: Registration): Proofs {
  const said = [String(PROTOCOL_VERSION), r.uid, r.kid, r.clientNonce, r.hubNonce, r.socketId, String(r.role), r.caps]
  const transcript = p.sha256(lengthPrefixed('register', ...said))
  const prk = hkdfExtract(p, SALT, key)
  const register = hkdfExpand(p, prk, textBytes('register'))
  return {
    client: p.hmac(register, joinBytes(CLIENT, transcript)),
    hub: p.hmac(register, joinBytes(SERVER, transcript)),
    session: { id: transcript, key: hkdfExpand(p, prk, joinBytes(textBytes('session'), transcript)) },
  }
}
