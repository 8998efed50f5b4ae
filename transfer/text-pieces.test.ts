import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CHANNEL_MESSAGE_BYTES_MAX, CONTROL_CHARS_MAX, PIECE_CHARS_MAX } from '#protocol/limits.ts'
import { Joining, piecesOf } from './text-pieces.ts'

const utf8 = new TextEncoder()
const joined = (messages: readonly string[]): (string | null)[] => {
  const joining = new Joining()
  return messages.map((message) => joining.add(message))
}

test.each(['a', '\u00e9', '\u4f1a', '\ud83d\ude00'])(
  'E7: any text of %j goes in messages that no stack tears, and is whole again',
  (character) => {
    const length = fc.integer({ min: 1, max: Math.floor((CONTROL_CHARS_MAX - 3) / character.length) })
    fc.assert(
      fc.property(length, fc.boolean(), (count, shifted) => {
        const text = JSON.stringify((shifted ? 'x' : '') + character.repeat(count))
        const pieces = piecesOf(text)
        for (const piece of pieces) {
          expect(utf8.encode(piece).length).toBeLessThanOrEqual(CHANNEL_MESSAGE_BYTES_MAX)
          // As the wire has it: half a character would not come back.
          expect(new TextDecoder().decode(utf8.encode(piece))).toBe(piece)
        }
        expect(joined(pieces).filter((one) => one !== null)).toEqual([text])
      }),
      { numRuns: 20 },
    )
  },
)

test('a short text goes as it is', () => {
  const text = JSON.stringify('x'.repeat(PIECE_CHARS_MAX - 2))
  expect(piecesOf(text)).toEqual([text])
})

test('whole texts may come between', () => {
  expect(joined(['+[', '{"t":"ping"}', '.]', '7'])).toEqual([null, '{"t":"ping"}', '[]', '7'])
})

test('pieces without an end are no text, and are let go of', () => {
  // Some of each are one text: hundreds of long ones are as much as hundreds of thousands of empty ones.
  const floods: [piece: string, times: number][] = [['+', 300_000], [`+${'x'.repeat(PIECE_CHARS_MAX)}`, 3_000]] // prettier-ignore
  for (const [piece, times] of floods) {
    const joining = new Joining()
    const results = Array.from({ length: times }, () => joining.add(piece)).filter((one) => one !== null)
    expect(results.length).toBeGreaterThan(0)
    expect(new Set(results)).toEqual(new Set(['+']))
  }
})

describe('by the golden values', () => {
  const file = new URL('../protocol/vectors/frames.json', import.meta.url)
  const values = JSON.parse(readFileSync(file, 'utf8')) as {
    joined: { messages: string[]; texts: string[] }[]
    cut: { unit: string; times: number; lengths: number[] }[]
  }
  test.each(values.joined)('$messages are $texts', ({ messages, texts }) => {
    expect(joined(messages).filter((one) => one !== null)).toEqual(texts)
  })

  test.each(values.cut)('$unit, $times times', ({ unit, times, lengths }) => {
    const text = unit.repeat(times)
    const pieces = piecesOf(text)
    expect(pieces.map(({ length }) => length)).toEqual(lengths)
    if (lengths.length > 1) expect(pieces.map((piece) => piece[0]).join('')).toBe('+'.repeat(lengths.length - 1) + '.')
  })
})
