import { beforeEach, expect, test, vi } from 'vitest'
import type { SyncFrame } from '#protocol/frames.ts'
import { StoredValue } from './stored-value.ts'
import { LoggedTexts, TextLog } from './text-log.svelte.ts'
import { PageStore } from '#phone/page-store.ts'
import { MemoryStorage } from './testing/memory-storage.ts'

let storage: MemoryStorage
const store = (of: Storage) => new PageStore(() => of)
let said: SyncFrame[]
let ids: number

const load = (): TextLog =>
  new TextLog({
    kept: new StoredValue('texts', LoggedTexts, store(storage)),
    say: (frame) => said.push(frame),
    newId: () => `id${ids++}`,
  })
/** What is said after a text has come is said a moment later. */
const moment = () => new Promise((resolve) => setTimeout(resolve))

beforeEach(() => {
  storage = new MemoryStorage()
  said = []
  ids = 0
})

test('a text is said to a computer that takes texts, and shown as heard when it is', () => {
  const log = load()
  log.greeted(true)
  expect(log.send('hello')).toBe(true)
  expect(said).toEqual([{ t: 'text', id: 'id0', text: 'hello' }])
  expect(log.list).toEqual([{ id: 'id0', text: 'hello', direction: 'out', heard: false }])
  log.receive({ t: 'text-ack', id: 'id0' })
  expect(log.list[0]?.heard).toBe(true)
})

test('what was not heard is said again after a reload, with the id it had, oldest first', () => {
  const before = load()
  before.send('one')
  before.send('two')
  before.send('three')
  before.greeted(true)
  before.receive({ t: 'text-ack', id: 'id1' })
  said = []
  const log = load()
  log.greeted(true)
  expect(said).toEqual([
    { t: 'text', id: 'id0', text: 'one' },
    { t: 'text', id: 'id2', text: 'three' },
  ])
  log.receive({ t: 'text-ack', id: 'id0' })
  expect(log.list.map(({ heard }) => heard)).toEqual([false, true, true])
})

test('a text of the computer is kept, then told to be heard; twice, also over a reload, it is one', async () => {
  const text = { t: 'text', id: 'a', text: 'from there' } as const
  const log = load()
  log.receive(text)
  log.receive(text)
  await moment()
  expect(said.every(({ t }) => t === 'text-ack')).toBe(true)
  expect(log.list).toHaveLength(1)
  expect(log.news).toBe('from there')
  const after = load()
  after.receive(text)
  await moment()
  expect(said.at(-1)).toEqual({ t: 'text-ack', id: 'a' })
  expect(after.list).toHaveLength(1)
})

test('the last 20 are shown; one that is taken away is not said any more', () => {
  const log = load()
  for (let i = 0; i < 25; i++) log.send(`text ${i}`)
  expect(log.list).toHaveLength(20)
  expect(log.list[0]?.text).toBe('text 24')
  for (const { id } of log.list) log.dismiss(id)
  log.greeted(true)
  expect(said.map((frame) => frame.t === 'text' && frame.text)).toEqual([0, 1, 2, 3, 4].map((i) => `text ${i}`))
  expect(load().list).toEqual([])
})

test('when too many wait, the next is not taken, and that is said until one is', () => {
  const log = load()
  for (let i = 0; i < 64; i++) expect(log.send(`text ${i}`)).toBe(true)
  expect(log.send('one more')).toBe(false)
  expect(log.full).toBe(true)
  expect(log.list[0]?.text).toBe('text 63')
  log.receive({ t: 'text-ack', id: 'id0' })
  expect(log.send('one more')).toBe(true)
  expect(log.full).toBe(false)
})

test('texts that come in one turn are written once', async () => {
  const write = vi.spyOn(storage, 'setItem')
  const log = load()
  for (let i = 0; i < 20; i++) log.receive({ t: 'text', id: `a${i}`, text: 'from there' })
  await moment()
  expect(write).toHaveBeenCalledTimes(1)
  expect(said).toHaveLength(20)
  expect(load().list).toHaveLength(20)
})
