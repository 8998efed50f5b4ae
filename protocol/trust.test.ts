import { hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { primitives as node } from '#hub/node-crypto.ts'
import { primitives as noble } from '#peer/noble-crypto.ts'
import { answerMac, channelMac, offerMac, readDescription } from './binding.ts'
import { ProtocolError } from './errors.ts'
import { hkdfExpand, hkdfExtract, lengthPrefixed, sameBytes } from './primitives.ts'
import { kidOfLink, proofsOf } from './proof.ts'

interface ProofRow {
  key: string
  uid: string
  role: 0 | 1
  caps: string
  kid: string
  isLink: boolean
  clientNonce: string
  hubNonce: string
  socketId: string
  client: string
  hub: string
  sessionId: string
  sessionKey: string
}
interface BindingRow {
  sessionId: string
  sessionKey: string
  offer: string
  answer: string
  offerMac: string
  answerMac: string
  channelOfApp: string
  channelOfWeb: string
}
/** Golden values, made by another program. */
const { proofs, bindings, refused } = JSON.parse(
  readFileSync(new URL('./vectors/trust.json', import.meta.url), 'utf8'),
) as { proofs: ProofRow[]; bindings: BindingRow[]; refused: string[] }
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

describe.each([
  ['Node', node],
  ['noble', noble],
])('with the functions of %s', (_, p) => {
  test.each(proofs)('the proofs of $uid', (row) => {
    const key = bytes(row.key)
    const said = { clientNonce: bytes(row.clientNonce), hubNonce: bytes(row.hubNonce), kid: bytes(row.kid) }
    const { client, hub, session } = proofsOf(p, key, { ...row, ...said })
    expect([client, hub, session.id, session.key].map(hex)).toEqual([
      row.client,
      row.hub,
      row.sessionId,
      row.sessionKey,
    ])
    if (row.isLink) expect(hex(kidOfLink(p, key))).toBe(row.kid)
  })

  test.each(bindings)('the binding of $sessionId', (row) => {
    const session = { id: bytes(row.sessionId), key: bytes(row.sessionKey) }
    const offer = offerMac(p, session, row.offer)
    expect(hex(offer)).toBe(row.offerMac)
    expect(hex(answerMac(p, session, offer, row.answer))).toBe(row.answerMac)
    expect(hex(channelMac(p, session, 1, row.offer, row.answer))).toBe(row.channelOfApp)
    expect(hex(channelMac(p, session, 0, row.answer, row.offer))).toBe(row.channelOfWeb)
  })

  test('the same bytes and no others', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (a, b) => {
        expect(p.same(a, b)).toBe(hex(a) === hex(b))
        expect(p.same(a, Uint8Array.from(a))).toBe(true)
        expect(sameBytes(a, b)).toBe(hex(a) === hex(b))
      }),
    )
    expect(p.random(32)).toHaveLength(32)
    expect(hex(p.random(32))).not.toBe(hex(p.random(32)))
  })
})

test('our HKDF is that of RFC 5869', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), fc.uint8Array(), (salt, key, info) => {
      const whole = new Uint8Array(hkdfSync('sha256', key, salt, info, 32))
      expect(hex(hkdfExpand(noble, hkdfExtract(noble, salt, key), info))).toBe(hex(whole))
    }),
  )
})

test('no two lists of parts have the same prefixed form', () => {
  const parts = fc.array(fc.string({ maxLength: 5 }), { maxLength: 4 })
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      expect(hex(lengthPrefixed(...a)) === hex(lengthPrefixed(...b))).toBe(JSON.stringify(a) === JSON.stringify(b))
    }),
  )
})

describe('a description', () => {
  test.each(refused)('%j is refused', (sdp) => {
    expect(() => readDescription(sdp)).toThrow(ProtocolError)
  })

  test('any text throws nothing but the one error', () => {
    const line = fc.constantFrom('m=application 9', 'a=fingerprint:sha-256 00', 'a=setup:active', 'a=ice-ufrag:x', 'a=')
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string())), (lines) => {
        try {
          readDescription(lines.join('\r\n'))
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})
