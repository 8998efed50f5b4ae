import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { mask, unmask } from './ws-unmask.ts'

const slowly = (bytes: Uint8Array, key: Uint8Array): Uint8Array => bytes.map((byte, i) => byte ^ (key[i % 4] ?? 0))

describe('masks of WebSocket messages', () => {
  it('does what RFC 6455 says for every length and every place in memory', () => {
    for (let length = 0; length <= 70; length++) {
      for (let offset = 0; offset < 8; offset++) {
        const room = new Uint8Array(randomBytes(length + 16))
        const before = Uint8Array.from(room)
        const key = randomBytes(4)
        unmask(room.subarray(offset, offset + length), key)
        const expected = Uint8Array.from(before)
        expected.set(slowly(before.subarray(offset, offset + length), key), offset)
        expect(room).toEqual(expected)
      }
    }
  })

  it('masks a copy, at its place, and leaves the original', () => {
    const [source, key] = [new Uint8Array(randomBytes(1001)), randomBytes(4)]
    const before = Uint8Array.from(source)
    const output = new Uint8Array(1010)
    mask(source, key, output, 5, 1000)
    expect(source).toEqual(before)
    expect(output.subarray(5, 1005)).toEqual(slowly(source.subarray(0, 1000), key))
    expect([...output.subarray(0, 5), ...output.subarray(1005)]).toEqual(Array.from({ length: 10 }, () => 0))
  })
})
