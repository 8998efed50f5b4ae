import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { SyncFrame } from '#protocol/frames.ts'
import type { Records, SyncedRecord } from '#protocol/records.ts'
import { RecordsCopy } from '#transfer/testing/records-copy.ts'
import { RecordReplica } from './record-replica.ts'

/** A keeper before an origin that says what it likes. */

const note = (id: string, modified = 0): SyncedRecord => ({ id, kind: 'note', title: id, modified })
const page = (since: string, cursor: string, rest: Partial<Records> = {}): Records => ({
  t: 'records',
  since,
  list: [note(cursor)],
  cursor,
  more: false,
  fresh: since === '',
  ...rest,
})

function open() {
  const said: SyncFrame[] = []
  const kept: boolean[] = []
  const copy = new RecordsCopy()
  const keeper = new RecordReplica({
    say: (frame) => said.push(frame),
    cursor: () => copy.cursor,
    keep: (one) => {
      copy.keep(one)
    },
    onKept: (more) => kept.push(more),
  })
  return { said, kept, copy, keeper }
}

/** Answers each question with what `answer` makes of it, so many times. */
function answers(count: number, answer: (since: string, i: number) => Records) {
  const { keeper, said, copy } = open()
  keeper.greeted(true)
  for (let i = 0; i < count; i++) {
    const asked = said.at(-1)
    if (asked?.t !== 'sync') throw new Error('not asked')
    keeper.receive(answer(asked.cursor, i))
  }
  return copy
}

test('a phone without records is not asked; one that says that something changed is', () => {
  const { keeper, said } = open()
  keeper.greeted(false)
  expect(said).toEqual([])
  keeper.receive({ t: 'changed' })
  expect(said).toEqual([{ t: 'sync', cursor: '' }])
})

test('a crowd of `changed` is one question, and one more once that is answered', () => {
  const { keeper, said } = open()
  keeper.greeted(true)
  for (let i = 0; i < 1_000; i++) keeper.receive({ t: 'changed' })
  expect(said).toHaveLength(1)
  keeper.receive(page('', 'a'))
  expect(said).toEqual([{ t: 'sync', cursor: '' }, { t: 'sync', cursor: 'a' }]) // prettier-ignore
})

test('it tells what is kept, and whether more comes', () => {
  const { keeper, kept } = open()
  keeper.greeted(true)
  keeper.receive(page('', 'a', { more: true }))
  keeper.receive(page('a', 'b'))
  expect(kept).toEqual([true, false])
})

describe('pages that nobody asked for', () => {
  test('are not stored: they are a reason to ask', () => {
    const { keeper, said, copy } = open()
    keeper.receive(page('', 'a'))
    expect([copy.pages, said]).toEqual([0, [{ t: 'sync', cursor: '' }]])
  })

  test('of another `since` are dropped', () => {
    const { keeper, said, copy } = open()
    keeper.greeted(true)
    keeper.receive(page('elsewhere', 'b', { fresh: true }))
    keeper.receive(page('elsewhere', 'b'))
    expect([copy.pages, said.length]).toEqual([0, 1])
  })

  test('a flood of them is stored no faster than it is asked for', () => {
    const { keeper, said, copy } = open()
    keeper.greeted(true)
    for (let i = 0; i < 1_000; i++) keeper.receive(page('', ''))
    expect([copy.pages <= 501, said.length <= 501]).toEqual([true, true])
  })
})

test('from nothing it is all there is, also when the page does not say so', () => {
  const { keeper, copy } = open()
  keeper.greeted(true)
  keeper.receive(page('', '', { list: [note('a'), note('b')], fresh: false }))
  keeper.greeted(true)
  keeper.receive(page('', '', { list: [note('b')], fresh: false }))
  expect(Object.keys(copy.all)).toEqual(['b'])
})

test('an id twice on a page: the larger `modified` stays, as on two pages', () => {
  const { keeper, copy } = open()
  keeper.greeted(true)
  keeper.receive(page('', 'a', { list: [note('x', 5), { ...note('x', 9), title: 'newest' }, note('x', 7)] }))
  expect(copy.all['x']?.title).toBe('newest')
})

describe('pages without end', () => {
  test('the same cursor again, with more to come', () => {
    expect(() => answers(2, (since) => page(since, 'a', { more: true }))).toThrow(/circle/)
  })

  test('more to come, and nothing on the page', () => {
    expect(() => answers(1, (since) => page(since, 'a', { more: true, list: [] }))).toThrow(/circle/)
  })

  test.each([2, 3, 7, 64, 1_000])('a circle of %i cursors', (length) => {
    expect(() => answers(5 * length + 5, (since, i) => page(since, `c${i % length}`, { more: true }))).toThrow(/circle/)
  })

  test('a circle that one has to walk into first', () => {
    const cursor = (i: number): string => (i < 100 ? `in${i}` : `c${(i - 100) % 37}`)
    expect(() => answers(1_000, (since, i) => page(since, cursor(i), { more: true }))).toThrow(/circle/)
  })

  test('a million records, each page fresh', () => {
    const list = Array.from({ length: 500 }, (_, i) => note(String(i)))
    expect(() => answers(2_001, (since, i) => page(since, `c${i % 2}`, { more: true, fresh: true, list }))).toThrow(/without end/)
  }) // prettier-ignore

  test('many pages that do end are fine, run after run', () => {
    const copy = answers(3_000, (since, i) => page(since, `c${i}`, { more: i % 1_000 !== 999 && i !== 2_999, fresh: i === 0, list: [note(String(i % 50))] })) // prettier-ignore
    expect(copy.pages).toBe(1_000)
  })
})

describe('vectors', () => {
  interface Row {
    what: string
    pages: Records[]
    cursor: string
    there: Record<string, string>
  }
  const file = new URL('../../protocol/vectors/records.json', import.meta.url)
  const { merged } = JSON.parse(readFileSync(file, 'utf8')) as { merged: Row[] }
  test.each(merged)('$what', ({ pages, cursor, there }) => {
    const { keeper, copy } = open()
    for (const one of pages) {
      keeper.greeted(true)
      keeper.receive(one)
    }
    const titles = Object.values(copy.all).map(({ id, title }) => [id, title])
    expect([copy.cursor, Object.fromEntries(titles)]).toEqual([cursor, there])
  })
})
