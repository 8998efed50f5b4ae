import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator } from '@playwright/test'
import type {} from '#desktop/window-global.ts'
import { startApp, type RunningApp } from '../support/app.ts'
import { listing, makeFile, scratch, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { textBecomes } from '../support/moving.ts'
import { ReferencePhone } from '../support/reference-phone.ts'

const records = ({ window }: RunningApp): Locator => window.getByTestId('record')
const record = (desktop: RunningApp, title: string): Locator =>
  records(desktop).filter({ has: desktop.window.getByText(title, { exact: true }) })
const count = ({ window }: RunningApp): Locator => window.getByTestId('records-count')
const show = ({ window }: RunningApp): Promise<void> => window.getByTestId('nav-records').click()
const look = ({ window }: RunningApp, words: string): Promise<void> => window.getByTestId('records-search').fill(words)

interface Options {
  readonly notes?: number
  /** Names and sizes of files that it offers. */
  readonly files?: Readonly<Record<string, number>>
}

/** A phone with records, and a folder in which it keeps what it needs to come back. */
async function phoneFor(desktop: RunningApp, outbox: string, { notes = 0, files = {} }: Options) {
  const offer = join(outbox, 'offer')
  await mkdir(offer, { recursive: true })
  const made = await Promise.all(Object.entries(files).map(([name, size]) => makeFile(offer, name, size)))
  const options = ['--name', 'Reference', '--notes', String(notes), '--offer', offer]
  const joined = async (link: string | null): Promise<ReferencePhone> => {
    const phone = new ReferencePhone(outbox, link, options)
    await phone.connected()
    return phone
  }
  return { phone: await joined(desktop.link()), again: () => joined(null), files: made }
}

test('records come, are found, change and go with the phone, and stay when it is away', async ({ desktop, outbox }) => {
  const { phone } = await phoneFor(desktop, outbox, { notes: 12, files: { 'photo one.jpg': 5_000 } })
  try {
    await show(desktop)
    await expect(count(desktop)).toHaveText('13 records')
    await look(desktop, 'note 7')
    await expect(records(desktop)).toHaveCount(1)
    await expect(record(desktop, 'Note 7')).toBeVisible()
    await look(desktop, '')

    phone.type('note 会议记录：周五完成')
    await look(desktop, '周')
    await expect(record(desktop, '会议记录：周五完成')).toBeVisible()
    await look(desktop, '')
    phone.type('edit note-3 Third thing, told anew')
    await expect(record(desktop, 'Third thing, told anew')).toBeVisible()
    await expect(record(desktop, 'Note 3')).toHaveCount(0)
    phone.type('delete note-4')
    await expect(count(desktop)).toHaveText('13 records')
    await expect(record(desktop, 'Note 4')).toHaveCount(0)

    await desktop.window.getByTestId('records-kind').selectOption({ label: 'Files' })
    await expect(records(desktop)).toHaveCount(1)
    await desktop.window.getByTestId('records-kind').selectOption({ label: 'All kinds' })
    await phone.close()
    await desktop.events.wait('left', (e) => e.event === 'left')
    await expect(count(desktop)).toHaveText('13 records')
  } finally {
    await phone.close()
  }
})

test('records outlive the app, whose end may be sudden', async ({ outbox }) => {
  const kept = await scratch()
  const first = await startApp([], '127.0.0.1', kept.path)
  const { phone } = await phoneFor(first, outbox, { notes: 2_000 })
  await show(first)
  await textBecomes(count(first), '2,000 records')
  await first.kill()
  await phone.close()
  const second = await startApp([], '127.0.0.1', kept.path)
  try {
    await show(second)
    await expect(count(second)).toHaveText('2,000 records')
    await look(second, 'note 1999')
    await expect(record(second, 'Note 1999')).toBeVisible()
  } finally {
    await second.close()
    await kept.remove()
  }
})

test('some are deleted here, and the phone keeps them', async ({ desktop, outbox }) => {
  const { phone } = await phoneFor(desktop, outbox, { notes: 5 })
  try {
    await show(desktop)
    await expect(count(desktop)).toHaveText('5 records')
    for (const title of ['Note 1', 'Note 2']) await record(desktop, title).getByRole('checkbox').check()
    await expect(count(desktop)).toHaveText('2 selected')
    await desktop.window.getByTestId('hide-records').click()
    await desktop.window.getByTestId('hide-really').click()
    await expect(count(desktop)).toHaveText('3 records')
    phone.type('cut')
    await phone.connected(2)
    phone.type('note One more')
    await expect(record(desktop, 'One more')).toBeVisible()
    await expect(count(desktop)).toHaveText('4 records')
    phone.type('edit note-1 Note 1, changed')
    await expect(record(desktop, 'Note 1, changed')).toBeVisible()
  } finally {
    await phone.close()
  }
})

test('export: texts are written here, files are asked for and come without a question', async ({ desktop, outbox }) => {
  const { phone, files } = await phoneFor(desktop, outbox, {
    notes: 3,
    files: { 'a.bin': 3_000_000, 'b.bin': 10, 'c.bin': 20 },
  })
  try {
    await desktop.window.getByTestId('auto-accept').uncheck()
    await show(desktop)
    await expect(count(desktop)).toHaveText('6 records')
    phone.type('note =SUM(A1:A9)')
    await expect(count(desktop)).toHaveText('7 records')

    for (const title of ['a.bin', 'Note 3', 'Note 1']) await record(desktop, title).getByRole('checkbox').check()
    await desktop.window.getByTestId('export-format').selectOption('json')
    await desktop.window.getByTestId('export-button').click()
    await expect(desktop.window.getByTestId('exported')).toContainText('2 texts saved in')
    expect(await desktop.events.ended('a.bin')).toMatchObject({ state: 'done', direction: 'in' })
    expect(await sha256File(join(desktop.inbox, 'a.bin'))).toBe(files[0]!.sha256)
    const [json] = (await listing(desktop.inbox)).filter((name) => name.endsWith('.json'))
    const texts = JSON.parse(await readFile(join(desktop.inbox, json!), 'utf8')) as { title: string }[]
    expect(texts.toSorted((a, b) => b.title.localeCompare(a.title))).toMatchObject([
      { title: 'Note 3', text: 'The text of note 3', device: 'Reference' },
      { title: 'Note 1' },
    ])

    await desktop.window.getByTestId('select-all').click()
    await expect(count(desktop)).toHaveText('7 records')
    await desktop.window.getByTestId('export-format').selectOption('csv')
    await desktop.window.getByTestId('export-button').click()
    for (const name of ['b.bin', 'c.bin']) expect(await desktop.events.ended(name)).toMatchObject({ state: 'done' })
    const [csv] = (await listing(desktop.inbox)).filter((name) => name.endsWith('.csv'))
    const text = await readFile(join(desktop.inbox, csv!), 'utf8')
    expect(text).toContain("'=SUM(A1:A9)")
    expect(text.trim().split('\r\n')).toHaveLength(5)
    // Nothing was overwritten: the file that came before is still there.
    await expect
      .poll(() => listing(desktop.inbox))
      .toEqual(expect.arrayContaining(['a.bin', 'a (2).bin', 'b.bin', 'c.bin']))
  } finally {
    await phone.close()
  }
})

test('an export asked for while the phone is away waits, and comes when it is back', async ({ desktop, outbox }) => {
  const { phone, again } = await phoneFor(desktop, outbox, { files: { 'late.bin': 200_000 } })
  await show(desktop)
  await expect(count(desktop)).toHaveText('1 record')
  await phone.close()
  await desktop.events.wait('left', (e) => e.event === 'left')
  await desktop.window.getByTestId('export-button').click()
  const note = desktop.window.getByTestId('export')
  await expect(note).toContainText('Reference is away.')
  await desktop.window.getByTestId('export-wait').click()
  await expect(note).toContainText('Waiting for Reference')
  expect(await listing(desktop.inbox)).toEqual([])
  const back = await again()
  try {
    expect(await desktop.events.ended('late.bin')).toMatchObject({ state: 'done' })
    await expect(note).toHaveCount(0)
  } finally {
    await back.close()
  }
})

test('ten thousand records: the list scrolls, only what is in sight is drawn, and the search finds among all', async ({
  desktop,
  outbox,
}) => {
  const { phone } = await phoneFor(desktop, outbox, { notes: 12_000 })
  try {
    await show(desktop)
    await textBecomes(count(desktop), '12,000 records')
    const list = desktop.window.getByTestId('long-list')
    await list.evaluate((element) => (element.scrollTop = element.scrollHeight))
    await expect(record(desktop, 'Note 1')).toBeVisible()
    expect(await records(desktop).count()).toBeLessThan(60)
    // How long a search takes is the benchmark's matter (bench/records).
    const found = await desktop.window.evaluate(() =>
      window.lanyard.findRecords({ text: 'note 77', sort: 'newest', offset: 0, limit: 100 }),
    )
    const titles = Array.from({ length: 12_000 }, (_, i) => `Note ${i + 1}`)
    expect([found.total, found.rows.length]).toEqual([titles.filter((title) => title.includes('77')).length, 100])
    await look(desktop, 'note 11999')
    await expect(records(desktop)).toHaveCount(1)
  } finally {
    await phone.close()
  }
})

test('a link opens in the browser after a click, and nothing else does', async ({ desktop, outbox }) => {
  const { phone } = await phoneFor(desktop, outbox, {})
  try {
    await desktop.app.evaluate(({ shell }) => {
      const opened: string[] = []
      Object.assign(globalThis, { opened })
      shell.openExternal = (url) => Promise.resolve(void opened.push(url))
    })
    phone.type('note https://example.invalid/a?b=c')
    phone.type('note javascript:alert(1)')
    await show(desktop)
    await expect(count(desktop)).toHaveText('2 records')
    await expect(desktop.window.getByTestId('open-record')).toHaveCount(1)
    await desktop.window.getByTestId('open-record').click()
    const opened = () => desktop.app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)
    await expect.poll(opened).toEqual(['https://example.invalid/a?b=c'])
    await record(desktop, 'javascript:alert(1)').getByTestId('copy-record').click()
    await expect.poll(() => desktop.app.evaluate(({ clipboard }) => clipboard.readText())).toBe('javascript:alert(1)')
  } finally {
    await phone.close()
  }
})
