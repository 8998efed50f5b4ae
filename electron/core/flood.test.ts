import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodePart } from '#protocol/blocks.ts'
import { encodeFrame } from '#protocol/frames.ts'
import { CONTROL_CHARS_MAX } from '#protocol/limits.ts'
import { openMemoryStore } from '#store/database/open-store.ts'
import type { Store } from '#store/database/store.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { KINDS, messagesOf, samplesOf, type Variety } from '#transfer/testing/frame-samples.ts'
import { MemoryLane, nextTask } from '#transfer/testing/lanes.ts'
import { Core } from './core.ts'
import type { AppEvent } from './app-events.ts'
import { Network } from './devices/shown-link.ts'
import { dataFor, hubOn } from './testing/hub.ts'
import { RecordPhone } from './testing/record-phone.ts'
import { FakeWindow } from './testing/window.ts'

const COUNT = 10_000
/** Characters said for all of them: several times what waits here for a phone, and far below an answer to each. */
const ANSWERS_MAX = 12_000_000
/** Bytes of memory that are still held once it is over. */
const HELD_MAX = 150_000_000
/** Texts that wait for the phone, of so many characters: half a megabyte to say at each greeting. */
const TEXTS = 16
const TEXT_CHARS = 30_000

let inbox = ''
let store: Store
let core: Core
let events: AppEvent[]
/** What was posted to it in this test. */
let seen: FakeWindow

beforeEach(async () => {
  inbox = await mkdtemp(join(tmpdir(), 'lanyard-flood-'))
  store = openMemoryStore()
  events = []
  core = new Core({
    ...{ inbox, data: dataFor(inbox), name: 'Desk', token: '', store },
    network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
    onEvent: (event) => events.push(event),
    onChange: () => undefined,
  })
  core.start(hubOn(1))
})
afterEach(async () => {
  await core.close()
  store.close()
  for (const folder of [inbox, dataFor(inbox)]) await rm(folder, { recursive: true, force: true })
})

/** A phone that has proved itself, with a file under way in each direction and texts that wait for it; then it means ill. */
async function joined() {
  const { id } = core.links.current
  const device = core.deviceOf(id)!
  const window = (seen = new FakeWindow(() => device))
  core.attach(id, window)
  window.join()
  window.rejoin(new RecordPhone())
  await until('greeted', () => device.sync.takesTexts)
  for (let i = 0; i < TEXTS; i++) device.sync.send(`${i} ${'x'.repeat(TEXT_CHARS)}`)
  core.transferList.send(id, [new MemorySource('ours.bin', bytesOf(3_000_000))])
  // From now on nobody there listens.
  window.phone = null
  const said = (): number =>
    window.posted.reduce((sum, message) => sum + (message.t === 'data' ? message.data.length : 0), 0)
  const say = (data: string | Uint8Array): void => {
    window.say({ t: 'data', data })
  }
  const offer = { id: 'f'.repeat(32), name: 'theirs.bin', size: 5_000_000, mtime: 0, mime: '' }
  say(encodeFrame({ t: 'offer', n: 1, ...offer }))
  return { id, device, window, said, say }
}

/** Says all of it, and looks at what it costs. Returns the codes with which the conversation ended: none, or one. */
async function flood(messages: Iterable<string | Uint8Array>): Promise<readonly string[]> {
  const { window, said, say } = await joined()
  const before = { said: said(), held: process.memoryUsage().heapUsed }
  let count = 0
  for (const message of messages) {
    say(message)
    if (++count % 100 === 0) await nextTask()
  }
  core.state()
  await until('all is said', () => !isMoving(window))
  expect(said() - before.said).toBeLessThan(ANSWERS_MAX)
  expect(process.memoryUsage().heapUsed - before.held).toBeLessThan(HELD_MAX + said() - before.said)
  const codes = events.flatMap((event) => (event.event === 'error' ? [event.code] : []))
  for (const code of codes) expect(['overrun', 'malformed', 'version']).toContain(code)
  expect(codes.length).toBeLessThanOrEqual(1)
  return codes
}

/** How often this side has said why it ends the conversation. */
const closes = ({ posted }: FakeWindow): number =>
  posted.filter((one) => one.t === 'data' && typeof one.data === 'string' && one.data.includes('"close"')).length

/** In one message each is as it is alone; so those that are all one need not be said both ways. */
describe.each<[Variety, boolean]>([
  ['same', true],
  ['different', true],
  ['different', false],
])('10,000 of a kind, %s, together in messages: %s', (variety, together) => {
  test.each(KINDS)(
    '%s',
    async (kind) => {
      const codes = await flood(messagesOf(samplesOf(kind, COUNT, variety), together, CONTROL_CHARS_MAX))
      // Told once, as the last of all, and why.
      expect(closes(seen)).toBe(kind === 'close' ? 0 : codes.length)
    },
    60_000,
  )
})

const repeated = <T>(value: T, times = COUNT): readonly T[] => Array.from({ length: times }, () => value)
const OTHER = { name: 'x', mtime: 0, mime: '' }
const byte = (block: number, offset: number): Uint8Array =>
  encodePart({ n: 1, block, offset, payload: new Uint8Array(1) }).slice()

describe('what no program says', () => {
  test.each<[string, readonly string[], () => Iterable<string | Uint8Array>]>([
    ['unknown kinds', ['malformed'], () => repeated('{"t":"nothing"}')],
    ['empty lists', [], () => repeated('[]')],
    ['lists within lists', ['malformed'], () => repeated('['.repeat(60_000) + ']'.repeat(60_000), 200)],
    ['lists within a field', ['malformed'], () => repeated(`{"t":"resume","ns":${'['.repeat(60_000)}${']'.repeat(60_000)}}`, 200)], // prettier-ignore
    ['a field of fields', ['overrun'], () => repeated(`{"t":"remember","on":true,"x":${'{"x":'.repeat(2_000)}1${'}'.repeat(2_000)}}`, 200)], // prettier-ignore
    ['pieces of one text without an end', ['malformed'], () => repeated(`+${'x'.repeat(16_384)}`, 1_000)],
    ['pieces of nothing', ['malformed'], () => repeated('+ ', 140_000)],
    ['last pieces of nothing', ['malformed'], () => repeated('.')],
    ['pieces with whole frames between', ['overrun'], () => repeated(['+', '{"t":"changed"}']).flat()],
    ['lists in pieces', ['overrun'], () => repeated(['+[{"t":"res', '.ume","ns":[]}]']).flat()],
    ['parts of one byte', [], () => Array.from({ length: 20_000 }, (_, i) => byte(0, i))],
    ['the same byte', [], () => repeated(byte(0, 0), 20_000)],
    ['parts of nothing, of no file', ['malformed'], () => repeated(encodePart({ n: 3, block: 0, offset: 0, payload: new Uint8Array(0) }).slice())], // prettier-ignore
    ['files offered and called off', [], () => Array.from({ length: 2_000 }, (_, i) => [
      encodeFrame({ t: 'offer', n: 2 * i + 3, id: i.toString(16).padStart(32, '0'), size: 2_000_000, ...OTHER }),
      encodeFrame({ t: 'stop', n: 2 * i + 3, code: 'cancelled' }),
    ]).flat()], // prettier-ignore
    ['long lists of blocks', ['malformed'], () => repeated(encodeFrame({ t: 'accept', n: 2, have: 'A'.repeat(200_000) }), 200)], // prettier-ignore
    ['numbers that no clock and no disk has', ['malformed'], () => repeated(`{"t":"records","since":"","list":[{"id":"1","kind":"x","title":"","modified":1e308}],"cursor":"1","more":false,"fresh":true}`)], // prettier-ignore
    ['minus nothing', ['overrun'], () => repeated(`{"t":"records","since":"","list":[{"id":"1","kind":"x","title":"","modified":-0,"size":-0}],"cursor":"1","more":false,"fresh":true}`)], // prettier-ignore
  ])(
    '%s',
    async (_, expected, messages) => {
      expect(await flood(messages())).toEqual(expected)
      expect(closes(seen)).toBe(expected.length)
    },
    60_000,
  )
})

test('two lanes in turn are no way around what one may say', async () => {
  const { device, window, say, said } = await joined()
  const [far, near] = MemoryLane.pair({ kind: 'socket' })
  device.addLane(near)
  const came: (string | Uint8Array)[] = []
  far.listen({ onFrame: (data) => came.push(data), onClose: () => undefined })
  const hello = encodeFrame({ t: 'hello', v: 2, name: 'x', kind: 'page', texts: true, records: true })
  const before = said()
  for (let i = 0; i < COUNT && !far.closed; i++) {
    for (const frame of [hello, '{"t":"resume","ns":[]}']) {
      say(frame)
      far.send(frame)
    }
    if (i % 10 === 9) await nextTask()
  }
  await until('all is said', () => !isMoving(window))
  expect(far.closed).toBe(true)
  expect(events.filter(({ event }) => event === 'error')).toMatchObject([{ code: 'overrun' }])
  expect(said() - before + came.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(ANSWERS_MAX)
})

let last = -1
/** More was said since it was asked last. */
function isMoving({ posted }: FakeWindow): boolean {
  const moved = posted.length !== last
  last = posted.length
  return moved
}

test('a phone that says more of a kind than any honest one is told why, once, and cut off', async () => {
  const { device, window, say } = await joined()
  for (let i = 0; i < 100; i++) say(encodeFrame({ t: 'hello', v: 2, name: 'x', kind: 'page' }))
  await until('cut off', () => window.posted.some(({ t }) => t === 'close-lane'))
  const texts = window.posted.flatMap((message) =>
    message.t === 'data' && typeof message.data === 'string' ? [message.data] : [],
  )
  expect(texts.at(-1)).toContain('{"t":"close","code":"overrun"}')
  expect(events.filter(({ event }) => event === 'error')).toMatchObject([{ code: 'overrun' }])
  expect(device.view().trouble).toBe('overrun')
  // It does as it is told, and does not come back: a person here should still know why.
  window.say({ t: 'lane-closed' })
  window.say({ t: 'left' })
  expect(device.view()).toMatchObject({ state: 'away', trouble: 'overrun' })
  say(encodePart({ n: 1, block: 0, offset: 0, payload: new Uint8Array(1) }))
})

test('what the phone says when it ends the conversation is shown and logged', async () => {
  const { device, say } = await joined()
  say(encodeFrame({ t: 'close', code: 'malformed' }))
  expect(events.filter(({ event }) => event === 'error')).toMatchObject([{ code: 'malformed' }])
  expect(device.view().trouble).toBe('malformed')
})
