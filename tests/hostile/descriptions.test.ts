import { expect, test } from 'vitest'
import { primitives } from '#hub/node-crypto.ts'
import { toBase64Url } from '#protocol/base64url.ts'
import { answerMac, offerMac } from '#protocol/binding.ts'
import { ProtocolError } from '#protocol/errors.ts'
import { APP, WEB, type Message } from '#protocol/hub-events.ts'
import { CANDIDATES_MAX, SDP_CHARS_MAX } from '#protocol/limits.ts'
import { FromWindow } from '#protocol/link-port.ts'
import { parse } from '#protocol/parse.ts'
import { ChannelBinding } from '#transfer/channel-binding.ts'
import { NearCandidates } from '../../renderer/desktop/near-candidates.ts'

const SESSION = { id: new Uint8Array(32).fill(1), key: new Uint8Array(32).fill(2) }
const print = (byte: string, bytes = 32): string => Array.from({ length: bytes }, () => byte).join(':')
const OURS = `a=fingerprint:sha-256 ${print('0A')}`
const THEIRS = `a=fingerprint:sha-256 ${print('0B')}`
const DATA = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel'
const VIDEO = 'm=video 9 UDP/TLS/RTP/SAVPF 96'
const REST = ['a=setup:actpass', 'a=ice-ufrag:abcd']
const sdpOf = (...lines: string[]): string => ['v=0', ...lines, ''].join('\r\n')
const WHOLE = sdpOf(DATA, OURS, ...REST)

/** What the computer makes of an offer that bears the right signature, as far as one can be made. */
function verdict(sdp: string, signedFor = WHOLE): unknown {
  const mac = toBase64Url(offerMac(primitives, SESSION, signedFor))
  return new ChannelBinding(SESSION, WEB, primitives).checkOffer(sdp, mac)
}

test('C47: an offer as a phone makes it is taken', () => {
  expect([verdict(WHOLE), verdict(sdpOf(OURS, DATA, ...REST))]).toEqual([null, null])
  expect(verdict(sdpOf(VIDEO, OURS, ...REST, DATA, OURS, ...REST))).toBeNull()
})

test.each<[string, string]>([
  ['two fingerprints in one section', sdpOf(DATA, OURS, THEIRS, ...REST)],
  ['another one for the session than for the section', sdpOf(THEIRS, DATA, OURS, ...REST)],
  ['another one in a second section', sdpOf(DATA, OURS, ...REST, VIDEO, THEIRS, ...REST)],
  ['a SHA-1 fingerprint', sdpOf(DATA, `a=fingerprint:sha-1 ${print('0A', 20)}`, ...REST)],
  ['a fingerprint of another hash, as long as ours', sdpOf(DATA, OURS.replace('sha-256', 'sha-1'), ...REST)],
  ['a SHA-1 fingerprint beside the right one', sdpOf(DATA, OURS, `a=fingerprint:sha-1 ${print('0A', 20)}`, ...REST)],
  ['a fingerprint that is too short', sdpOf(DATA, `a=fingerprint:sha-256 ${print('0A', 31)}`, ...REST)],
  ['no fingerprint', sdpOf(DATA, ...REST)],
  ['no data section', sdpOf(VIDEO, OURS, ...REST)],
  ['two data sections', sdpOf(DATA, OURS, ...REST, DATA, OURS, ...REST)],
  ['sound', sdpOf(DATA, OURS, ...REST, 'm=audio 9 UDP/TLS/RTP/SAVPF 111', OURS)],
  ['two videos', sdpOf(DATA, OURS, ...REST, VIDEO, OURS, VIDEO, OURS)],
  ['a section of a kind that nobody knows', sdpOf(DATA, OURS, ...REST, 'm=message 9 x y')],
  ['another attempt’s ufrag', sdpOf(DATA, OURS, 'a=setup:actpass', 'a=ice-ufrag:abce')],
  ['nothing at all', ''],
])('C47: an offer with %s is refused', (_, sdp) => {
  expect(verdict(sdp)).toBe('tampered')
  // And where it can be signed at all, with a signature of its own.
  try {
    offerMac(primitives, SESSION, sdp)
  } catch {
    return
  }
  if (!sdp.includes('abce')) expect(verdict(sdp, sdp)).toBe('tampered')
})

/** The right signature of an answer, where it can be made at all. */
function signed(sdp: string): string {
  try {
    return toBase64Url(answerMac(primitives, SESSION, offerMac(primitives, SESSION, WHOLE), sdp))
  } catch {
    return ''
  }
}

test.each<[string, string]>([
  ['two fingerprints', sdpOf(DATA, OURS, THEIRS, ...REST)],
  ['a SHA-1 fingerprint', sdpOf(DATA, `a=fingerprint:sha-1 ${print('0A', 20)}`, ...REST)],
  ['none', sdpOf(DATA, ...REST)],
  ['two data sections', sdpOf(DATA, OURS, ...REST, DATA, OURS, ...REST)],
])('C47: an answer with %s is refused by the phone', (_, sdp) => {
  const phone = new ChannelBinding(SESSION, APP, primitives)
  phone.sign({ type: 'offer', sdp: WHOLE })
  expect(phone.isOwn({ type: 'answer', sdp, mac: signed(sdp) })).toBe(false)
  expect(phone.isOwn({ type: 'answer', sdp: WHOLE, mac: signed(WHOLE) })).toBe(true)
})

test('C47: a phone’s signature is good for the one offer', () => {
  const offer = new ChannelBinding(SESSION, APP, primitives).sign({ type: 'offer', sdp: WHOLE }) as Extract<
    Message,
    { type: 'offer' }
  >
  const desktop = new ChannelBinding(SESSION, WEB, primitives)
  expect(desktop.checkOffer(WHOLE, offer.mac ?? '')).toBeNull()
  expect(desktop.checkOffer(WHOLE.replace('0A', '0C'), offer.mac ?? '')).toBe('tampered')
  expect(new ChannelBinding({ ...SESSION, key: SESSION.id }, WEB, primitives).checkOffer(WHOLE, offer.mac ?? '')).toBe(
    'tampered',
  )
})

test('C48: a description beyond 32 KiB never reaches the main process', () => {
  const long = 'x'.repeat(SDP_CHARS_MAX + 1)
  for (const message of [
    { t: 'check-offer', n: 1, sdp: long, mac: '' },
    { t: 'sign-answer', n: 1, sdp: long },
    { t: 'lane-open', lane: 'webrtc', maxMessage: 1, local: long, remote: '' },
  ])
    expect(() => parse(FromWindow, message)).toThrow(ProtocolError)
})

const UUID = '01234567-89ab-cdef-0123-456789abcdef.local'
const candidate = (address: string, port = 50_000, transport = 'udp', more = 'typ host'): string =>
  `candidate:1 1 ${transport} 2122260223 ${address} ${port} ${more}`
const near = (text: string, loopback = false): boolean => new NearCandidates(loopback).takes(text)

test.each(['192.168.1.20', '10.0.0.1', '172.16.0.1', '172.31.255.1', '169.254.7.7', 'fe80::1', 'fd12::1'])(
  'C49: a neighbour’s candidate at %s is taken',
  (address) => {
    expect([near(candidate(address)), near(`a=${candidate(address)}`)]).toEqual([true, true])
    expect(near(candidate(address, 1024, 'UDP', 'typ srflx raddr 8.8.8.8 rport 1'))).toBe(true)
  },
)

test.each([
  '127.0.0.1', '127.9.9.9', '::1', '0.0.0.0', '::', '169.254.169.254', '8.8.8.8', '172.32.0.1', '172.15.0.1', '100.64.0.1',
  '224.0.0.251', '255.255.255.255', '2001:db8::1', '::ffff:192.168.1.1', '0x7f.1', '10.1', '3232235777', 'localhost',
  'evil.example', 'router.local', UUID, `x${UUID}`, '10.evil.example', 'fd.evil.example',
])('C49: a candidate at %s is not', (address) => {
  expect([near(candidate(address)), near(`a=${candidate(address)}`)]).toEqual([false, false])
}) // prettier-ignore

test('C49: the networks of this computer’s own adapters are near, and no wider', () => {
  const takes = (address: string): boolean =>
    new NearCandidates(false, ['100.64.0.0/10', '203.0.113.0/24', '198.51.100.7/32', '2001:db8:1:2:0:0:0:0/64']).takes(candidate(address))
  expect(['100.64.0.1', '100.127.9.9', '203.0.113.200', '198.51.100.7', '2001:db8:1:2::9', 'fd00::9', 'fe80::9'].map(takes)).not.toContain(false)
  const far = ['100.63.255.255', '100.128.0.1', '203.0.112.1', '203.0.114.1', '198.51.100.8', '8.8.8.8', '127.0.0.1', '169.254.169.254', '999.0.113.1', '2001:db8:1:3::9', 'fd00:ec2::254', '::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1']
  expect(far.map(takes)).not.toContain(true)
}) // prettier-ignore

test('E5: a hidden name, which leads wherever who answers for it says, is taken on this computer alone', () => {
  expect([near(candidate(UUID)), near(candidate(UUID), true)]).toEqual([false, true])
})

test.each([0, 1, 22, 80, 443, 1023, 65_536, 99_999])('C49: nor one at port %i', (port) => {
  expect(near(candidate('192.168.1.20', port))).toBe(false)
})

test.each(['', 'candidate:', 'x', candidate('192.168.1.1', 50_000, 'tcp', 'typ host tcptype passive'), 'candidate:1 1 udp 1 192.168.1.1'])(
  'C49: nor %j',
  (text) => {
    expect(near(text)).toBe(false)
  },
) // prettier-ignore

test('C49: this computer’s own addresses are near where the link itself is', () => {
  expect([near(candidate('127.0.0.1'), true), near(candidate('127.0.0.1', 22), true)]).toEqual([true, false])
})

test('C49: candidates inside a description are no way around it', () => {
  const lines = [
    WHOLE.trimEnd(),
    `a=${candidate('8.8.8.8')}`,
    `a=${candidate('192.168.1.9')}`,
    'a=end-of-candidates',
    '',
  ]
  for (const end of ['\r\n', '\n']) {
    const clean = new NearCandidates(false).clean(lines.join('\r\n').replaceAll('\r\n', end))
    expect(clean).not.toContain('8.8.8.8')
    expect(clean).toContain('192.168.1.9')
    expect(clean.split(end)).toHaveLength(lines.join('\r\n').split('\r\n').length - 1)
  }
  expect(new NearCandidates(false).clean(WHOLE)).toBe(WHOLE)
})

test('C48: of one offer’s candidates 128 are taken, wherever they come', () => {
  const gate = new NearCandidates(false)
  const inside = Array.from({ length: 100 }, (_, n) => `a=${candidate('192.168.1.9', 2000 + n)}\r\n`).join('')
  expect(gate.clean(inside)).toBe(inside)
  const after = Array.from({ length: 10_000 }, (_, n) => gate.takes(candidate('192.168.1.9', 4000 + n)))
  expect(after.filter(Boolean)).toHaveLength(CANDIDATES_MAX - 100)
})
