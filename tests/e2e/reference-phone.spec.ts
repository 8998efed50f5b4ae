import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { RunningApp } from '../support/app.ts'
import { listing, makeFile, sha256File } from '../support/files.ts'
import { expect, test as base } from '../support/fixtures.ts'
import { underWay } from '../support/moving.ts'
import { ReferencePhone } from '../support/reference-phone.ts'

/** The reference phone, which knows the protocol by its README alone, before the real app. */

interface PerTest {
  readonly join: (link: string | null, options?: readonly string[]) => Promise<ReferencePhone>
}
const test = base.extend<PerTest>({
  join: async ({ outbox }, use) => {
    const phones: ReferencePhone[] = []
    await use(async (link, options = []) => {
      const folder = join(outbox, 'phone')
      await mkdir(folder, { recursive: true })
      const phone = new ReferencePhone(folder, link, options)
      phones.push(phone)
      await phone.connected()
      return phone
    })
    for (const phone of phones) await phone.close()
    expect(phones.map(({ stderr, events }) => [stderr, events.noise])).toEqual(phones.map(() => ['', []]))
  },
})

const SIZES = [0, 1, 65_000, 65_001, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5_000_003]

async function sendFromWindow({ window }: RunningApp, paths: readonly string[]): Promise<void> {
  await window.getByTestId('file-input').setInputFiles([...paths])
}

test('pairs by the link; files of every size, both ways', async ({ desktop, outbox, join: joinPhone }) => {
  const phone = await joinPhone(desktop.link())
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'here')
  const up = await Promise.all(SIZES.map((size) => makeFile(outbox, `up-${size}.bin`, size)))
  for (const { path } of up) phone.type(`send ${path}`)
  for (const { name, sha256 } of up) {
    expect(await desktop.events.ended(name)).toMatchObject({ state: 'done', direction: 'in', sha256 })
    expect(await sha256File(join(desktop.inbox, name))).toBe(sha256)
  }
  const down = await Promise.all(SIZES.map((size) => makeFile(outbox, `down-${size}.bin`, size)))
  await sendFromWindow(desktop, down.map(({ path }) => path)) // prettier-ignore
  for (const { name, sha256 } of down) {
    expect(await desktop.events.ended(name)).toMatchObject({ state: 'done', direction: 'out' })
    expect(await sha256File(await phone.received(name))).toBe(sha256)
  }
  expect(await listing(phone.inbox)).toEqual(down.map(({ name }) => name).sort())
})

test('the channel is lost in the midst of files both ways: they go on', async ({ desktop, outbox, join: joinPhone }) => {
  const phone = await joinPhone(desktop.link())
  const up = await makeFile(outbox, 'up.bin', 6_000_003)
  const down = await makeFile(outbox, 'down.bin', 6_000_003, 7)
  phone.type(`send ${up.path}`)
  await sendFromWindow(desktop, [down.path])
  for (const name of ['up.bin', 'down.bin']) await underWay(desktop.events, name, 1_000_000)
  phone.type('cut')
  await phone.connected(2)
  expect(await desktop.events.ended('up.bin')).toMatchObject({ state: 'done', sha256: up.sha256 })
  expect(await desktop.events.ended('down.bin')).toMatchObject({ state: 'done' })
  expect(await sha256File(await phone.received('down.bin'))).toBe(down.sha256)
}) // prettier-ignore

test('comes back by itself, without the link, and with a name that was there', async ({ desktop, outbox, join: joinPhone }) => {
  const file = await makeFile(outbox, 'twice.bin', 100_000)
  const first = await joinPhone(desktop.link())
  await first.events.wait('a key of its own', (e) => e.event === 'kept')
  await sendFromWindow(desktop, [file.path])
  await first.received('twice.bin')
  await first.close('SIGKILL')
  const again = await joinPhone(null)
  await sendFromWindow(desktop, [file.path])
  expect(await sha256File(await again.received('twice (2).bin'))).toBe(file.sha256)
}) // prettier-ignore

/** What the window finds, as a person would who types `text`. */
const found = ({ window }: RunningApp, text: string, kind?: string) =>
  window.evaluate((how) => globalThis.window.lanyard.findRecords({ ...how, sort: 'newest', offset: 0, limit: 200 }), {
    text,
    ...(kind !== undefined && { kind }),
  })
const titles = async (desktop: RunningApp, text: string): Promise<string[]> =>
  (await found(desktop, text)).rows.map(({ title }) => title)
const pages = (phone: ReferencePhone): number => phone.events.of('page').length
const isSynced = (phone: ReferencePhone) => phone.events.wait('last page', (e) => e.event === 'page' && e['more'] === false) // prettier-ignore

test('10,000 records: all there, edited, deleted, and after a cut only what changed', async ({ desktop, join: joinPhone }) => {
  const phone = await joinPhone(desktop.link(), ['--notes', '10000'])
  await isSynced(phone)
  await expect.poll(async () => (await found(desktop, '')).total).toBe(10_000)
  expect(await titles(desktop, 'ote 9999')).toEqual(['Note 9999'])
  const before = pages(phone)
  phone.type('cut')
  phone.type('edit note-5 五号 is another')
  phone.type('delete note-6')
  await phone.connected(2)
  phone.type('note Written later')
  await expect.poll(() => titles(desktop, 'written lat')).toEqual(['Written later'])
  // One more and one less; 10,001 would say that the deletion did not arrive.
  expect([await titles(desktop, '五'), (await found(desktop, '')).total]).toEqual([['五号 is another'], 10_000])
  // What the computer had was not sent again: a page or two for three changes, none of them from the beginning.
  const later = phone.events.of('page').slice(before)
  expect(later.every((page) => page['fresh'] === false && Number(page['records']) <= 3)).toBe(true)
}) // prettier-ignore

test('an export: its files arrive, the channel is lost meanwhile', async ({ desktop, outbox, join: joinPhone }) => {
  const offered = join(outbox, 'offered')
  const files = await Promise.all([100, 8_000_003, 7].map((size) => makeFile(offered, `offered-${size}.bin`, size)))
  const phone = await joinPhone(desktop.link(), ['--offer', offered])
  await isSynced(phone)
  await expect.poll(async () => (await found(desktop, '', 'file')).total).toBe(files.length)
  await desktop.window.evaluate(() =>
    window.lanyard.exportRecords({ of: { kind: 'file', sort: 'newest' }, without: [] }, 'txt'),
  )
  await desktop.events.ended(files[0]!.name)
  phone.type('cut')
  for (const { name, sha256 } of files) {
    expect(await desktop.events.ended(name)).toMatchObject({ state: 'done', direction: 'in', sha256 })
    expect(await sha256File(join(desktop.inbox, name))).toBe(sha256)
  }
  // Asked for again after the cut, or not: it was given once.
  expect(phone.events.of('export')).toHaveLength(1)
  expect(await listing(desktop.inbox)).toEqual(files.map(({ name }) => name).sort())
})

test('texts both ways', async ({ desktop, join: joinPhone }) => {
  const phone = await joinPhone(desktop.link())
  phone.type('say https://example.org/?a=<b>')
  await expect(desktop.window.getByTestId('text-card')).toContainText('https://example.org/?a=<b>')
  await phone.events.wait('heard', (e) => e.event === 'heard')
  await desktop.window.evaluate(async () => {
    const { devices } = await window.lanyard.state()
    await window.lanyard.sendText(devices[0]!.id, '两行\nfrom the computer')
  })
  const text = await phone.events.wait('text', (e) => e.event === 'text')
  expect(text['text']).toBe('两行\nfrom the computer')
})
