import { fromBase64Url, toBase64Url } from './base64url.ts'
import { PROTOCOL_VERSION } from './limits.ts'
import { isIn, isIpv6, urlHost } from './networks.ts'

/**
 * The pairing link, which is also the QR's text:
 *
 *   http://<address>:<port>/#2.<uid>.<key>.<flags>
 *
 * The address is an IPv4 literal, or an IPv6 one in brackets, where the computer has no other.
 *
 * `uid` is 16 random bytes, `key` 32, both base64url; `flags` is never empty ('0' today, unknown ones are
 * ignored), so that no link ends in a dot, which chat programs would cut off. Nothing after `#` is ever
 * sent by a browser.
 */
export interface PairingLink {
  /** IPv4 or IPv6 literal, without brackets: a host name would make Chrome ask about local network access. */
  readonly address: string
  readonly port: number
  /** 22 characters of base64url. */
  readonly uid: string
  /** 32 bytes. */
  readonly key: Uint8Array
}

const UID_BYTES = 16
const KEY_BYTES = 32

export function formatLink(link: PairingLink): string {
  return `http://${urlHost(link.address)}:${link.port}/#${PROTOCOL_VERSION}.${link.uid}.${toBase64Url(link.key)}.0`
}

/** A fragment with or without its `#`; null for anything that is not a whole link of this version. */
export function parseFragment(fragment: string): Pick<PairingLink, 'uid' | 'key'> | null {
  const [version, uid = '', keyText = '', flags = ''] = fragment.replace(/^#/, '').split('.')
  const uidBytes = fromBase64Url(uid)
  const key = fromBase64Url(keyText)
  if (version !== String(PROTOCOL_VERSION) || flags === '') return null
  if (uidBytes?.length !== UID_BYTES || key?.length !== KEY_BYTES) return null
  return { uid, key }
}

// No leading zeros: some readers take such numbers for octal.
const IPV4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/
const LINK = /^http:\/\/(?:([\d.]+)|\[([\da-f:]+)\]):([1-9]\d{0,4})\/#(.+)$/
/** Its addresses lead nowhere without the name of an adapter, which no browser takes. */
const LINK_LOCAL = 'fe80::/10'

const canBeOpened = (address: string): boolean =>
  IPV4.test(address)
    ? address.split('.').every((octet) => Number(octet) <= 255)
    : isIpv6(address) && !isIn(address, LINK_LOCAL)

/** The whole text of a QR; null when it is not one of ours. */
export function parseLink(text: string): PairingLink | null {
  const match = LINK.exec(text)
  if (match === null) return null
  const [, ipv4, ipv6 = '', portText = '', fragment = ''] = match
  const address = ipv4 ?? ipv6
  const port = Number(portText)
  const secret = parseFragment(fragment)
  return secret === null || !canBeOpened(address) || port < 1 || port > 65_535 ? null : { address, port, ...secret }
}

/** The uid of `random`, which must be UID_BYTES of it. */
export function uidFrom(random: Uint8Array): string {
  if (random.length !== UID_BYTES) throw new Error('a uid is made of 16 random bytes')
  return toBase64Url(random)
}
