import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodePart } from '#protocol/blocks.ts'
import { encodeFrame, type Frame } from '#protocol/frames.ts'
import { CONTROL_CHARS_MAX } from '#protocol/limits.ts'
import { openMemoryStore } from '#store/database/open-store.ts'
import type { Store } from '#store/database/types.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { KINDS, messagesOf, sampleOf, type Variety } from '#transfer/testing/frame-samples.ts'
import { nextTask } from '#transfer/testing/lanes.ts'
import { Desk } from './desk.ts'
import type { DeskEvent } from './events.ts'
import { Network } from './network.ts'
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
let desk: Desk
let events: DeskEvent[]

beforeEach(async () => {
  inbox = await mkdtemp(join(tmpdir(), 'lanyard-flood-'))
  store = openMemoryStore()
  events = []
  desk = new Desk({
    ...{ inbox, data: dataFor(inbox), name: 'Desk', token: '', sendFirst: [], store },
    network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
    onEvent: (event) => events.push(event),
    onChange: () => undefined,
  })
  desk.start(hubOn(1))
})
afterEach(async () => {
  await desk.close()
  store.close()
  for (const folder of [inbox, dataFor(inbox)]) await rm(folder, { recursive: true, force: true })
})

/** A phone that has proved itself, with a file under way in each direction and texts that wait for it; then it means ill. */
async function joined() {
  const { id } = desk.links.current
  const device = desk.deviceOf(id)!
  const window = new FakeWindow(() => device)
  desk.attach(id, window)
  window.join()
  window.rejoin(new RecordPhone())
  await until('greeted', () => device.talk.takesTexts)
  for (let i = 0; i < TEXTS; i++) device.talk.send(`${i} ${'x'.repeat(TEXT_CHARS)}`)
  desk.board.send(id, [new MemorySource('ours.bin', bytesOf(3_000_000))])
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

describe.each(['same', 'different'] as const)('%s: 10,000 of a kind', (variety: Variety) => {
  describe.each([true, false])('together in messages: %s', (together) => {
    test.each(KINDS)(
      '%s',
      async (kind) => {
        const { window, said, say } = await joined()
        const before = { said: said(), events: events.length, held: process.memoryUsage().heapUsed }
        const frames: Frame[] = Array.from({ length: COUNT }, (_, i) => sampleOf(kind, i, variety))
        for (const [i, message] of messagesOf(frames, together, CONTROL_CHARS_MAX).entries()) {
          say(message)
          if (i % 100 === 99) await nextTask()
        }
        desk.state()
        await until('all is said', () => !isMoving(window))
        expect(said() - before.said).toBeLessThan(ANSWERS_MAX)
        expect(process.memoryUsage().heapUsed - before.held).toBeLessThan(HELD_MAX + said() - before.said)
        const codes = events.flatMap((event) => (event.event === 'error' ? [event.code] : []))
        for (const code of codes) expect(['overrun', 'malformed', 'version']).toContain(code)
        // Told once, as the last of all, and why.
        const closes = window.posted.filter(({ t }) => t === 'data').flatMap((m) => ('data' in m && typeof m.data === 'string' && m.data.includes('"close"') ? [m.data] : [])) // prettier-ignore
        expect(closes).toHaveLength(kind === 'close' ? 0 : codes.length)
      },
      60_000,
    )
  })
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
  say(encodePart({ n: 1, block: 0, offset: 0, payload: new Uint8Array(1) }))
})

test('what the phone says when it ends the conversation is shown and logged', async () => {
  const { device, say } = await joined()
  say(encodeFrame({ t: 'close', code: 'malformed' }))
  expect(events.filter(({ event }) => event === 'error')).toMatchObject([{ code: 'malformed' }])
  expect(device.view().trouble).toBe('malformed')
})
