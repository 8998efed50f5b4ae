import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { nativeAead } from '#hub/node-crypto.ts'
import { RECORD_BYTES_MAX, TAG_BYTES, type MakeAead } from '#protocol/sealed-records.ts'
import { answersRight } from './known-answer.ts'
import { nobleAead } from './noble.ts'
import { sodiumAead } from './sodium.ts'

const wasm = await sodiumAead()
afterEach(() => {
  vi.unstubAllGlobals()
})
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const withRoom = (payload: Uint8Array): Uint8Array => Uint8Array.from([...payload, ...new Uint8Array(TAG_BYTES)])

test('this Node has WebAssembly, and libsodium in it is right', () => {
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

  // As Wycheproof's files do it: one thing wrong at a time.
  describe.each([0, 1, 64, 1000])('a record of %i bytes', (length) => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => 3 * i + length)
    const nonce = Uint8Array.from({ length: 12 }, (_, i) => 100 + i)
    const aad = Uint8Array.from({ length: 13 }, (_, i) => i)
    const plain = Uint8Array.from({ length }, (_, i) => i)
    const right = withRoom(plain)
    make(key).seal(nonce, aad, right)
    const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
      bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
    const bitsOf = (bytes: Uint8Array, from = 0): number[] =>
      Array.from({ length: 8 * (bytes.length - from) }, (_, i) => 8 * from + i)
    const withTag = (tag: (byte: number) => number): Uint8Array =>
      right.map((byte, i) => (i < length ? byte : tag(byte)))

    const refuses = (wrong: { key?: Uint8Array; nonce?: Uint8Array; aad?: Uint8Array; data?: Uint8Array }): void => {
      const data = Uint8Array.from(wrong.data ?? right)
      const before = hex(data)
      const aead = make(wrong.key ?? key)
      // The one before leaves nothing that could come out instead.
      const other = withRoom(new Uint8Array(length + 32).fill(0xaa))
      aead.seal(nonce, aad, other)
      expect(aead.open(nonce, aad, other)).toBe(true)
      expect(aead.open(wrong.nonce ?? nonce, wrong.aad ?? aad, data)).toBe(false)
      expect(hex(data)).toBe(before)
    }

    test('is not opened with a changed tag', () => {
      for (const bit of bitsOf(right, length)) refuses({ data: flipped(right, bit) })
      for (const tag of [() => 0, () => 255, (byte: number) => byte ^ 255, (byte: number) => byte ^ 0x80])
        refuses({ data: withTag(tag) })
    })

    test('is not opened when it is cut, at either end, or lengthened', () => {
      for (let left = 0; left < right.length; left += left < 40 ? 1 : 61) {
        refuses({ data: right.subarray(0, left) })
        refuses({ data: right.subarray(right.length - left) })
      }
      refuses({ data: Uint8Array.from([...right, 0]) })
      refuses({ data: Uint8Array.from([0, ...right]) })
    })

    test('is not opened with another nonce or key, or bound to something else', () => {
      for (const bit of bitsOf(nonce)) refuses({ nonce: flipped(nonce, bit) })
      for (const bit of bitsOf(key)) refuses({ key: flipped(key, bit) })
      for (const bit of bitsOf(aad)) refuses({ aad: flipped(aad, bit) })
      refuses({ aad: new Uint8Array(0) })
      refuses({ aad: aad.subarray(0, -1) })
      refuses({ aad: Uint8Array.from([...aad, 0]) })
    })

    test('is opened after all that', () => {
      refuses({ data: withTag(() => 0) })
      const data = Uint8Array.from(right)
      expect(make(key).open(nonce, aad, data)).toBe(true)
      expect(hex(data.subarray(0, length))).toBe(hex(plain))
    })
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

describe('libsodium in WebAssembly', () => {
  test('takes no key, nonce or record of another length, which it would read on from what was there before', () => {
    const aead = wasm!(new Uint8Array(32))
    const [nonce, aad, data] = [new Uint8Array(12), new Uint8Array(13), new Uint8Array(100)]
    expect(() => wasm!(new Uint8Array(31))).toThrow(RangeError)
    expect(() => {
      aead.seal(nonce.subarray(1), aad, data)
    }).toThrow(RangeError)
    expect(() => aead.open(new Uint8Array(13), aad, data)).toThrow(RangeError)
    expect(() => aead.open(nonce, new Uint8Array(17), data)).toThrow(RangeError)
    expect(() => aead.open(nonce, aad, new Uint8Array(RECORD_BYTES_MAX + 1))).toThrow(RangeError)
  })

  test('is not there without WebAssembly, or where a policy forbids it', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    expect(await sodiumAead()).toBeNull()
    const forbidden = async () => {
      throw new EvalError('refused')
    }
    vi.stubGlobal('WebAssembly', { instantiate: forbidden, RuntimeError: Error })
    expect(await sodiumAead()).toBeNull()
  })
})

describe('a cipher that is not right', () => {
  const WRONG: Record<string, MakeAead> = {
    'one that binds nothing': (key) => ({
      seal: (nonce, _, data) => {
        nobleAead(key).seal(nonce, new Uint8Array(0), data)
      },
      open: (nonce, _, data) => nobleAead(key).open(nonce, new Uint8Array(0), data),
    }),
    'one that opens everything': (key) => ({ ...nobleAead(key), open: () => true }),
    'one that opens nothing': (key) => ({ ...nobleAead(key), open: () => false }),
    'one that is not there': () => {
      throw new Error('Unknown cipher')
    },
    'one that does nothing': () => ({ seal: () => undefined, open: () => true }),
    'one that does not give the payload': (key) => ({
      ...nobleAead(key),
      open: (nonce, aad, data) => nobleAead(key).open(nonce, aad, Uint8Array.from(data)),
    }),
    'one that is wrong in longer records alone': (key) => ({
      ...nobleAead(key),
      seal: (nonce, aad, data) => {
        nobleAead(key).seal(nonce, aad, data)
        if (data.length > 256) data[256]! ^= 1
      },
    }),
  }
  test.each(Object.entries(WRONG))('%s', (_, make) => {
    expect(answersRight(make)).toBe(false)
  })
})
