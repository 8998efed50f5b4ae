import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Lines } from './terminal.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function written() {
  const writes: string[] = []
  return { writes, lines: new Lines((text) => writes.push(text)) }
}

test('lines that come together leave in one write, in order, and later ones in another', () => {
  const { writes, lines } = written()
  lines.say('a\n')
  lines.say('b\n')
  expect(writes).toEqual([])
  vi.runAllTimers()
  lines.say('c\n')
  vi.runAllTimers()
  expect(writes).toEqual(['a\nb\n', 'c\n'])
})

test('the end of the program waits for nothing, and says nothing twice', () => {
  const { writes, lines } = written()
  lines.say('a\n')
  lines.flush()
  lines.flush()
  vi.runAllTimers()
  expect(writes).toEqual(['a\n'])
})
