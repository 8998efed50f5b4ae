import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { encodePart } from '#protocol/blocks.ts'
import { encodeFrame, type Frame } from '#protocol/frames.ts'
import { CONTROL_CHARS_MAX, UNFINISHED_MAX } from '#protocol/limits.ts'
import { speak } from '#messages/locale'
import { until } from '#transfer/testing/ends.ts'
import { KINDS, messagesOf, samplesOf, type Variety } from '#transfer/testing/frame-samples.ts'
import { MemoryLane, nextTask } from '#transfer/testing/lanes.ts'
import { MemoryStorage } from './extras/testing/memory-storage.ts'
import { PageStore } from './page-store.ts'
import type { PhoneLinkEvents } from './phone-link.svelte.ts'

const COUNT = 10_000
/** Characters said for all of them: several times what waits here for a computer, and far below an answer to each. */
const ANSWERS_MAX = 12_000_000
/** Bytes of memory that are still held once it is over. */
const HELD_MAX = 150_000_000
/** Files that have ended, that move, and that wait to be offered again. */
const ROWS_MAX = 501 + 256 + 1_024
/** Batches of the other side that go on, and that are over. */
const BATCHES_MAX = 600
/** Texts of this phone that wait for the computer, of so many characters. */
const TEXTS = 16
const TEXT_CHARS = 30_000

speak(['en'])

beforeEach(() => {
  const tab = new MemoryStorage()
  const texts = Array.from({ length: TEXTS }, (_, i) => ({ id: i.toString(16).padStart(32, '0'), text: 'x'.repeat(TEXT_CHARS), direction: 'out', heard: false })) // prettier-ignore
  tab.setItem('lanyard-texts.', JSON.stringify(texts))
  vi.stubGlobal('sessionStorage', tab)
  vi.stubGlobal('localStorage', new MemoryStorage())
  vi.stubGlobal('location', { hash: '', host: 'hub', pathname: '/', origin: 'http://hub' })
  vi.stubGlobal('navigator', { userAgent: '', maxTouchPoints: 0 })
  vi.stubGlobal('addEventListener', () => undefined)
  vi.stubGlobal('document', { querySelector: () => null, createElement: () => ({ click: () => undefined }) })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

/** A computer that has proved itself, with a file under way in each direction and texts that wait for it; then it means ill. */
async function joined() {
  const { Phone } = await import('./phone.svelte.ts')
  const { PhoneLink } = await import('./phone-link.svelte.ts')
  const stores = { tab: new PageStore(() => sessionStorage), browser: new PageStore(() => localStorage) }
  let events!: PhoneLinkEvents
  const phone = new Phone((told) => new PhoneLink(stores, (events = told)))
  const [near, far] = MemoryLane.pair()
  // Nobody there listens.
  far.listen({ onFrame: () => undefined, onClose: () => undefined })
  events.onLane(near)
  const say = (data: string | Uint8Array): void => {
    near.inject(data)
  }
  const told = (): string => near.sent.filter((data) => typeof data === 'string').join('\n')
  say(encodeFrame({ t: 'hello', v: 2, name: 'Desk', kind: 'desktop', texts: true, many: true }))
  say(encodeFrame({ t: 'sync', cursor: '' }))
  await until('its second script is there', () => told().includes('"records"'))
  phone.send([new File([new Uint8Array(3_000_000)], 'ours.bin')])
  say(encodeFrame({ t: 'offer', n: 2, id: 'f'.repeat(32), name: 'theirs.bin', size: 5_000_000, mtime: 0, mime: '' }))
  await until('both are offered', () => told().includes('"offer"') && told().includes('"accept"'))
  return { phone, near, say, told, events }
}

/** Says all of it, and looks at what it costs. Returns why the conversation ended: null, or a code. */
async function flood(messages: Iterable<string | Uint8Array>): Promise<string | null> {
  const { phone, near, say, told } = await joined()
  const said = (): number => near.sent.reduce((sum, { length }) => sum + length, 0)
  const before = { said: said(), held: process.memoryUsage().heapUsed }
  let count = 0
  for (const message of messages) {
    say(message)
    if (++count % 100 === 0) await nextTask()
  }
  for (let last = -1; last !== near.sent.length;) {
    last = near.sent.length
    await nextTask()
  }
  // Rows are shown a moment later.
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(said() - before.said).toBeLessThan(ANSWERS_MAX)
  expect(process.memoryUsage().heapUsed - before.held).toBeLessThan(HELD_MAX + said() - before.said)
  expect(phone.transfers.length).toBeLessThanOrEqual(ROWS_MAX)
  expect(phone.batches.length).toBeLessThanOrEqual(BATCHES_MAX)
  expect(phone.unfinished.length).toBeLessThanOrEqual(UNFINISHED_MAX)
  expect(phone.refusals.length).toBeLessThanOrEqual(32)
  if (phone.connection !== 'refused') return null
  // Told once, as the last of all, and why.
  expect(told().match(/"close"/g) ?? []).toHaveLength(1)
  return phone.reason
}

/** What is said of the computer's own files, which have even numbers. */
const OF_ITS_FILES: ReadonlySet<Frame['t']> = new Set<Frame['t']>(['offer', 'thumb', 'block', 'end', 'download', 'download-progress']) // prettier-ignore
const numbered = (frame: Frame): Frame =>
  OF_ITS_FILES.has(frame.t) && 'n' in frame ? { ...frame, n: frame.n + 1 } : frame

/** In one message each is as it is alone; so those that are all one need not be said both ways. */
describe.each<[Variety, boolean]>([
  ['same', true],
  ['different', true],
  ['different', false],
])('10,000 of a kind, %s, together in messages: %s', (variety, together) => {
  test.each(KINDS.filter((kind) => kind !== 'close'))(
    '%s',
    async (kind) => {
      const frames = samplesOf(kind, COUNT, variety).map(numbered)
      expect([null, 'overrun', 'malformed', 'version']).toContain(
        await flood(messagesOf(frames, together, CONTROL_CHARS_MAX)),
      )
    },
    60_000,
  )
})

const repeated = <T>(value: T, times = COUNT): readonly T[] => Array.from({ length: times }, () => value)
const part = (n: number, block: number): Uint8Array =>
  encodePart({ n, block, offset: 0, payload: new Uint8Array(1) }).slice()

test.each<[string, string | null, () => Iterable<string | Uint8Array>]>([
  ['greetings', 'overrun', () => repeated('{"t":"hello","v":2,"name":"x","kind":"desktop","texts":true}')],
  ['texts', 'overrun', () => Array.from({ length: 1_000 }, (_, i) => encodeFrame({ t: 'text', id: i.toString(16).padStart(32, '0'), text: 'x'.repeat(30_000) }))],
  ['questions for records', 'overrun', () => repeated('{"t":"sync","cursor":""}')],
  ['keys', 'overrun', () => repeated(`{"t":"credentials","id":"${'x'.repeat(22)}","key":"${'y'.repeat(43)}"}`)],
  ['files of nothing', null, () => Array.from({ length: 2_000 }, (_, i) => [
    encodeFrame({ t: 'offer', n: 2 * i + 4, id: i.toString(16).padStart(32, '0'), name: 'x', size: 2_000_000, mtime: 0, mime: '' }),
    encodeFrame({ t: 'stop', n: 2 * i + 4, code: 'cancelled' }),
  ]).flat()],
  ['parts of one byte', null, () => Array.from({ length: COUNT }, (_, i) => part(2, i % 5))],
  ['parts of no file', 'malformed', () => repeated(part(8, 0))],
])('%s', async (_, code, messages) => {
  expect(await flood(messages())).toBe(code)
}, 60_000) // prettier-ignore

test('a computer that says more of a kind than any honest one is told why, and its person may try again', async () => {
  const { phone, say, told, near } = await joined()
  for (let i = 0; i < 100; i++) say(encodeFrame({ t: 'hello', v: 2, name: 'x', kind: 'desktop' }))
  await until('told', () => told().includes('{"t":"close","code":"overrun"}'))
  expect([phone.connection, phone.reason, phone.lane]).toEqual(['refused', 'overrun', null])
  await until('cut off', () => near.closed)
})

test('what the computer says when it ends the conversation is shown', async () => {
  const { phone, say } = await joined()
  for (let i = 0; i < COUNT; i++) say(encodeFrame({ t: 'close', code: 'malformed' }))
  expect([phone.connection, phone.reason]).toEqual(['refused', 'malformed'])
})
