import { describe, expect, test } from 'vitest'
import { ProtocolError } from './errors.ts'
import { decodeFrame } from './frames.ts'

/** As text: some of these are no numbers of JSON, or not the ones that were written. */
const offer = (size: string): string =>
  `{"t":"offer","n":1,"id":"${'a'.repeat(32)}","name":"f","size":${size},"mtime":0,"mime":""}`

describe('E73: the size of an offered file', () => {
  test.each(['-1', '1.5', 'NaN', 'Infinity', '1e999', '"10"', '9007199254740992', '9223372036854775808', 'null', '[]'])(
    'is not %s',
    (size) => {
      expect(() => decodeFrame(offer(size))).toThrow(ProtocolError)
    },
  )

  test.each([0, 1, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])('may be %d, exactly', (size) => {
    expect(decodeFrame(offer(`${size}`))).toMatchObject({ size })
  })
})
