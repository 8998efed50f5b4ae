import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator } from '@playwright/test'
import { parseLink } from '#protocol/pairing.ts'
import type {} from '#desktop/window-global.ts'
import { startApp, type RunningApp } from '../support/app.ts'
import { listing, makeFile, scratch } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { ReferencePhone } from '../support/reference-phone.ts'

const rows = ({ window }: RunningApp): Locator => window.getByTestId('history-row')
const show = ({ window }: RunningApp): Promise<void> => window.getByTestId('nav-history').click()
const back = ({ window }: RunningApp): Promise<void> => window.getByTestId('nav-phones').click()

async function joined(outbox: string, link: string | null): Promise<ReferencePhone> {
  const phone = new ReferencePhone(outbox, link, ['--name', 'Reference'])
  await phone.connected()
  return phone
}

test('what came and went is remembered, shown, sent again, found, and forgotten', async ({ outbox }) => {
  const kept = await scratch()
  const first = await startApp([], '127.0.0.1', kept.path)
  const up = await makeFile(outbox, 'from phone.bin', 100_000)
  const down = await makeFile(outbox, 'to phone.bin', 50_000)
  const phone = await joined(outbox, first.link())
  phone.type(`send ${up.path}`)
  await first.events.ended(up.name)
  await first.window.getByTestId('file-input').setInputFiles(down.path)
  await first.events.ended(down.name)
  await first.close()
  await phone.close()

  // The phone comes back to where it was.
  const { port = 0 } = parseLink(first.link()) ?? {}
  const second = await startApp(['--port', String(port)], '127.0.0.1', kept.path)
  const again = await joined(outbox, null)
  try {
    await show(second)
    await expect(rows(second)).toHaveCount(2)
    const incoming = second.window.locator('[data-name="from phone.bin"]')
    await expect(incoming).toContainText('From Reference')
    await expect(incoming).toContainText('direct')
    await second.app.evaluate(({ shell }) => {
      const shown: string[] = []
      Object.assign(globalThis, { shown })
      shell.showItemInFolder = (path) => void shown.push(path)
    })
    const shown = () => second.app.evaluate(() => (globalThis as unknown as { shown: string[] }).shown)
    await incoming.getByTestId('history-show').click()
    await expect.poll(shown).toEqual([join(second.inbox, up.name)])
    await rm(join(second.inbox, up.name))
    await incoming.getByTestId('history-show').click()
    await expect(second.window.getByText('It is not there any more.')).toBeVisible()

    await second.window.locator('[data-name="to phone.bin"]').getByTestId('history-again').click()
    expect(await second.events.ended(down.name)).toMatchObject({ state: 'done', direction: 'out' })
    await expect(rows(second)).toHaveCount(3)
    await second.window.getByTestId('history-search').fill('FROM ph')
    await expect(rows(second)).toHaveCount(1)
    await second.window.getByTestId('history-search').fill('')
    await second.window.getByTestId('history-clear').click()
    await second.window.getByTestId('history-clear-really').click()
    await expect(rows(second)).toHaveCount(0)
    const seen = await second.window.evaluate(() => window.lanyard.findHistory({ offset: 0, limit: 10 }))
    expect(JSON.stringify(seen)).not.toContain(kept.path)
  } finally {
    await again.close()
    await second.close()
    await kept.remove()
  }
})

test('texts both ways: typed, pasted, shown, copied at once where that is wanted', async ({ desktop, outbox }) => {
  const phone = await joined(outbox, desktop.link())
  const text = (what: string) => phone.events.wait(what, (e) => e.event === 'text' && e['text'] === what)
  const copied = () => desktop.app.evaluate(({ clipboard }) => clipboard.readText())
  try {
    const { window } = desktop
    await desktop.app.evaluate(({ clipboard }) => clipboard.writeText('before'))
    await window.getByTestId('send-text').click()
    await window.getByTestId('text-box').fill('hello phone')
    await window.getByTestId('text-box').press('Enter')
    await text('hello phone')
    await window.getByTestId('send-clipboard').click()
    await text('before')
    await window.getByTestId('send-text').click()

    // Into the window, not into a field.
    await desktop.app.evaluate(({ clipboard }) => clipboard.writeText('pasted words'))
    await window.locator('body').press('ControlOrMeta+v')
    await text('pasted words')

    phone.type('say https://example.invalid/x')
    await expect(window.getByTestId('text-card')).toContainText('https://example.invalid/x')
    expect(await copied()).toBe('pasted words')
    await window.getByTestId('text-copy').click()
    await expect.poll(copied).toBe('https://example.invalid/x')
    await window.getByTestId('text-dismiss').click()
    await expect(window.getByTestId('text-card')).toHaveCount(0)
    await window.getByTestId('clipboard-setting').check()
    phone.type('say straight on')
    await expect.poll(copied).toBe('straight on')
    await show(desktop)
    await expect(rows(desktop)).toHaveCount(5)
    await window.locator('[data-name="hello phone"]').getByTestId('history-again').click()
    await expect.poll(() => phone.events.of('text').filter((e) => e['text'] === 'hello phone').length).toBe(2)
  } finally {
    await phone.close()
  }
})

test('an image that is pasted goes as a file; with two phones it asks which', async ({ desktop, phone, outbox }) => {
  await phone.is('connected')
  await desktop.events.wait('another link', (e) => e.event === 'link')
  const other = await joined(outbox, desktop.link())
  try {
    await back(desktop)
    await expect(desktop.window.locator('[data-testid="device"][data-state="here"]')).toHaveCount(2)
    await desktop.window.evaluate(() => {
      const clipboardData = new DataTransfer()
      const png = Uint8Array.from(atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='), (c) => c.charCodeAt(0))
      clipboardData.items.add(new File([png], 'image.png', { type: 'image/png' }))
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    })
    await desktop.window.getByTestId('paste-question').getByText('Reference').click()
    await desktop.events.wait('the image', (e) => /^Pasted image .*\.png$/.test(String(e['name'])) && e['state'] === 'done')
    await expect.poll(() => listing(join(outbox, 'received'))).toEqual([expect.stringMatching(/^Pasted image .*\.png$/)])
  } finally {
    await other.close()
  }
}) // prettier-ignore
