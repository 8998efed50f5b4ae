import { beforeEach, describe, expect, test, vi } from 'vitest'
import { toBase64Url } from '#protocol/base64url.ts'
import { nameFor, takeLinks, type KeptLink } from './link.ts'
import { PageStore, type PageStores } from './page-store.ts'
import { MemoryStorage } from './extras/testing/memory-storage.ts'

const bytes = (length: number, of: number): string => toBase64Url(new Uint8Array(length).fill(of))
const uid = (of: number): string => bytes(16, of)
const code = (of: number): string => `#2.${uid(of)}.${bytes(32, of)}.0`
const keyed = (of: number): string => `#${uid(of)}.${bytes(16, of)}.${bytes(32, of)}`
const keep = (of: number) => ({ t: 'credentials', id: bytes(16, of), key: bytes(32, of) }) as const

let tab: MemoryStorage
let browser: MemoryStorage
let stores: PageStores
let hash: string
beforeEach(() => {
  tab = new MemoryStorage()
  browser = new MemoryStorage()
  stores = { tab: new PageStore(() => tab), browser: new PageStore(() => browser) }
  hash = ''
  vi.stubGlobal('location', { pathname: '/', get hash() { return hash } }) // prettier-ignore
  vi.stubGlobal('history', { replaceState: () => (hash = '') })
})

const all = (storage: MemoryStorage): Record<string, string | null> =>
  Object.fromEntries(Array.from({ length: storage.length }, (_, i) => [storage.key(i)!, storage.getItem(storage.key(i)!)])) // prettier-ignore
const uids = (links: readonly KeptLink[]): string[] => links.map((link) => link.uid)
const first = (): KeptLink => takeLinks(stores)[0]!

describe('what a page can come with', () => {
  test('the code it was opened with, then the key of its tab, then the one that the browser remembers', () => {
    tab.setItem('lanyard-link', keyed(2))
    browser.setItem('lanyard-link', keyed(3))
    hash = code(1)
    const links = takeLinks(stores)
    expect(uids(links)).toEqual([uid(1), uid(2), uid(3)])
    expect(links.map(({ remembered }) => remembered)).toEqual([false, false, true])
    expect(hash).toBe('')
    // Loaded again before it has led to anything.
    expect(uids(takeLinks(stores))).toEqual([uid(1), uid(2), uid(3)])
  })

  test('an address that anybody may have made takes nothing away', () => {
    tab.setItem('lanyard-link', keyed(2))
    browser.setItem('lanyard-link', keyed(3))
    for (const junk of ['#', '#junk', '#2.x.y.z', `${code(1)}x.`.replace('.0', ''), keyed(9), code(7)]) {
      hash = junk
      takeLinks(stores)
      expect([tab.getItem('lanyard-link'), browser.getItem('lanyard-link')]).toEqual([keyed(2), keyed(3)])
    }
  })

  test('a browser that refuses all of it leaves the code', () => {
    const no = (): never => {
      throw new DOMException('no', 'SecurityError')
    }
    stores = { tab: new PageStore(no), browser: new PageStore(no) }
    vi.stubGlobal('history', { replaceState: no })
    hash = code(1)
    const link = first()
    expect(link.uid).toBe(uid(1))
    expect(link.keep(keep(5))).toBe(false)
    expect(toBase64Url(link.secret().key)).toBe(bytes(32, 5))
    link.forget()
    expect(link.isKept).toBe(false)
  })
})

describe('the key that the computer gives', () => {
  test('takes the place of the code, in this tab', () => {
    hash = code(1)
    expect(first().keep(keep(5))).toBe(true)
    expect(all(tab)).toEqual({ 'lanyard-link': `#${uid(1)}.${bytes(16, 5)}.${bytes(32, 5)}` })
    expect(all(browser)).toEqual({})
  })

  test('goes to the browser when a person wants that, and back', () => {
    hash = code(1)
    const link = first()
    link.keep(keep(5))
    link.remembered = true
    link.keep(keep(6))
    expect([tab.length, browser.length]).toEqual([0, 1])
    link.remembered = false
    link.keep(keep(6))
    expect([tab.length, browser.length]).toEqual([1, 0])
  })

  test('of one computer leaves that of another alone', () => {
    browser.setItem('lanyard-link', keyed(3))
    hash = code(1)
    const link = first()
    link.keep(keep(5))
    link.forget()
    expect(all(browser)).toEqual({ 'lanyard-link': keyed(3) })
    expect(all(tab)).toEqual({})
  })

  test('is not used in place of one that is kept where it can’t be kept itself', () => {
    browser.setItem('lanyard-link', keyed(3))
    const link = first()
    browser.room = 0
    expect(link.keep(keep(6))).toBe(true)
    expect(toBase64Url(link.secret().key)).toBe(bytes(32, 3))
    expect(all(browser)).toEqual({ 'lanyard-link': keyed(3) })
  })

  test('of a person who wants it remembered where the browser does not is still that of the tab', () => {
    hash = code(1)
    const link = first()
    link.keep(keep(5))
    link.remembered = true
    browser.room = 0
    expect(link.keep(keep(6))).toBe(false)
    expect(toBase64Url(link.secret().key)).toBe(bytes(32, 5))
    expect(link.isKept).toBe(true)
  })
})

describe('two computers at one address', () => {
  /** A browser that the first remembers, as an earlier version kept it, and that the second remembers then. */
  function second(): KeptLink {
    browser.setItem('lanyard-link', keyed(3))
    browser.setItem('lanyard-records', 'notes for 3')
    hash = code(1)
    const link = first()
    link.remembered = true
    link.keep(keep(1))
    return link
  }

  test('are both remembered, and what is kept for one is not the other’s', () => {
    second()
    expect(uids(takeLinks(stores)).sort()).toEqual([uid(1), uid(3)].sort())
    expect(nameFor('records', uid(1))).not.toBe(nameFor('records', uid(3)))
    expect(stores.browser.read(nameFor('records', uid(3)))).toBe('notes for 3')
    expect(browser.getItem('lanyard-records')).toBeNull()
  })

  test('each goes on with its newest key, wherever it is', () => {
    second().keep(keep(6))
    const named = (which: string): KeptLink => takeLinks(stores).find((link) => link.uid === which)!
    const [one, other] = [named(uid(3)), named(uid(1))]
    one.keep(keep(7))
    expect([one, other].map((link) => toBase64Url(link.secret().key))).toEqual([bytes(32, 7), bytes(32, 6)])
    expect(takeLinks(stores)).toHaveLength(2)
  })

  test('the first is forgotten: the second stays, and is renewed where it is', () => {
    const link = second()
    stores.browser.write(nameFor('texts', uid(1)), 'texts of 1')
    takeLinks(stores)
      .find((one) => one.uid === uid(3))!
      .forget()
    link.keep(keep(8))
    expect(uids(takeLinks(stores))).toEqual([uid(1)])
    expect(toBase64Url(first().secret().key)).toBe(bytes(32, 8))
    expect(Object.values(all(browser))).toContain('texts of 1')
    expect(Object.values(all(browser))).not.toContain('notes for 3')
  })

  test('in one tab, one after the other: the second does not see the notes of the first', () => {
    tab.setItem('lanyard-link', keyed(3))
    tab.setItem('lanyard-texts', 'texts of 3')
    hash = code(1)
    first().keep(keep(5))
    expect(stores.tab.read(nameFor('texts', uid(1)))).toBeNull()
    expect(stores.tab.read(nameFor('texts', uid(3)))).toBe('texts of 3')
  })

  test('what there is no room to move stays', () => {
    browser.setItem('lanyard-link', keyed(3))
    browser.setItem('lanyard-records', 'notes for 3')
    browser.room = browser.getItem('lanyard-link')!.length + 40
    takeLinks(stores)
    expect(Object.values(all(browser))).toContain('notes for 3')
  })
})

test('who forgets takes away what is ours, and nothing else that lies there', () => {
  browser.setItem('lanyard-link', keyed(3))
  browser.setItem('lanyard-records', '[]')
  browser.setItem('of another program', 'stays')
  first().forget()
  expect(all(browser)).toEqual({ 'of another program': 'stays' })
})

test('whatever the clock says, a key stays', () => {
  browser.setItem('lanyard-link', keyed(3))
  vi.useFakeTimers({ now: Date.now() + 31_557_600_000_000 })
  expect(uids(takeLinks(stores))).toEqual([uid(3)])
  vi.useRealTimers()
  expect(all(browser)).toEqual({ 'lanyard-link': keyed(3) })
})

test('what may be tried again: a key of this phone’s own, kept by the browser or not, until it is forgotten', () => {
  hash = code(1)
  tab.room = 0
  const link = first()
  expect(link.isOwn).toBe(false)
  link.keep(keep(1))
  expect([link.isOwn, link.isKept]).toEqual([true, false])
  link.forget()
  expect([link.isOwn, link.isForgotten]).toEqual([false, true])
})
