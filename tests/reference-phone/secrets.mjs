// The pairing link, and everything that is made of its key (protocol/README.md, sections 2, 3.3 and 4).
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

export const sha256 = (...parts) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map(bytes)))
    .digest()
export const newId = () => randomBytes(16).toString('hex')
export const toText = (data) => data.toString('base64url')
export const fromText = (text) => Buffer.from(text, 'base64url')
export const isSame = (a, b) => a.length === b.length && timingSafeEqual(a, b)

const bytes = (part) => (typeof part === 'string' ? Buffer.from(part) : part)
const hmac = (key, ...parts) =>
  createHmac('sha256', key)
    .update(Buffer.concat(parts.map(bytes)))
    .digest()

/** LP: each part after its length in two bytes. */
const prefixed = (...parts) =>
  Buffer.concat(
    parts.map(bytes).flatMap((part) => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(part.length)
      return [length, part]
    }),
  )
/** HKDF-Expand for one block of output. */
const expand = (prk, ...info) => hmac(prk, ...info, Buffer.of(1))

/** `http://<address>:<port>/#2.<uid>.<key>.<flags>` as { url, uid, kid, key }. */
export function readLink(text) {
  const found = /^(http:\/\/(?:\d+\.\d+\.\d+\.\d+|\[[\da-f:]+\]):\d+)\/#2\.([\w-]{22})\.([\w-]{43})\./.exec(text)
  if (found === null) throw new Error('not a pairing link: it is the text of the code on the screen of the computer')
  const [, url, uid, key] = found
  return { url, uid, kid: sha256('kid', fromText(key)).subarray(0, 8), key: fromText(key) }
}

/** Both proofs of a registration, and what they leave both sides with. `nonce` is ours, `challenge` the hub's. */
export function prove({ uid, kid, key }, nonce, challenge, socketId) {
  const transcript = sha256(prefixed('register', '2', uid, kid, nonce, challenge, socketId, '1', ''))
  const prk = hmac('lanyard/2', key)
  const register = expand(prk, 'register')
  return {
    own: hmac(register, Buffer.of(0x43), transcript),
    hub: hmac(register, Buffer.of(0x53), transcript),
    session: { transcript, key: expand(prk, 'session', transcript) },
  }
}

/** What a description is bound by. */
function factsOf(sdp) {
  const one = (pattern) => {
    const values = new Set([...sdp.matchAll(pattern)].map(([, value]) => value))
    if (values.size !== 1) throw new Error('a description with no or several values')
    return [...values][0]
  }
  return {
    fingerprint: Buffer.from(one(/^a=fingerprint:sha-256 ([\dA-F:]+)\r?$/gim).replaceAll(':', ''), 'hex'),
    setup: one(/^a=setup:(\S+)\r?$/gm),
    ufrag: one(/^a=ice-ufrag:(\S+)\r?$/gm),
  }
}

export function offerMac({ transcript, key }, sdp) {
  const { fingerprint, setup, ufrag } = factsOf(sdp)
  return hmac(key, 'offer', prefixed(transcript, fingerprint, setup, ufrag))
}

export function answerMac({ transcript, key }, offer, sdp) {
  const { fingerprint, setup, ufrag } = factsOf(sdp)
  return hmac(key, 'answer', prefixed(offer, transcript, fingerprint, setup, ufrag))
}

/** What the side of this type (0 = computer, 1 = phone) says first on the channel. `local` is that side's description. */
export const confirmMac = ({ key }, type, local, remote) =>
  hmac(key, 'dc', Buffer.of(type), prefixed(factsOf(local).fingerprint, factsOf(remote).fingerprint))
