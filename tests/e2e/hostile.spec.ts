import type {} from '#desktop/window-global.ts'
import type { RunningApp } from '../support/app.ts'
import { listing, makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { LegacyPhone } from '../support/legacy-phone.ts'
import { Phone } from '../support/phone.ts'
import { called } from '../support/tricks.ts'
import type { Page } from '@playwright/test'

// Case I of the design: what others say, on the screen.

/** Markup that shows itself at once where it is taken for markup. A slash would be refused in a file's name. */
const MARKUP = `<img src=x onerror="globalThis.ran=1"><svg onload="globalThis.ran=1"><a href="javascript:ran=1">click`

/** What is left of markup when it was only ever text. */
async function expectText(page: Page, part: string): Promise<void> {
  await expect(page.locator('body')).toContainText(part)
  const found = await page.evaluate(() => ({
    made: document.querySelectorAll('img[src="x"], svg[onload], [onerror], a[href^="javascript:"], iframe').length,
    ran: 'ran' in globalThis,
  }))
  expect(found).toEqual({ made: 0, ran: false })
}

test('I114: a file’s name is text, in the window and on the phone', async ({ desktop, phone, outbox }) => {
  await desktop.window.getByTestId('auto-accept').uncheck()
  await phone.send({ name: `${MARKUP}.txt`, mimeType: 'text/html', buffer: Buffer.from('x') })
  // The question names it as it will land.
  await expectText(desktop.window, '_img src=x')
  await desktop.window.getByTestId('accept').click()
  await expect(desktop.window.getByTestId('transfer')).toHaveAttribute('data-state', 'done')
  await expectText(desktop.window, 'img src=x')
  await expectText(phone.page, '<img src=x')
  if (process.platform === 'win32') return
  // Such names are files like any other on this system, and go the other way as well.
  const file = await makeFile(outbox, `2${MARKUP}.txt`, 1000)
  await desktop.window.getByTestId('file-input').setInputFiles(file.path)
  await phone.rowIs(file.name, 'done')
  await expectText(phone.page, '2<img src=x')
  await expectText(desktop.window, '2<img src=x')
})

test('I114: a device’s name is one short line of text', async ({ desktop, phones }) => {
  const phone = await Phone.open(phones, desktop.link(), called(`\u202e<b>Mine</b>\n${MARKUP}`))
  await phone.is('connected')
  await expectText(desktop.window, '<b>Mine</b>')
  const title = await desktop.window.getByTestId('device').getByRole('heading').textContent()
  expect([...(title ?? '')].length).toBeLessThanOrEqual(40)
  expect(title).not.toMatch(/[\u202e\n]/)
  expect(await desktop.window.getByTestId('device').locator('b').count()).toBe(0)
  await phone.close()
})

test.describe('an app of 2018', () => {
  test.use({ appOptions: ['--legacy', 'always'] })

  test('I114: records and notices are text, and no link in them can be clicked', async ({ desktop }) => {
    const link = 'javascript:globalThis.ran=1 https://evil.example'
    const bytes = Buffer.from('x')
    const records = [{ id: '"><img src=x>', title: MARKUP, bytes }, { id: '2', title: link, bytes }] // prettier-ignore
    const app = new LegacyPhone(desktop.link(), { records })
    await app.ready()
    app.say(`${MARKUP} notice`)
    await expect(desktop.window.getByTestId('notice')).toContainText('notice')
    await desktop.window.getByTestId('nav-records').click()
    await expect(desktop.window.getByTestId('record')).toHaveCount(2)
    await expectText(desktop.window, link)
    await desktop.window.getByText(link).click()
    expect(await desktop.window.locator('a').count()).toBe(0)
    await expectText(desktop.window, MARKUP)
    await app.close()
  })
})

/** Puts something harmless in the place of all that leaves the app, and tells what was asked of it. */
async function watchSystem({ app }: RunningApp): Promise<() => Promise<string[]>> {
  await app.evaluate(({ shell, dialog }) => {
    const asked: string[] = []
    Object.assign(globalThis, { asked })
    shell.openExternal = (url) => Promise.resolve(void asked.push(`open ${url}`))
    shell.openPath = (path) => Promise.resolve((asked.push(`path ${path}`), ''))
    shell.showItemInFolder = (path) => void asked.push(`show ${path}`)
    dialog.showOpenDialog = () => Promise.resolve((asked.push('dialog'), { canceled: true, filePaths: [] }))
  })
  return () => app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)
}

test('I114: a link opens after a click only, and only http and https', async ({ desktop }) => {
  const asked = await watchSystem(desktop)
  const { window } = desktop
  const urls = ['file:///etc/passwd', 'javascript:alert(1)', 'data:text/html,x', 'smb://evil/x', 'ms-settings:x', 'app://local/', 'about:blank', 'https://fine.example/'] // prettier-ignore
  await window.evaluate((all) => {
    for (const url of all) open(url)
    document.body.addEventListener('click', () => {
      for (const url of all) open(url)
    })
  }, urls)
  await window.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)))
  expect(await asked()).toEqual([])
  await window.getByRole('heading').first().click()
  await expect.poll(asked).toEqual(['open https://fine.example/'])
  expect(await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

test('I115: what was received is shown nowhere inside: no picture, no page, no document', async ({
  desktop,
  phone,
}) => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" id="foreign"><script>globalThis.ran=1</script></svg>'
  const html = '<html id="foreign"><script>globalThis.ran=1</script></html>'
  for (const [name, mimeType, text] of [
    ['drawing.svg', 'image/svg+xml', svg],
    ['page.html', 'text/html', html],
    ['paper.pdf', 'application/pdf', '%PDF-1.7'],
  ] as const) {
    await phone.send({ name, mimeType, buffer: Buffer.from(text) })
    expect(await desktop.events.ended(name)).toMatchObject({ state: 'done' })
  }
  await expect(desktop.window.getByTestId('transfer')).toHaveCount(3)
  const foreign = '#foreign, iframe, object, embed, [src*="svg"], [src^="file:"], [src^="app:"]:not(script)'
  expect(await desktop.window.locator(foreign).count()).toBe(0)
  expect(await desktop.window.evaluate(() => 'ran' in globalThis)).toBe(false)
})

/** Pixels: one line of text and the air around it, not two. */
const ROW_PX_MAX = 80

async function buttonsAreInSight({ window }: RunningApp): Promise<void> {
  for (const button of ['accept', 'accept-none']) await expect(window.getByTestId(button)).toBeInViewport({ ratio: 1 })
}

test('I116: many files with long names push no button out of sight', async ({ desktop, phone }) => {
  await desktop.window.getByTestId('auto-accept').uncheck()
  const files = Array.from({ length: 20 }, (_, n) => ({ name: `${n} ${'long '.repeat(40)}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') }))
  await phone.send(files)
  await expect(desktop.window.getByTestId('incoming-file')).toHaveCount(files.length)
  await buttonsAreInSight(desktop)
  await desktop.window.getByTestId('accept-none').click()
  await expect(desktop.window.getByTestId('incoming')).toHaveCount(0)
}) // prettier-ignore

test('I116: a name of thousands of characters pushes no button out of sight', async ({ desktop, phone }) => {
  await desktop.window.getByTestId('auto-accept').uncheck()
  for (const part of ['x', 'wide 文 ']) {
    await phone.send({ name: `${part.repeat(4000 / part.length)}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') })
    await buttonsAreInSight(desktop)
    const row = await desktop.window.getByTestId('incoming-file').boundingBox()
    expect(row?.height).toBeLessThan(ROW_PX_MAX)
    const isWide = await desktop.window.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(isWide).toBe(false)
    await desktop.window.getByTestId('accept-none').click()
    await expect(desktop.window.getByTestId('incoming')).toHaveCount(0)
  }
  // Beyond what the protocol allows it is refused, and nobody is asked.
  await phone.send({ name: `${'y'.repeat(5000)}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') })
  await expect(phone.page.getByTestId('transfer').filter({ hasText: 'yyyy' })).toHaveAttribute('data-state', /failed|cancelled/)
  await expect(desktop.window.getByTestId('incoming')).toHaveCount(0)
  expect(await listing(desktop.inbox)).toEqual([])
}) // prettier-ignore
