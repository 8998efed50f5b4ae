import AxeBuilder from '@axe-core/playwright'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import type {} from '#desktop/window-global.ts'
import type { RecordView } from '#electron/window-api.ts'
import type { RunningApp } from '../support/app.ts'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'

/** What the computer has, newest first. */
const records = ({ window }: RunningApp): Promise<readonly RecordView[]> =>
  window.evaluate(async () => {
    const { rows } = await globalThis.window.lanyard.findRecords({ sort: 'newest', offset: 0, limit: 200 })
    return rows
  })
const hasRecords = async (desktop: RunningApp, list: readonly string[]): Promise<void> => {
  const shown = async () => (await records(desktop)).map(({ kind, title }) => `${kind} ${title}`)
  await expect.poll(shown).toEqual(list)
}
const deviceId = ({ window }: RunningApp): Promise<string> =>
  window.evaluate(async () => (await globalThis.window.lanyard.state()).devices[0]?.id ?? '')
const sendText = async (desktop: RunningApp, text: string): Promise<void> => {
  const id = await deviceId(desktop)
  await desktop.window.evaluate(([to, what]) => globalThis.window.lanyard.sendText(to, what), [id, text] as const)
}

const notes = (page: Page): Locator => page.getByTestId('notes')
const rows = (page: Page): Locator => page.getByTestId('note')
const row = (page: Page, title: string): Locator =>
  page.locator(`[data-testid="note"][data-title=${JSON.stringify(title)}]`)
async function openNotes(page: Page): Promise<void> {
  const isOpen = await notes(page).evaluate((details) => (details as HTMLDetailsElement).open)
  if (!isOpen) await notes(page).locator('summary').click()
}
async function write(page: Page, text: string): Promise<void> {
  await openNotes(page)
  const box = notes(page).locator('form').first()
  await box.getByTestId('text').pressSequentially(text)
  await box.getByTestId('take-text').click()
}
/** As a paste does: all at once, with its own kind of event. */
async function paste(page: Page, text: string): Promise<void> {
  await openNotes(page)
  const box = notes(page).locator('form').first()
  await box.getByTestId('text').evaluate((area, what) => {
    ;(area as HTMLTextAreaElement).value = what
    area.dispatchEvent(new InputEvent('input', { inputType: 'insertFromPaste', bubbles: true }))
  }, text)
  await box.getByTestId('take-text').click()
}
const sendBox = (page: Page): Locator => page.getByTestId('talk').locator(':scope > form')
async function say(page: Page, text: string): Promise<void> {
  await sendBox(page).getByTestId('text').fill(text)
  await sendBox(page).getByTestId('text').press('Enter')
}

test('what is written on the phone is on the computer; edits and removals follow', async ({ desktop, phone }) => {
  const { page } = phone
  await write(page, 'bread and lemons')
  await write(page, 'https://example.org/recipe')
  await hasRecords(desktop, ['link https://example.org/recipe', 'note bread and lemons'])
  await paste(page, 'pasted\nfrom elsewhere')
  await hasRecords(desktop, ['clip pasted', 'link https://example.org/recipe', 'note bread and lemons'])
  await row(page, 'pasted').getByTestId('remove').click()

  const note = row(page, 'bread and lemons')
  await note.getByTestId('edit').click()
  await expect(note.getByTestId('text')).toHaveValue('bread and lemons')
  await note.getByTestId('text').fill('bread and milk')
  await note.getByTestId('take-text').click()
  await hasRecords(desktop, ['note bread and milk', 'link https://example.org/recipe'])
  await expect(rows(page).first()).toHaveAttribute('data-title', 'bread and milk')

  await row(page, 'https://example.org/recipe').getByTestId('remove').click()
  await hasRecords(desktop, ['note bread and milk'])
  await page.getByTestId('undo').click()
  await hasRecords(desktop, ['link https://example.org/recipe', 'note bread and milk'])
  expect(phone.problems).toEqual([])
})

test('over a reload texts and pictures stay, files are picked again, and are given when asked for', async ({
  desktop,
  phone,
  outbox,
}) => {
  const { page } = phone
  const file = await makeFile(outbox, 'offered.bin', 1_500_000)
  const picture = join(import.meta.dirname, '../../resources/icons/512x512.png')
  await openNotes(page)
  await write(page, 'a note')
  await page.getByTestId('offer-input').setInputFiles([file.path, picture])
  await expect(row(page, '512x512.png').locator('img')).toBeVisible()
  await expect
    .poll(async () => (await records(desktop)).find(({ title }) => title === '512x512.png')?.thumb)
    .toBeTruthy()
  const before = await records(desktop)

  await page.reload()
  await phone.is('connected')
  await expect(rows(page)).toHaveCount(3)
  await expect(row(page, '512x512.png').locator('img')).toBeVisible()
  await expect(row(page, 'offered.bin')).toHaveAttribute('data-lost', 'true')
  await expect(row(page, 'offered.bin')).toContainText('Pick it again')
  await expect(page.getByTestId('what-stays')).toContainText('files have to be picked again')

  await page.getByTestId('offer-input').setInputFiles(file.path)
  await expect(row(page, 'offered.bin')).toHaveAttribute('data-lost', 'false')
  await expect(rows(page)).toHaveCount(3)
  await write(page, 'after the reload')
  await expect.poll(async () => (await records(desktop)).length).toBe(4)
  // The same ones: none was deleted and made anew.
  expect((await records(desktop)).slice(1)).toEqual(before)

  const { key } = before.find(({ title }) => title === 'offered.bin')!
  await desktop.window.evaluate((one) => globalThis.window.lanyard.exportRecords({ keys: [one] }, 'txt'), key)
  expect(await desktop.events.ended('offered.bin')).toMatchObject({ state: 'done', sha256: file.sha256 })
  expect(await readFile(join(desktop.inbox, 'offered.bin'))).toEqual(await readFile(file.path))
  await phone.rowIs('offered.bin', 'done')
  expect(phone.problems).toEqual([])
})

test('a text goes to the computer at a key, and one from there is a card to copy and to open', async ({
  desktop,
  phone,
}) => {
  const { page } = phone
  await say(page, 'hello there')
  await desktop.events.wait('text', (e) => e.event === 'text' && e['text'] === 'hello there')
  await expect(page.getByTestId('sent-text').first()).toHaveAttribute('data-heard', 'true')
  await expect(sendBox(page).getByTestId('text')).toHaveValue('')

  await sendText(desktop, 'https://example.org/a?b')
  await sendText(desktop, 'two\nlines')
  const cards = page.getByTestId('text-card')
  await expect(cards).toHaveCount(2)
  await expect(cards.first().getByTestId('text-body')).toHaveText('two\nlines')
  await expect(cards.first().getByTestId('open-link')).toHaveCount(0)
  const link = cards.last().getByTestId('open-link')
  await expect(link).toHaveAttribute('href', 'https://example.org/a?b')
  await expect(link).toHaveAttribute('target', '_blank')
  await expect(link).toHaveAttribute('rel', /noopener/)

  await phone.context.grantPermissions(['clipboard-read'])
  await cards.first().getByTestId('copy').click()
  await expect(cards.first().getByTestId('copy')).toHaveText('Copied')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('two\nlines')

  await page.reload()
  await phone.is('connected')
  await expect(cards).toHaveCount(2)
  await expect(page.getByTestId('sent-text').first()).toHaveAttribute('data-heard', 'true')
  await cards.first().getByTestId('dismiss').click()
  await expect(cards).toHaveCount(1)
  expect(phone.problems).toEqual([])
})

test('hostile text is text', async ({ desktop, phone }) => {
  const { page } = phone
  const evil = `<img src=x onerror="document.title='evil'"><script>document.title='evil'</script>`
  await sendText(desktop, evil)
  await sendText(desktop, 'javascript:document.title=1')
  await sendText(desktop, `data:text/html,<script>1</script>`)
  await sendText(desktop, 'https://bank.example@elsewhere.example/')
  await write(page, evil)
  await expect(page.getByTestId('text-card')).toHaveCount(4)
  await expect(page.getByTestId('text-body').last()).toHaveText(evil)
  await expect(page.getByTestId('open-link')).toHaveCount(0)
  await expect(rows(page)).toHaveAttribute('data-title', /^<img/)
  await expect(page.locator('main img')).toHaveCount(0)
  expect(await page.title()).toBe('Lanyard')
  // `scrollWidth` of a page that a long word has made wider.
  await sendText(desktop, 'x'.repeat(20_000))
  await expect(page.getByTestId('text-card')).toHaveCount(5)
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
})

test('files go while the script for records and texts does not come, and it is asked for again', async ({
  desktop,
  phones,
  outbox,
}) => {
  const context = await phones.newContext()
  const page = await context.newPage()
  let asked = 0
  await context.route(/\/assets\/start-.*\.js/, (route) => (++asked < 3 ? route.abort() : route.continue()))
  await page.goto(desktop.link())
  await expect(page.getByTestId('connection')).toHaveAttribute('data-state', 'connected')
  await expect.poll(() => asked).toBeGreaterThan(0)
  const file = await makeFile(outbox, 'meanwhile.bin', 100_000)
  await page.getByTestId('file-input').setInputFiles(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  // What was said before it came is not lost.
  await sendText(desktop, 'early')
  await expect(page.getByTestId('text-body')).toHaveText('early')
  expect(asked).toBe(3)
  await context.close()
})

test('where there is no room it says so, and works', async ({ desktop, phone }) => {
  const { page } = phone
  await openNotes(page)
  await page.evaluate(() => {
    let chunk = 'x'.repeat(1_000_000)
    for (let i = 0; chunk.length > 0; i++) {
      try {
        sessionStorage.setItem(`full-${i}`, chunk)
      } catch {
        chunk = chunk.slice(0, chunk.length >> 1)
      }
    }
  })
  await write(page, 'no room for this')
  await expect(page.getByTestId('no-room')).toBeVisible()
  await hasRecords(desktop, ['note no room for this'])
})

test('remembered, it is all kept beyond the tab, and no longer when it is not', async ({ desktop, phone }) => {
  const { page, context } = phone
  await write(page, 'kept')
  const keys = () => page.evaluate(() => [Object.keys(localStorage).sort(), Object.keys(sessionStorage).sort()])
  const all = ['lanyard-link', expect.stringMatching(/^lanyard-records\../), expect.stringMatching(/^lanyard-texts\../)]
  await page.getByTestId('remember').check()
  await expect.poll(keys).toEqual([all, []])
  const other = await context.newPage()
  await page.close()
  await other.goto(new URL(desktop.link()).origin)
  await expect(other.getByTestId('connection')).toHaveAttribute('data-state', 'connected')
  await expect(row(other, 'kept')).toBeVisible()
  await expect(other.getByTestId('what-stays')).toContainText('While this phone is remembered')
  await other.getByTestId('remember').uncheck()
  const kept = () => other.evaluate(() => Object.keys(localStorage))
  await expect.poll(kept).toEqual([])
  await hasRecords(desktop, ['note kept'])
})

test('axe finds nothing serious in notes and texts, at 320 px, light and dark', async ({ desktop, phone }) => {
  const { page } = phone
  await page.setViewportSize({ width: 320, height: 568 })
  await sendText(desktop, 'https://example.org/a/rather/long/path/that/does/not/fit/into/one/line')
  await say(page, 'a text that is rather too long for a line of 320 pixels')
  await write(page, 'a note that is rather too long for a line of 320 pixels')
  await row(page, 'a note that is rather too long for a line of 320 pixels').getByTestId('edit').click()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.html) }))).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    await page.screenshot({ path: `test-results/looks/e2e-talk-${colorScheme}.png`, fullPage: true })
  }
})
