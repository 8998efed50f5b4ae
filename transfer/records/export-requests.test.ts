import { describe, expect, test } from 'vitest'
import { ProtocolError } from '#protocol/errors.ts'
import type { SyncFrame } from '#protocol/frames.ts'
import { EXPORT_IDS_MAX } from '#protocol/limits.ts'
import { freshId } from '#transfer/testing/ends.ts'
import { nextTask } from '#transfer/testing/lanes.ts'
import { LooseWire } from '#transfer/testing/loose-wire.ts'
import { ExportRequests } from './export-requests.ts'
import { RecordPublisher, type RecordPublisherPorts } from './record-publisher.ts'
import { RecordLog } from './record-log.ts'

/** Both sides of exports, over a wire. */

function open(give: RecordPublisherPorts['give']) {
  const wire = new LooseWire()
  const given: [string, readonly string[] | null][] = []
  const absent: [string, readonly string[]][] = []
  const exports = new ExportRequests({
    say: wire.say('toPhone'),
    newId: freshId,
    onAbsent: (id, ids) => absent.push([id, ids]),
  })
  const origin = new RecordPublisher({
    say: wire.say('toDesk'),
    log: new RecordLog(),
    give: (id, ids) => {
      given.push([id, ids])
      return give(id, ids)
    },
  })
  wire.onArrive('toPhone', (frame) => origin.receive(frame)) // prettier-ignore
  wire.onArrive('toDesk', (frame) => exports.receive(frame)) // prettier-ignore
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      wire.settle()
      await nextTask()
    }
  }
  return { wire, exports, origin, given, absent, settle }
}
const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `r${i}`)

test('some records: the origin gives them under the id of the export', async () => {
  const { exports, given, absent, settle } = open(() => [])
  const id = exports.ask(['a', 'b'])
  await settle()
  expect([given, absent]).toEqual([[[id, ['a', 'b']]], []])
  expect([exports.waiting, exports.begun(id), exports.waiting]).toEqual([[id], true, []])
  expect([exports.isOurs(id), exports.begun(freshId())]).toEqual([true, false])
})

test('all records: no ids', async () => {
  const { exports, given, settle } = open(() => [])
  const id = exports.ask([])
  await settle()
  expect(given).toEqual([[id, null]])
})

test.each([299, 300, 301, 2_500, 100_000])('%i ids in frames of 300', async (count) => {
  const { wire, exports, given, absent, settle } = open((_, ids) => ids)
  const id = exports.ask(many(count))
  expect(wire.way.toPhone).toHaveLength(Math.ceil(count / EXPORT_IDS_MAX))
  await settle()
  expect(given).toEqual([[id, many(count)]])
  // All absent, in as many frames; then nothing is waited for.
  expect(absent.flatMap(([, ids]) => ids)).toEqual(many(count))
  expect(exports.waiting).toEqual([])
})

test('too many at once are refused here', () => {
  const { exports } = open(() => [])
  expect(() => exports.ask(many(100_001))).toThrow(RangeError)
  for (let i = 0; i < 64; i++) exports.ask([])
  expect(() => exports.ask([])).toThrow(RangeError)
})

describe('asked again', () => {
  test('at each greeting until the batch is announced; the origin gives it once', async () => {
    const { exports, given, wire, settle } = open(() => ['b'])
    const id = exports.ask(['a', 'b'])
    await settle()
    exports.greeted()
    await settle()
    expect(given).toHaveLength(1)
    exports.begun(id)
    exports.greeted()
    expect(wire.way.toPhone).toEqual([])
  })

  test('what is absent is told once, and again by the origin if it was lost', async () => {
    const { exports, absent, wire, settle } = open(() => ['b'])
    const id = exports.ask(['a', 'b'])
    wire.deliver('toPhone')
    await nextTask()
    wire.loseAll()
    expect(absent).toEqual([])
    for (let i = 0; i < 2; i++) {
      exports.greeted()
      await settle()
    }
    expect(absent).toEqual([[id, ['b']]])
  })

  test('not after it has begun: what is absent is said again by itself', async () => {
    const { exports, origin, absent, wire, settle } = open(() => ['b'])
    const id = exports.ask(['a', 'b'])
    wire.deliver('toPhone')
    await nextTask()
    wire.loseAll()
    exports.begun(id)
    exports.greeted()
    origin.greeted()
    await settle()
    expect(absent).toEqual([[id, ['b']]])
  })

  test('after the first of its frames was all that came', async () => {
    const { exports, given, wire, settle } = open(() => [])
    const id = exports.ask(many(2_500))
    wire.deliver('toPhone')
    wire.loseAll()
    exports.greeted()
    await settle()
    expect(given).toEqual([[id, many(2_500)]])
  })

  test('of a phone that began anew: it is given again', async () => {
    const first = open(() => [])
    const id = first.exports.ask(['a'])
    await first.settle()
    const next = open(() => [])
    next.origin.receive({ t: 'export', id, ids: ['a'] })
    expect(next.given).toHaveLength(1)
  })

  test('while the phone is away it waits, and may be forgotten', async () => {
    const { exports, wire, given, settle } = open(() => [])
    const kept = exports.ask(['a'])
    const id = exports.ask(['b'])
    wire.loseAll()
    exports.forget(id)
    exports.greeted()
    await settle()
    expect([given, exports.isOurs(id)]).toEqual([[[kept, ['a']]], false])
  })
})

describe('nothing to give', () => {
  test.each([['says so', () => null], ['all ids', () => ['a', 'b']], ['throws', () => Promise.reject(new Error('gone'))]])('%s: no batch is waited for', async (_, give) => {
    const { exports, absent, settle } = open(give)
    const id = exports.ask(['a', 'b'])
    await settle()
    expect([absent, exports.waiting]).toEqual([[[id, ['a', 'b']]], []])
  }) // prettier-ignore

  test('of all there is', async () => {
    const { exports, absent, settle } = open(() => null)
    const id = exports.ask([])
    await settle()
    expect([absent, exports.waiting]).toEqual([[[id, []]], []])
  })

  test('a record goes missing after the batch was announced', async () => {
    let end = (_: string[]): void => undefined
    const { exports, absent, settle } = open(() => new Promise((resolve) => (end = resolve)))
    const id = exports.ask(['a', 'b'])
    await settle()
    exports.begun(id)
    end(['b'])
    await settle()
    expect(absent).toEqual([[id, ['b']]])
  })
})

describe('a hostile other side', () => {
  const absent = (id: string, ids: string[], more?: true): SyncFrame => ({
    t: 'export-missing',
    id,
    ids,
    ...(more && { more }),
  })

  test('absent: what was not asked for, in an export that was or was not', () => {
    const { exports, absent: told } = open(() => [])
    const id = exports.ask(['a'])
    exports.receive(absent(freshId(), ['a']))
    exports.receive(absent(id, ['b', 'b', '__proto__']))
    exports.receive(absent(id, []))
    expect([told, exports.waiting]).toEqual([[], [id]])
  })

  test('absent without end is an overrun', () => {
    const { exports } = open(() => [])
    const id = exports.ask([])
    const flood = (): void => {
      for (let i = 0; i <= 100; i++) exports.receive(absent(id, many(1_000).map((one) => `${i} ${one}`), true)) // prettier-ignore
    }
    expect(flood).toThrow(ProtocolError)
  })

  test('an export without end is an overrun; the same ids again are not', () => {
    const { origin, given } = open(() => [])
    const id = freshId()
    for (let i = 0; i < 200; i++) origin.receive({ t: 'export', id, ids: many(1_000), more: true })
    const flood = (): void => {
      for (let i = 0; i <= 100; i++) origin.receive({ t: 'export', id, ids: many(1_000).map((one) => `${i} ${one}`), more: true }) // prettier-ignore
    }
    expect(flood).toThrow(ProtocolError)
    expect(given).toEqual([])
  })

  test('many exports that are never completed: the last ones are kept', () => {
    const { origin, given } = open(() => [])
    const ids = Array.from({ length: 100 }, freshId)
    for (const id of ids) origin.receive({ t: 'export', id, ids: ['a'], more: true })
    origin.receive({ t: 'export', id: ids.at(-1)!, ids: ['b'] })
    expect(given).toEqual([[ids.at(-1), ['a', 'b']]])
  })
})
