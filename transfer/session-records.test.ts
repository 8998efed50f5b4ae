import { describe, expect, test } from 'vitest'
import type { SyncedRecord } from '#protocol/records.ts'
import { ExportRequests } from './records/export-requests.ts'
import { RecordReplica } from './records/record-replica.ts'
import { RecordPublisher } from './records/record-publisher.ts'
import { RecordLog } from './records/record-log.ts'
import { Texts } from './records/texts.ts'
import type { SessionOptions } from './session.ts'
import { End, freshId, until } from './testing/ends.ts'
import { MemoryLane, type LaneOptions } from './testing/lanes.ts'
import { bytesOf, MemorySource } from './testing/quick.ts'
import { RecordsCopy } from './testing/records-copy.ts'

/** Records, exports and texts over the lanes of two sessions that are cut in the midst. */

const note = (i: number): SyncedRecord => ({ id: `r${i}`, kind: 'file', title: `${i}.txt`, size: 3, modified: i })

class Phone {
  readonly log = new RecordLog()
  readonly shown: string[] = []
  readonly given: string[] = []
  readonly texts = new Texts({ say: (f) => this.end.session.sync(f), newId: freshId, onText: (_, text) => void this.shown.push(text) }) // prettier-ignore
  readonly origin = new RecordPublisher({ say: (f) => this.end.session.sync(f), log: this.log, give: (id, ids) => this.#give(id, ids) }) // prettier-ignore
  readonly end: End

  constructor(lane: MemoryLane) {
    const ports: Partial<SessionOptions> = {
      self: { name: 'phone', kind: 'app', records: true, texts: true },
      onPeer: ({ texts }) => {
        this.origin.greeted()
        this.texts.greeted(texts)
      },
      onSync: (frame) => {
        this.origin.receive(frame)
        this.texts.receive(frame)
      },
    }
    this.end = new End(lane, { parity: 1, ports })
  }

  #give(id: string, ids: readonly string[] | null): string[] {
    const files = (ids ?? this.log.all().map((one) => one.id)).filter((one) => this.log.get(one) !== undefined)
    this.given.push(id)
    const sources = files.map((one) => new MemorySource(`${one}.txt`, bytesOf(3)))
    this.end.session.sendBatch({ id, name: 'export', files: files.length, bytes: 3 * files.length }, toAsync(sources))
    return (ids ?? []).filter((one) => !files.includes(one))
  }
}

class Desktop {
  readonly copy = new RecordsCopy()
  readonly shown: string[] = []
  readonly absent: string[] = []
  readonly keeper = new RecordReplica({ say: (f) => this.end.session.sync(f), cursor: () => this.copy.cursor, keep: (page) => this.copy.keep(page) }) // prettier-ignore
  readonly exports = new ExportRequests({ say: (f) => this.end.session.sync(f), newId: freshId, onAbsent: (_, ids) => void this.absent.push(...ids) }) // prettier-ignore
  readonly texts = new Texts({ say: (f) => this.end.session.sync(f), newId: freshId, onText: (_, text) => void this.shown.push(text) }) // prettier-ignore
  readonly end: End

  constructor(lane: MemoryLane) {
    const ports: Partial<SessionOptions> = {
      self: { name: 'desk', kind: 'desktop', texts: true },
      onPeer: ({ records, texts }) => {
        this.keeper.greeted(records)
        this.exports.greeted()
        this.texts.greeted(texts)
      },
      onSync: (frame) => {
        this.keeper.receive(frame)
        this.exports.receive(frame)
        this.texts.receive(frame)
      },
    }
    this.end = new End(lane, { parity: 0, ports })
  }

  /** As the desk does when a batch is announced. */
  begin(): void {
    for (const { id } of this.end.batches) this.exports.begun(id)
  }
}

async function* toAsync<T>(list: readonly T[]): AsyncGenerator<T> {
  for (const one of list) yield await Promise.resolve(one)
}

function connect(options: LaneOptions = {}) {
  const [a, b] = MemoryLane.pair(options)
  return { phone: new Phone(a), desktop: new Desktop(b) }
}
type Both = ReturnType<typeof connect>

function join({ phone, desktop }: Both, options: LaneOptions = {}): void {
  const [a, b] = MemoryLane.pair(options)
  phone.end.join(a)
  desktop.end.join(b)
}
/** Asked often: it compares each record only once the count is right. */
const isSame = ({ phone, desktop }: Both): boolean => {
  if (desktop.copy.size !== phone.log.size) return false
  const { all } = desktop.copy
  return phone.log.all().every((one) => JSON.stringify(one) === JSON.stringify(all[one.id]))
}
const unbroken = ({ phone, desktop }: Both): void => {
  expect([phone.end.broken, desktop.end.broken]).toEqual([[], []])
}

describe('a sync', () => {
  test('cut again and again goes on where it stopped', async () => {
    const both = connect({ breakAfter: 9 })
    for (let i = 0; i < 5_000; i++) both.phone.log.put(note(i))
    for (let cuts = 0; !isSame(both); cuts++) {
      expect(cuts).toBeLessThan(20)
      await until('cut, or all there', () => both.phone.end.lane.closed || isSame(both))
      if (both.phone.end.lane.closed) join(both, { breakAfter: 9 })
    }
    // Each of the ten pages was stored once: what was lost came again, what was there did not.
    expect(both.desktop.copy.pages).toBe(10)
    unbroken(both)
  })

  test.each(['phone', 'desktop'] as const)(
    'of which the lane is lost, seen by the %s, while another is open: no greeting follows, it goes on',
    async (side) => {
      const both = connect({ lingers: 20 })
      const first = both[side].end.lane
      for (let i = 0; i < 5_000; i++) both.phone.log.put(note(i))
      join(both)
      await until('some', () => both.desktop.copy.pages >= 3)
      first.close()
      await until('all', () => isSame(both))
      expect(both.desktop.copy.pages).toBe(10)
      unbroken(both)
    },
  )

  test('edits meanwhile arrive', async () => {
    const both = connect({ breakAfter: 12 })
    for (let i = 0; i < 3_000; i++) both.phone.log.put(note(i))
    await until('cut', () => both.phone.end.lane.closed)
    both.phone.log.put({ ...note(0), title: 'edited' })
    both.phone.log.remove('r1')
    both.phone.origin.changed()
    join(both)
    await until('all', () => isSame(both))
    both.phone.log.put({ ...note(2), title: 'later' })
    both.phone.origin.changed()
    await until('that, too', () => both.desktop.copy.all['r2']?.title === 'later')
    unbroken(both)
  })
})

describe('an export', () => {
  test.each([2, 4, 5, 6, 8, 12, 20])('cut after %i frames: its files arrive, once', async (breakAfter) => {
    const both = connect({ breakAfter })
    for (let i = 0; i < 6; i++) both.phone.log.put(note(i))
    const id = both.desktop.exports.ask(['r1', 'r3', 'gone'])
    await until('cut', () => both.phone.end.lane.closed)
    both.desktop.begin()
    join(both)
    await until('two files', () => both.desktop.end.told.ended.length === 2)
    both.desktop.begin()
    expect(both.desktop.end.sinks.filter(({ state }) => state === 'finished').map(({ name }) => name).sort()).toEqual(['r1.txt', 'r3.txt']) // prettier-ignore
    expect(both.desktop.end.told.ended.every((view) => view.batch === id)).toBe(true)
    expect([both.phone.given, both.desktop.absent, both.desktop.exports.waiting]).toEqual([[id], ['gone'], []])
    unbroken(both)
  }) // prettier-ignore

  test('of 2,500 records, asked for while the phone is away', async () => {
    const both = connect()
    for (let i = 0; i < 10; i++) both.phone.log.put(note(i))
    both.phone.end.lane.close()
    await until('away', () => both.desktop.end.session.lanes.length === 0)
    const id = both.desktop.exports.ask(Array.from({ length: 2_500 }, (_, i) => `r${i}`))
    join(both)
    await until('ten files', () => both.desktop.end.told.ended.length === 10)
    await until('the rest is absent', () => both.desktop.absent.length === 2_490)
    expect(both.phone.given).toEqual([id])
    unbroken(both)
  })
})

describe('texts', () => {
  test.each([1, 3, 4, 5, 6, 7, 9])('cut after %i frames: each is shown once, in both directions', async (breakAfter) => {
    const both = connect({ breakAfter })
    const { phone, desktop } = both
    for (const text of ['a', 'b', 'c']) {
      phone.texts.send(`${text} from the phone`)
      desktop.texts.send(`${text} from the desk`)
    }
    await until('cut', () => phone.end.lane.closed)
    join(both)
    await until('all heard', () => phone.texts.waiting.length + desktop.texts.waiting.length === 0)
    expect(desktop.shown.sort()).toEqual(['a', 'b', 'c'].map((text) => `${text} from the phone`))
    expect(phone.shown.sort()).toEqual(['a', 'b', 'c'].map((text) => `${text} from the desk`))
    unbroken(both)
  }) // prettier-ignore

  test('said over a lane that had died unseen: they come over one that greeted long ago', async () => {
    const both = connect()
    const { phone, desktop } = both
    const [first, firstThere] = [phone.end.lane, desktop.end.lane]
    join(both, { kind: 'socket' })
    phone.texts.send('before')
    await until('both lanes have greeted', () => phone.texts.waiting.length === 0 && phone.end.lane.delivered >= 2)
    first.fallSilent()
    phone.texts.send('from the phone')
    desktop.texts.send('from the desk')
    first.close()
    firstThere.close()
    await until('all heard', () => phone.texts.waiting.length + desktop.texts.waiting.length === 0)
    expect([desktop.shown, phone.shown]).toEqual([['before', 'from the phone'], ['from the desk']])
    unbroken(both)
  })
})

test('records in a circle end the session, as malformed', async () => {
  const { phone, desktop } = connect()
  const circle = { list: [note(1)], cursor: 'a', more: true, fresh: false }
  phone.log.page = () => circle
  await until('broken', () => desktop.end.broken.length > 0)
  expect(desktop.end.broken).toEqual(['malformed'])
})
