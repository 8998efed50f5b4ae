import { ProtocolError } from './errors.ts'
import { joinBytes, lengthPrefixed, textBytes, type Primitives } from './primitives.ts'
import type { SessionKey } from './proof.ts'

/**
 * Ties a WebRTC connection to the session key of a proved registration (proof.ts): whoever relays the descriptions
 * could otherwise put his own certificate's fingerprint into them and sit in the middle.
 */

/** What matters of a session description: whose certificate it is, and for which attempt. */
export interface DescriptionFacts {
  /** SHA-256 of the certificate: 32 bytes. */
  readonly fingerprint: Uint8Array
  readonly setup: string
  readonly ufrag: string
}

/** The one value of an attribute. Bundled sections repeat it; two different ones are a mistake or a trick. */
function onlyValue(lines: readonly string[], attribute: string): string {
  const start = `a=${attribute}:`
  const values = new Set(lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length)))
  const [value, ...more] = values
  if (value === undefined || more.length > 0) throw ProtocolError.malformed(`${attribute} of a description`)
  return value
}

const FINGERPRINT = /^sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})$/i

/** Throws ProtocolError unless there is one data section, and one SHA-256 fingerprint for all of it. */
export function readDescription(sdp: string): DescriptionFacts {
  const lines = sdp.split(/\r\n|\r|\n/)
  if (lines.filter((line) => line.startsWith('m=application')).length !== 1) {
    throw ProtocolError.malformed('data sections of a description')
  }
  const hex = FINGERPRINT.exec(onlyValue(lines, 'fingerprint'))?.[1]
  if (hex === undefined) throw ProtocolError.malformed('fingerprint of a description')
  const fingerprint = Uint8Array.from(hex.split(':'), (byte) => Number.parseInt(byte, 16))
  return { fingerprint, setup: onlyValue(lines, 'setup'), ufrag: onlyValue(lines, 'ice-ufrag') }
}

const described = (sdp: string): Uint8Array => {
  const { fingerprint, setup, ufrag } = readDescription(sdp)
  return lengthPrefixed(fingerprint, setup, ufrag)
}

/** Goes with an offer. Throws ProtocolError for a description that can't be bound. */
export const offerMac = ({ hmac }: Primitives, { id, key }: SessionKey, sdp: string): Uint8Array =>
  hmac(key, joinBytes(textBytes('offer'), lengthPrefixed(id), described(sdp)))

/** Goes with the answer to the offer that bore `offer`. */
export const answerMac = ({ hmac }: Primitives, { id, key }: SessionKey, offer: Uint8Array, sdp: string): Uint8Array =>
  hmac(key, joinBytes(textBytes('answer'), lengthPrefixed(offer, id), described(sdp)))

/**
 * The first frame on a channel, of the side that holds `role`: with the fingerprints of the descriptions that its
 * connection really uses, so that no way past the checks of offer and answer is left.
 */
export const channelMac = (
  { hmac }: Primitives,
  { key }: SessionKey,
  role: 0 | 1,
  local: string,
  remote: string,
): Uint8Array => {
  const fingerprints = lengthPrefixed(readDescription(local).fingerprint, readDescription(remote).fingerprint)
  return hmac(key, joinBytes(textBytes('dc'), Uint8Array.of(role), fingerprints))
}
