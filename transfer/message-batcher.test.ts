import { afterEach, describe, expect, test, vi } from 'vitest'
import { decodeFrames } from '#protocol/frames.ts'
import { CONTROL_CHARS_MAX } from '#protocol/limits.ts'
import { connect, until, type End, type EndOptions } from './testing/ends.ts'
import { MemoryLane, nextTask } from './testing/lanes.ts'
import { bytesOf, hexHash, MemorySource } from './testing/quick.ts'
import type { Source } from './source.ts'
import { MessageBatcher } from './message-batcher.ts'

const ack = (i: number): string => `{"t":"ack","n":1,"i":${i}}`

/** A batcher, and the messages that left. */
function said(gapMs?: number): { words: MessageBatcher; sent: string[] } {
  const sent: string[] = []
  return { words: new MessageBatcher((text) => sent.push(text), gapMs), sent }
}

describe('words of one turn', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('leave together, in order; one alone leaves as it is', async () => {
    const { words, sent } = said()
    for (const i of [1, 2, 3]) words.say(ack(i))
    expect(sent).toEqual([])
    await until('the first message', () => sent.length > 0)
    words.say(ack(4))
    await until('the second message', () => sent.length > 1)
    expect(sent).toEqual([`[${[1, 2, 3].map(ack).join(',')}]`, ack(4)])
  })

  test('are never more in one message than the other side reads, nor longer than a channel takes', async () => {
    const { words, sent } = said()
    for (let i = 0; i < 600; i++) words.say(ack(i))
    const long = `{"t":"thumb","n":1,"data":"${'x'.repeat(8_000)}"}`
    for (let i = 0; i < 5; i++) words.say(long)
    words.say(`{"t":"thumb","n":1,"data":"${'x'.repeat(100_000)}"}`)
    words.flush()
    const counts = sent.map((text) => (text.startsWith('[') ? (JSON.parse(text) as unknown[]).length : 1))
    expect(counts.reduce((a, b) => a + b)).toBe(606)
    expect(Math.max(...counts)).toBe(256)
    expect(sent.filter((text) => text.length > 20_000).map((text) => text[0])).toEqual(['{'])
    expect(Math.max(...sent.map(({ length }) => length))).toBeLessThan(CONTROL_CHARS_MAX)
    await nextTask()
    expect(sent).toHaveLength(counts.length)
  })

  test('leave no closer together than they are told to', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const { words, sent } = said(20)
    words.say(ack(1))
    while (sent.length === 0) await nextTask()
    words.say(ack(2))
    await nextTask()
    vi.advanceTimersByTime(19)
    words.say(ack(3))
    await nextTask()
    expect(sent).toEqual([ack(1)])
    vi.advanceTimersByTime(1)
    expect(sent).toEqual([ack(1), `[${ack(2)},${ack(3)}]`])
  })

  test('leave at once when the lane ends', () => {
    const { words, sent } = said()
    words.say(ack(1))
    words.flush()
    words.flush()
    expect(sent).toEqual([ack(1)])
  })
})

describe('sessions that take several words at a time', () => {
  const phone = (many: boolean): Partial<EndOptions> => ({
    ports: { self: { name: 'phone', kind: 'page', many }, newBatcher: (send) => new MessageBatcher(send) },
  })
  const desktop = (many: boolean): Partial<EndOptions> => ({
    ports: { self: { name: 'desk', kind: 'desktop', many }, newBatcher: (send) => new MessageBatcher(send, 2) },
  })
  const batch = (files: number) => ({ id: 'b'.repeat(32), name: '', files, bytes: files * 10 })
  async function* sources(count: number): AsyncGenerator<Source, void, undefined> {
    for (let i = 0; i < count; i++) yield await Promise.resolve(new MemorySource(`${i}`, bytesOf(10 + i, i)))
  }
  const texts = ({ lane }: End): string[] => lane.sent.filter((data) => typeof data === 'string')
  const arrived = (end: End, count: number): void => {
    const whole = end.sinks.filter(({ state }) => state === 'finished')
    const hashes = new Map(whole.map((sink) => [sink.name, sink.sha256]))
    expect(whole).toHaveLength(count)
    for (let i = 0; i < count; i++) expect(hashes.get(`${i}`)).toBe(hexHash(bytesOf(10 + i, i)))
  }

  test('need far fewer messages than words for a crowd of small files', async () => {
    const ends = connect({}, phone(true), desktop(true))
    await until('hello', () => ends.phone.peers.length > 0 && ends.desktop.peers.length > 0)
    ends.phone.session.sendBatch(batch(100), sources(100))
    await until('all', () => ends.phone.told.ended.length === 100)
    arrived(ends.desktop, 100)
    for (const end of [ends.phone, ends.desktop]) {
      const words = texts(end).flatMap((text) => decodeFrames(text))
      expect(words.length).toBeGreaterThanOrEqual(300)
      expect(texts(end).length).toBeLessThan(words.length / 2)
    }
  })

  test.each([
    ['phone', false, true],
    ['desktop', true, false],
  ] as const)('never say them to a %s that has not said that it takes them', async (who, byPhone, byDesktop) => {
    const ends = connect({}, phone(byPhone), desktop(byDesktop))
    ends.phone.session.sendBatch(batch(20), sources(20))
    await until('all', () => ends.phone.told.ended.length === 20)
    arrived(ends.desktop, 20)
    const to = who === 'phone' ? ends.desktop : ends.phone
    expect(texts(to).filter((text) => text.startsWith('['))).toEqual([])
  })

  test('lose no file when lanes break while words wait', async () => {
    const ends = connect({ breakAfter: 40 }, phone(true), desktop(true))
    ends.phone.session.sendBatch(batch(60), sources(60))
    let lanes = 0
    while (ends.phone.told.ended.length < 60) {
      await nextTask()
      if (!ends.phone.lane.closed || !ends.desktop.lane.closed) continue
      expect(++lanes).toBeLessThan(60)
      const [a, b] = MemoryLane.pair({ breakAfter: 20 + lanes * 7 })
      ends.phone.join(a)
      ends.desktop.join(b)
    }
    expect(lanes).toBeGreaterThan(2)
    arrived(ends.desktop, 60)
    expect(ends.phone.told.ended.map(({ state }) => state)).toEqual(Array.from({ length: 60 }, () => 'done'))
    expect([...ends.phone.broken, ...ends.desktop.broken]).toEqual([])
  })
})
