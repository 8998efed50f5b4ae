import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nativeAead } from '#hub/aead.ts'
import { RECORD_BYTES_MAX, TAG_BYTES, type MakeAead } from '#protocol/sealed-records.ts'
import { nobleAead } from './noble.ts'
import { wasmAead } from './wasm.ts'

const wasm = wasmAead()
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const withRoom = (payload: Uint8Array): Uint8Array => Uint8Array.from([...payload, ...new Uint8Array(TAG_BYTES)])

test('this Node has WebAssembly with vectors, and ours is right', () => {
  expect(wasm).not.toBeNull()
})

describe.each<[string, MakeAead]>([
  ['noble', nobleAead],
  ['WebAssembly', wasm!],
  ['Node', nativeAead],
])('%s', (_, make) => {
  test('the example of RFC 8439, 2.8.2', () => {
    const key = bytes('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f')
    const nonce = bytes('070000004041424344454647')
    const aad = bytes('50515253c0c1c2c3c4c5c6c7')
    const plain = new TextEncoder().encode(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    )
    const data = withRoom(plain)
    make(key).seal(nonce, aad, data)
    expect(hex(data)).toBe(
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b29' +
        '05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b' +
        '61161ae10b594f09e26a7e902ecbd0600691',
    )
    expect(make(key).open(nonce, aad, data)).toBe(true)
    expect(data.subarray(0, plain.length)).toEqual(plain)
  })

  test('a largest record, and none that is larger', () => {
    const data = new Uint8Array(RECORD_BYTES_MAX - 1).fill(0xff)
    const [key, nonce, aad] = [new Uint8Array(32).fill(255), new Uint8Array(12), new Uint8Array(13)]
    const other = Uint8Array.from(data)
    make(key).seal(nonce, aad, data)
    nobleAead(key).seal(nonce, aad, other)
    expect(Buffer.compare(data, other)).toBe(0)
    expect(make(key).open(nonce, aad, data)).toBe(true)
    expect(data.subarray(0, -TAG_BYTES).every((byte) => byte === 0xff)).toBe(true)
  })
})

const arbitrary = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const lengths = fc.oneof(fc.nat(1100), fc.constantFrom(0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 257, 4096, 65_537))
const payload = lengths.chain((length) => fc.oneof(arbitrary(length), fc.constant(new Uint8Array(length).fill(255))))

test('WebAssembly seals and opens as noble does, and gives nothing away for a wrong tag', () => {
  fc.assert(
    fc.property(
      arbitrary(32),
      arbitrary(12),
      fc.nat(16).chain(arbitrary),
      payload,
      fc.nat(),
      (key, nonce, aad, plain, at) => {
        const [one, other] = [withRoom(plain), withRoom(plain)]
        wasm!(key).seal(nonce, aad, one)
        nobleAead(key).seal(nonce, aad, other)
        expect(hex(one)).toBe(hex(other))
        const wrong = Uint8Array.from(one)
        wrong[at % wrong.length]! ^= 1 << (at % 8)
        const before = hex(wrong)
        expect(wasm!(key).open(nonce, aad, wrong)).toBe(false)
        expect(nobleAead(key).open(nonce, aad, other)).toBe(true)
        expect(wasm!(key).open(nonce, aad, one)).toBe(true)
        expect([hex(wrong), hex(one.subarray(0, plain.length)), hex(other.subarray(0, plain.length))]).toEqual([before, hex(plain), hex(plain)]) // prettier-ignore
      },
    ),
    { numRuns: 300 },
  )
})
