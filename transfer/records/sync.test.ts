import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SyncedRecord } from '#protocol/records.ts'
import { LooseWire, type Way } from '../testing/loose-wire.ts'
import { RecordsCopy } from '../testing/records-copy.ts'
import { RecordReplica } from './record-replica.ts'
import { RecordPublisher } from './record-publisher.ts'
import { RecordLog, type RecordLogState } from './record-log.ts'

/** A replica, a publisher and its log together, over a wire that does what it likes. */

const note = (id: string, title = id, modified = 0): SyncedRecord => ({ id, kind: 'note', title, modified })

class Pair {
  readonly wire = new LooseWire()
  readonly copy = new RecordsCopy()
  readonly failures: unknown[] = []
  keeper = this.#newKeeper()
  log = new RecordLog()
  origin = this.#newOrigin()
  #saved: RecordLogState = this.log.save()

  constructor() {
    this.wire.onArrive('toDesk', (frame) => {
      this.keeper.receive(frame)
    })
    this.wire.onArrive('toPhone', (frame) => {
      this.origin.receive(frame)
    })
  }

  get isSame(): boolean {
    return JSON.stringify(sorted(Object.values(this.copy.all))) === JSON.stringify(sorted(this.log.all()))
  }

  greet(): void {
    this.keeper.greeted(true)
    this.origin.greeted()
  }

  put(...records: SyncedRecord[]): void {
    for (const record of records) {
      this.log.put(record)
      this.origin.changed()
    }
  }

  remove(id: string): void {
    if (this.log.remove(id)) this.origin.changed()
  }

  /** A new lane, after which everything is delivered in order. */
  settle(max?: number): number {
    this.wire.loseAll()
    this.greet()
    return this.wire.settle(max)
  }

  save(): void {
    this.#saved = this.log.save()
  }

  /** The page is loaded anew, from what it saved last. */
  reload(state = this.#saved): void {
    this.wire.loseAll()
    this.log = new RecordLog(JSON.parse(JSON.stringify(state)) as RecordLogState)
    this.origin = this.#newOrigin()
  }

  /** The computer's app starts anew; its copy is on the disk. */
  restart(): void {
    this.wire.loseAll()
    this.keeper = this.#newKeeper()
  }

  #newKeeper(): RecordReplica {
    return new RecordReplica({
      say: this.wire.say('toPhone'),
      cursor: () => this.copy.cursor,
      keep: (page) => {
        this.copy.keep(page)
      },
      onFailed: (error) => this.failures.push(error),
    })
  }

  #newOrigin(): RecordPublisher {
    return new RecordPublisher({ say: this.wire.say('toDesk'), log: this.log, give: () => [] })
  }
}

const sorted = (records: readonly SyncedRecord[]): SyncedRecord[] =>
  [...records].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))

describe('in order', () => {
  test('records, edits and deletions arrive, and only what changed', () => {
    const pair = new Pair()
    pair.put(note('a'), note('b'), note('c'))
    pair.settle()
    expect(pair.copy.all).toEqual({ a: note('a'), b: note('b'), c: note('c') })
    pair.put(note('b', 'B', 5))
    pair.remove('a')
    expect(pair.wire.way.toDesk).toEqual(['{"t":"changed"}'])
    pair.wire.deliver('toDesk')
    pair.wire.deliver('toPhone')
    const { list, fresh } = JSON.parse(pair.wire.way.toDesk[0]!) as { list: SyncedRecord[]; fresh: boolean }
    expect([list.map(({ id, deleted = false }) => [id, deleted]), fresh]).toEqual([[['b', false], ['a', true]], false]) // prettier-ignore
    pair.wire.settle()
    expect(pair.copy.all).toEqual({ b: note('b', 'B', 5), c: note('c') })
  })

  test('nothing to tell costs one question and one answer', () => {
    const pair = new Pair()
    pair.put(note('a'))
    pair.settle()
    expect(pair.settle()).toBe(2)
    expect(pair.isSame).toBe(true)
  })

  test('many changes before the keeper asks are one `changed`', () => {
    const pair = new Pair()
    pair.settle()
    for (let i = 0; i < 100; i++) pair.put(note(String(i)))
    expect(pair.wire.way.toDesk).toEqual(['{"t":"changed"}'])
    pair.wire.settle()
    expect(pair.isSame).toBe(true)
  })

  test('edits and deletions while the pages come', () => {
    const pair = new Pair()
    for (let i = 0; i < 2_000; i++) pair.put(note(String(i)))
    pair.greet()
    for (let page = 0; page < 3; page++) {
      pair.wire.deliver('toPhone')
      pair.wire.deliver('toDesk')
      pair.put(note('0', `edited ${page}`), note(`new ${page}`))
      pair.remove(String(1_999 - page))
      pair.remove(String(10 + page))
    }
    pair.wire.settle()
    expect(pair.isSame).toBe(true)
    expect(pair.copy.all['0']?.title).toBe('edited 2')
  })

  test('a deleted record that comes back is there, also when the clock stands still', () => {
    const pair = new Pair()
    pair.put(note('a', 'first', 10))
    pair.settle()
    pair.remove('a')
    pair.put(note('a', 'again', 10))
    pair.wire.settle()
    expect(pair.copy.all['a']?.title).toBe('again')
  })
})

describe('a cut', () => {
  test('the sync goes on where it stopped', () => {
    const pair = new Pair()
    for (let i = 0; i < 5_000; i++) pair.put(note(String(i)))
    pair.greet()
    for (let i = 0; i < 8; i++) pair.wire.deliver(i % 2 === 0 ? 'toPhone' : 'toDesk')
    expect(pair.copy.pages).toBe(4)
    // Six pages are left, and the question for each.
    expect(pair.settle()).toBe(12)
    expect([pair.copy.pages, pair.isSame]).toEqual([10, true])
  })

  test('of a first sync: what is deleted meanwhile is gone, also after both began anew', () => {
    const pair = new Pair()
    for (let i = 0; i < 1_200; i++) pair.put(note(String(i)))
    pair.greet()
    pair.wire.deliver('toPhone')
    pair.wire.deliver('toDesk')
    pair.remove('3')
    pair.remove('1100')
    pair.save()
    pair.reload()
    pair.restart()
    pair.settle()
    expect([pair.copy.pages, pair.isSame, '3' in pair.copy.all, '1100' in pair.copy.all]).toEqual([
      3,
      true,
      false,
      false,
    ])
  })

  test('a `changed` that was lost is found at the next greeting', () => {
    const pair = new Pair()
    pair.settle()
    pair.put(note('a'))
    pair.settle()
    expect(pair.isSame).toBe(true)
  })

  test('the disk is full: the page comes again, and nothing is skipped', () => {
    const pair = new Pair()
    for (let i = 0; i < 1_500; i++) pair.put(note(String(i)))
    pair.copy.failsAfter = 1
    pair.settle()
    expect([pair.copy.pages, pair.failures.length]).toEqual([1, 1])
    pair.copy.failsAfter = Infinity
    pair.put(note('more'))
    pair.settle()
    expect([pair.copy.pages, pair.isSame]).toEqual([4, true])
  })
})

describe('another log', () => {
  test('a cursor that is not known: all there is comes, and what is not among it goes', () => {
    const pair = new Pair()
    pair.put(note('a', 'old', 1_000), note('b'))
    pair.settle()
    pair.reload(new RecordLog().save())
    // Its clock went back: within another generation that does not matter.
    pair.put(note('a', 'new', 5), note('c'))
    pair.settle()
    expect(pair.copy.all).toEqual({ a: note('a', 'new', 5), c: note('c') })
  })

  test('a reload that saved all goes on; one that did not begins anew, and leaves no ghosts', () => {
    const pair = new Pair()
    pair.put(note('a'))
    pair.save()
    pair.settle()
    pair.reload()
    expect(pair.log.page(pair.copy.cursor).fresh).toBe(false)
    pair.put(note('ghost'))
    pair.settle()
    pair.reload()
    expect(pair.log.page(pair.copy.cursor).fresh).toBe(true)
    pair.put(note('b'))
    pair.settle()
    expect(Object.keys(pair.copy.all)).toEqual(['a', 'b'])
  })
})

describe('any order', () => {
  const id = fc.integer({ min: 0, max: 30 }).map(String)
  const way = fc.constantFrom<Way>('toDesk', 'toPhone')
  const place = fc.nat(5)
  type Act = (pair: Pair) => void
  const act: fc.Arbitrary<Act> = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(id, fc.string(), fc.nat(9)).map<Act>(([i, title, at]) => (pair) => pair.put(note(i, title, at))) },
    { weight: 1, arbitrary: id.map<Act>((i) => (pair) => pair.remove(i)) },
    { weight: 8, arbitrary: fc.tuple(way, place).map<Act>(([to, at]) => ({ wire }) => wire.deliver(to, at)) },
    { weight: 2, arbitrary: fc.tuple(way, place).map<Act>(([to, at]) => ({ wire }) => wire.deliver(to, at, true)) },
    { weight: 1, arbitrary: fc.tuple(way, place).map<Act>(([to, at]) => ({ wire }) => wire.lose(to, at)) },
    { weight: 2, arbitrary: fc.constant<Act>((pair) => pair.greet()) },
    { weight: 1, arbitrary: fc.constantFrom<Act>((pair) => pair.save(), (pair) => pair.reload(), (pair) => pair.restart()) },
    // A crowd, so that there are several pages.
    { weight: 1, arbitrary: fc.integer({ min: 400, max: 900 }).map<Act>((count) => (pair) => pair.put(...Array.from({ length: count }, (_, i) => note(`crowd ${i}`)))) },
  ) // prettier-ignore

  test('repetition and loss of frames, of lanes and of programs: in the end both have the same', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const pair = new Pair()
        for (const one of acts) one(pair)
        pair.settle()
        expect(pair.isSame).toBe(true)
        // Nothing is left to say, and what changes now is told.
        pair.put(note('last'))
        pair.wire.settle()
        expect(pair.isSame).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('as long as nothing is lost it takes no greeting, whatever comes twice or late', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(way, place, fc.boolean(), fc.boolean()), { maxLength: 60 }), (steps) => {
        const pair = new Pair()
        pair.greet()
        pair.greet()
        for (const [to, at, stays, puts] of steps) {
          if (puts) pair.put(note(String(at), String(steps.length)))
          pair.wire.deliver(to, at, stays)
        }
        pair.wire.settle()
        expect(pair.isSame).toBe(true)
      }),
    )
  })
})
