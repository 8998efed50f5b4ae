import { ProtocolError } from './errors.ts'
import {
  hkdfExpand,
  hkdfExtract,
  joinBytes,
  lengthPrefixed,
  sameBytes,
  textBytes,
  type Primitives,
} from './primitives.ts'
import { MAC_BYTES, type SessionKey } from './proof.ts'

/**
 * How the two ends of a sealed socket agree on keys: fresh X25519 keys on both sides for every connection, signed with
 * the session key of the proved registration (proof.ts). What travels after that is in sealed-records.ts.
 */

/** Where the hub takes such sockets. */
export const LANE_PATH = '/lane'

/** Bytes of an X25519 key, public or secret, and of what two of them give. */
export const EXCHANGE_BYTES = 32
export const SESSION_ID_BYTES = 32

/** First message, from the phone: session id, public key, MAC. */
export const LANE_HELLO_BYTES = SESSION_ID_BYTES + EXCHANGE_BYTES + MAC_BYTES
/** Second one, from the hub: public key, MAC. */
export const LANE_ANSWER_BYTES = EXCHANGE_BYTES + MAC_BYTES

/** WebSocket's word for "against the rules", and ours, since a browser can't say that one: the reason is the text of the close. */
export const LANE_REFUSED = 1008
export const LANE_REFUSED_HERE = 4008

/** Milliseconds from the connection until both ends have opened a record of the other. */
export const LANE_HANDSHAKE_MS = 5000

const LABEL = textBytes('lane')
const CLIENT = Uint8Array.of(0x43)
const SERVER = Uint8Array.of(0x53)
const ZERO = new Uint8Array(EXCHANGE_BYTES)

export interface LaneHello {
  readonly sessionId: Uint8Array
  readonly clientPublic: Uint8Array
  readonly mac: Uint8Array
}

/** One key for each direction. 32 bytes each. */
export interface LaneKeys {
  /** Seals what the phone sends. */
  readonly client: Uint8Array
  /** Seals what the hub sends. */
  readonly server: Uint8Array
}

const clientMac = ({ hmac }: Primitives, { id, key }: SessionKey, clientPublic: Uint8Array): Uint8Array =>
  hmac(key, joinBytes(LABEL, CLIENT, lengthPrefixed(id, clientPublic)))

const serverMac = (
  { hmac }: Primitives,
  { id, key }: SessionKey,
  clientPublic: Uint8Array,
  serverPublic: Uint8Array,
): Uint8Array => hmac(key, joinBytes(LABEL, SERVER, lengthPrefixed(id, clientPublic, serverPublic)))

export const laneHello = (p: Primitives, session: SessionKey, clientPublic: Uint8Array): Uint8Array =>
  joinBytes(session.id, clientPublic, clientMac(p, session, clientPublic))

/** Throws ProtocolError. Whose it says it is has to be shown by `isRightHello`. */
export function readLaneHello(bytes: Uint8Array): LaneHello {
  if (bytes.length !== LANE_HELLO_BYTES) throw ProtocolError.malformed('first message of a lane')
  const keyEnd = SESSION_ID_BYTES + EXCHANGE_BYTES
  return {
    sessionId: bytes.slice(0, SESSION_ID_BYTES),
    clientPublic: bytes.slice(SESSION_ID_BYTES, keyEnd),
    mac: bytes.slice(keyEnd),
  }
}

export const isRightHello = (p: Primitives, session: SessionKey, { clientPublic, mac }: LaneHello): boolean =>
  p.same(mac, clientMac(p, session, clientPublic))

export const laneAnswer = (
  p: Primitives,
  session: SessionKey,
  clientPublic: Uint8Array,
  serverPublic: Uint8Array,
): Uint8Array => joinBytes(serverPublic, serverMac(p, session, clientPublic, serverPublic))

/** The hub's public key. Throws ProtocolError unless it answers exactly this hello. */
export function readLaneAnswer(
  p: Primitives,
  session: SessionKey,
  clientPublic: Uint8Array,
  bytes: Uint8Array,
): Uint8Array {
  if (bytes.length !== LANE_ANSWER_BYTES) throw ProtocolError.malformed('answer of a lane')
  const serverPublic = bytes.slice(0, EXCHANGE_BYTES)
  const expected = serverMac(p, session, clientPublic, serverPublic)
  if (!p.same(bytes.slice(EXCHANGE_BYTES), expected)) throw new ProtocolError('tampered', 'answer of a lane')
  return serverPublic
}

/**
 * The keys of this one connection. `shared` is what X25519 made of one's own secret key and the other's public one.
 * Throws ProtocolError where it is zero: then the other's key was none, and anybody could know the secret.
 */
export function laneKeys(
  p: Primitives,
  session: SessionKey,
  publics: { readonly client: Uint8Array; readonly server: Uint8Array },
  shared: Uint8Array,
): LaneKeys {
  if (sameBytes(shared, ZERO)) throw new ProtocolError('tampered', 'key of a lane')
  const transcript = p.sha256(lengthPrefixed('lane', session.id, publics.client, publics.server))
  const prk = hkdfExtract(p, session.key, shared)
  const keyFor = (label: string): Uint8Array => hkdfExpand(p, prk, joinBytes(textBytes(label), transcript))
  return { client: keyFor('lane client'), server: keyFor('lane server') }
}
