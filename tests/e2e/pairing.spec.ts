import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseLink } from '#protocol/pairing.ts'
import type { RunningApp } from '../support/app.ts'
import type { AppEvent } from '../support/events.ts'
import { listing, makeFile, makeLongFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'

test('the window shows a code whose link a phone can open', async ({ desktop, phones }) => {
  const qr = desktop.window.getByTestId('qr')
  await expect(qr).toBeVisible()
  const link = (await qr.getAttribute('data-link')) ?? ''
  expect(link).toBe(desktop.link())
  expect(parseLink(link)).toMatchObject({ address: '127.0.0.1' })
  const phone = await Phone.join(phones, link)
  const paired = await desktop.events.wait('paired', (e) => e.event === 'paired')
  expect(paired['device']).toMatchObject({ name: 'Pixel 7' })
  await expect(desktop.window.getByTestId('device')).toContainText('Pixel 7')
  expect(desktop.events.noise).toEqual([])
  await phone.close()
})

test('a page whose script does not come is asked for again, and connects', async ({ desktop, phones }) => {
  const context = await phones.newContext()
  const page = await context.newPage()
  let asked = 0
  await context.route(/\/assets\/index-.*\.js/, (route) => (++asked < 3 ? route.abort() : route.continue()))
  await page.goto(desktop.link())
  await expect(page.getByTestId('connection')).toHaveAttribute('data-state', 'connected')
  expect(asked).toBe(3)
  await context.close()
})

test('the address bar and the history no longer hold the key', async ({ phone }) => {
  expect(new URL(phone.page.url()).hash).toBe('')
})

test('each phone gets a link of its own, and both stay', async ({ desktop, phones, outbox }) => {
  const first = desktop.link()
  const one = await Phone.join(phones, first)
  await desktop.events.wait('another link', (e) => e.event === 'link')
  const second = desktop.link()
  expect(second).not.toBe(first)
  const two = await Phone.join(phones, second)
  await expect(desktop.window.getByTestId('device')).toHaveCount(2)
  const files = [await makeFile(outbox, 'from one.bin', 100_000), await makeFile(outbox, 'from two.bin', 100_000)]
  await one.send(files[0]?.path ?? '')
  await two.send(files[1]?.path ?? '')
  for (const file of files)
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  const devices = desktop.events.of('transfer').map((e) => (e['device'] as { id: string }).id)
  expect(new Set(devices).size).toBe(2)
  await one.is('connected')
  await one.close()
  await two.close()
})

test('a link that is none is refused in words', async ({ desktop, phones }) => {
  const { port } = parseLink(desktop.link()) ?? { port: 0 }
  const blank = await Phone.open(phones, `http://127.0.0.1:${port}/`)
  await blank.is('refused')
  const strange = await Phone.open(phones, `http://127.0.0.1:${port}/#2.${'A'.repeat(22)}.${'A'.repeat(43)}.0`)
  await strange.is('refused')
  expect(desktop.events.of('paired')).toEqual([])
  await blank.close()
  await strange.close()
})

test('the copy button puts the link on the clipboard', async ({ desktop }) => {
  await desktop.window.getByTestId('copy-link').click()
  await expect
    .poll(() => desktop.app.evaluate(async ({ clipboard }) => await clipboard.readText()))
    .toBe(desktop.link())
})

test('a phone that reloads comes back by itself and goes on', async ({ desktop, phone, outbox }) => {
  const big = await makeLongFile(outbox, 'big.bin', 200_000_000)
  await phone.send(big.path)
  await desktop.events.wait('bytes', (e) => e.event === 'transfer' && Number(e['bytes']) > 0)
  await phone.page.reload()
  // The page that had the file is gone: what came of it waits for its return, under no name that a person would take for it.
  const paused = desktop.window.locator('[data-testid="transfer"][data-name="big.bin"]')
  await expect(paused).toHaveAttribute('data-phase', 'paused')
  await phone.is('connected')
  await desktop.events.wait('paused', (e) => e['name'] === 'big.bin' && e['paused'] === 'away')
  expect(await listing(desktop.inbox)).not.toContain('big.bin')
  const small = await makeFile(outbox, 'small.bin', 1_000)
  await phone.send(small.path)
  expect(await desktop.events.ended('small.bin')).toMatchObject({ state: 'done', sha256: small.sha256 })
})

test('a phone that leaves is shown as away, and its transfers wait until a person ends them', async ({
  desktop,
  phone,
  outbox,
}) => {
  const down = await makeLongFile(outbox, 'down.bin', 200_000_000)
  await desktop.window.getByTestId('file-input').setInputFiles(down.path)
  await desktop.events.wait('bytes', (e) => e.event === 'transfer' && Number(e['bytes']) > 0)
  await phone.close()
  await desktop.events.wait('left', (e) => e.event === 'left')
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'away')
  const row = desktop.window.locator('[data-testid="transfer"][data-name="down.bin"]')
  await expect(row).toHaveAttribute('data-phase', 'paused')
  await desktop.events.wait('paused', (e) => e['name'] === 'down.bin' && e['paused'] === 'away')
  await row.getByRole('button', { name: /cancel/i }).click()
  expect(await desktop.events.ended('down.bin')).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
})

test('the window may reload: the phone finds it again', async ({ desktop, phone, outbox }) => {
  await desktop.window.reload()
  await phone.is('connected')
  const file = await makeFile(outbox, 'after.bin', 300_000)
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'here')
  await phone.send(file.path)
  expect(await desktop.events.ended('after.bin')).toMatchObject({ state: 'done', sha256: file.sha256 })
})

for (const side of ['phone', 'desktop'] as const) {
  for (const direction of ['up', 'down'] as const) {
    test(`${direction === 'up' ? 'a file on its way in' : 'a file on its way out'} cancelled on the ${side}`, async ({
      desktop,
      phone,
      outbox,
    }) => {
      const name = 'long.bin'
      const file = await makeLongFile(outbox, name, 200_000_000)
      if (direction === 'up') await phone.send(file.path)
      else await desktop.window.getByTestId('file-input').setInputFiles(file.path)
      await desktop.events.wait('bytes', (e) => e.event === 'transfer' && Number(e['bytes']) > 0)
      const page = side === 'phone' ? phone.page : desktop.window
      const row = page.locator(`[data-testid="transfer"][data-name="${name}"]`)
      await row.getByRole('button', { name: /cancel/i }).click()
      expect(await desktop.events.ended(name)).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
      await phone.rowIs(name, 'cancelled')
      await expect.poll(() => listing(desktop.inbox)).toEqual([])
      const next = await makeFile(outbox, 'next.bin', 5_000)
      await phone.send(next.path)
      expect(await desktop.events.ended('next.bin')).toMatchObject({ state: 'done' })
    })
  }
}

test('hostile and odd names land safely in the inbox or not at all', async ({ desktop, phone }) => {
  const plain = ['with space.txt', 'größe 图 😀.txt', '-rf', 'a;b$(c).txt', '.bashrc', 'x'.repeat(250) + '.jpg']
  const changed = {
    'con.txt': 'con_.txt',
    'ab:c.txt': 'ab_c.txt',
    'photo\u202egpj.exe': 'photogpj.exe',
    'dots...': 'dots',
  }
  const odd = [...plain, ...Object.keys(changed)]
  await phone.send(odd.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })))
  for (let i = 0; i < odd.length; i++) {
    await desktop.events.wait(`${i + 1} ends`, () => ends(desktop).length > i)
  }
  const landed = await listing(desktop.inbox)
  for (const name of Object.values(changed)) expect(landed).toContain(name)
  expect(ends(desktop).filter((e) => e['state'] === 'done')).toHaveLength(odd.length)
  expect(landed).toHaveLength(odd.length)
})

test('a name that is a path is refused and nothing is written anywhere', async ({ desktop, phone }) => {
  // The page's own file input gives plain names; a hostile phone offers what it likes.
  await phone.page.evaluate(() => {
    const input = document.querySelector<HTMLInputElement>('[data-testid="file-input"]')
    if (input === null) throw new Error('no input')
    const transfer = new DataTransfer()
    transfer.items.add(new File(['evil'], 'harmless.txt'))
    for (const file of transfer.files) Object.defineProperty(file, 'name', { value: '../../evil.txt' })
    Object.defineProperty(input, 'files', { value: transfer.files })
    input.dispatchEvent(new Event('change', { bubbles: true }))
  })
  const end = await desktop.events.wait('refusal', (e) => e.event === 'transfer' && e['state'] !== 'moving')
  expect(end).toMatchObject({ state: 'failed', reason: 'bad-name' })
  expect(await listing(desktop.inbox)).toEqual([])
  expect(existsSync(join(desktop.folder, 'evil.txt'))).toBe(false)
})

test('a file never replaces another', async ({ desktop, phone }) => {
  const file = (text: string) => ({ name: 'same.txt', mimeType: 'text/plain', buffer: Buffer.from(text) })
  await phone.send([file('1'), file('22'), file('333')])
  await desktop.events.wait('third', () => ends(desktop).length === 3)
  expect(await listing(desktop.inbox)).toEqual(['same (2).txt', 'same (3).txt', 'same.txt'])
})

const ends = (desktop: RunningApp): AppEvent[] => desktop.events.of('transfer').filter((e) => e['state'] !== 'moving')
