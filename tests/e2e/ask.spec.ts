import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '../support/fixtures.ts'
import { bytesOf, listing, makeFile } from '../support/files.ts'
import { LegacyPhone } from '../support/legacy-phone.ts'
import type { RunningApp } from '../support/app.ts'

/** An app of 2018 at the door, for the time of one test. */
async function atTheDoor(desktop: RunningApp, act: (phone: LegacyPhone) => Promise<void>): Promise<void> {
  const phone = new LegacyPhone(desktop.link())
  try {
    await expect(desktop.window.getByTestId('legacy-question')).toBeVisible()
    await act(phone)
  } finally {
    await phone.close()
  }
}

const bytesAsBuffer = (size: number): Buffer => Buffer.from(bytesOf(size, 3))

const question = ({ window }: RunningApp) => window.getByTestId('legacy-question')
const panel = ({ window }: RunningApp) => window.getByTestId('incoming')

test.describe('an app of 2018 waits for a click', () => {
  test('the dialog says who asks, has no as its default, and Allow lets it in; then each file asks', async ({
    desktop,
  }) => {
    await atTheDoor(desktop, async (phone) => {
      await expect(question(desktop)).toContainText('127.0.0.1')
      await expect(question(desktop)).toContainText('unverified')
      await expect(desktop.window.getByTestId('legacy-deny')).toBeFocused()
      await expect(desktop.window.getByTestId('device')).toHaveCount(0)
      const { violations } = await new AxeBuilder({ page: desktop.window }).setLegacyMode().analyze()
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
      await desktop.window.getByTestId('legacy-allow').click()
      await phone.ready()
      await expect(question(desktop)).toHaveCount(0)
      await expect(desktop.window.getByTestId('auto-accept')).toBeDisabled()

      void phone.files.send('first.bin', bytesOf(900_000, 1))
      await expect(panel(desktop)).toContainText('1 file')
      expect(await listing(desktop.inbox)).toEqual([])
      await desktop.window.getByTestId('accept').click()
      expect(await desktop.events.ended('first.bin')).toMatchObject({ state: 'done' })
      void phone.files.send('second.bin', bytesOf(50_000, 2))
      await desktop.window.getByTestId('accept-none').click()
      expect(await desktop.events.ended('second.bin')).toMatchObject({ state: 'cancelled', reason: 'not-allowed' })
      await expect.poll(() => phone.exceptions).toEqual(['refused: second.bin'])
      expect(await listing(desktop.inbox)).toEqual(['first.bin'])
    })
  })

  test('Deny, and Escape, send it away with a reason', async ({ desktop }) => {
    for (const deny of [
      () => desktop.window.getByTestId('legacy-deny').click(),
      () => desktop.window.keyboard.press('Escape'),
    ]) {
      await atTheDoor(desktop, async (phone) => {
        await deny()
        await expect.poll(() => phone.exceptions).toEqual(['not-allowed'])
        await expect(question(desktop)).toHaveCount(0)
      })
    }
    await expect(desktop.window.getByTestId('device')).toHaveCount(0)
  })

  test('an app that leaves takes its question with it', async ({ desktop }) => {
    await atTheDoor(desktop, async (phone) => {
      await phone.close()
      await expect(question(desktop)).toHaveCount(0)
    })
  })

  test('never: it is refused without a question, and that is remembered in the setting', async ({ desktop }) => {
    await desktop.window.getByTestId('settings-open').click()
    await desktop.window.getByTestId('setting-legacy').selectOption('never')
    await desktop.window.getByTestId('settings-close').click()
    const phone = new LegacyPhone(desktop.link())
    await expect.poll(() => phone.exceptions).toEqual(['not-allowed'])
    await expect(question(desktop)).toHaveCount(0)
    await phone.close()
  })
})

test.describe('files of a phone that is not on auto-accept', () => {
  test.beforeEach(async ({ desktop, phone }) => {
    // There is a device only once the phone has joined.
    await expect(phone.page).toHaveTitle(/./)
    const auto = desktop.window.getByTestId('auto-accept')
    await expect(auto).toBeChecked()
    await auto.uncheck()
  })

  test('a batch is one question; all of it comes', async ({ desktop, phone, outbox }) => {
    const files = await Promise.all(['a.txt', 'b.jpg', 'c.zip'].map((name) => makeFile(outbox, name, 40_000)))
    for (const { path } of files) await phone.send(path)
    await expect(desktop.window.getByTestId('incoming-file')).toHaveCount(3)
    await expect(panel(desktop)).toContainText('3 files')
    await desktop.window.getByTestId('accept').click()
    for (const { name } of files) expect(await desktop.events.ended(name)).toMatchObject({ state: 'done' })
    await expect(panel(desktop)).toHaveCount(0)
  })

  test('some of it: the rest ends with a plain reason on the phone', async ({ desktop, phone, outbox }) => {
    const files = await Promise.all(['a.txt', 'b.jpg'].map((name) => makeFile(outbox, name, 40_000)))
    for (const { path } of files) await phone.send(path)
    const rows = desktop.window.getByTestId('incoming-file')
    await expect(rows).toHaveCount(2)
    await rows.filter({ hasText: 'a.txt' }).getByRole('checkbox').uncheck()
    await desktop.window.getByTestId('accept').click()
    expect(await desktop.events.ended('b.jpg')).toMatchObject({ state: 'done' })
    expect(await desktop.events.ended('a.txt')).toMatchObject({ state: 'cancelled', reason: 'not-allowed' })
    await expect(phone.row('a.txt')).toContainText('did not accept')
    expect(await listing(desktop.inbox)).toEqual(['b.jpg'])
  })

  test('a picture is shown before a yes, and nothing of it is kept after a no', async ({ desktop, phone }) => {
    const png = await desktop.window.screenshot()
    await phone.page.getByTestId('file-input').setInputFiles([
      { name: 'window.png', mimeType: 'image/png', buffer: png },
      { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: bytesAsBuffer(4_000) },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: bytesAsBuffer(400) },
    ])
    await expect(desktop.window.getByTestId('incoming-file')).toHaveCount(3)
    const thumb = desktop.window.getByTestId('incoming-file').filter({ hasText: 'window' }).getByTestId('thumb')
    await expect.poll(() => thumb.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0)
    await expect(desktop.window.getByTestId('thumb')).toHaveCount(1)
    expect(await listing(desktop.inbox)).toEqual([])
    await desktop.window.getByTestId('accept-none').click()
    await expect(thumb).toHaveCount(0)
    expect(await desktop.events.ended('window.png')).toMatchObject({ state: 'cancelled', reason: 'not-allowed' })
    expect(await listing(desktop.inbox)).toEqual([])
  })

  test('a strip of a picture is no longer on the phone than its thumbnail', async ({ desktop, phone }) => {
    const strip = await desktop.window.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 10_000, height: 1 })
      canvas.getContext('2d')?.fillRect(0, 0, 10_000, 1)
      return canvas.toDataURL('image/png').split(',')[1] ?? ''
    })
    await phone.page.evaluate(() => {
      const make = createImageBitmap as (file: Blob, options: ImageBitmapOptions) => Promise<ImageBitmap>
      const made: string[] = []
      const watched = async (file: Blob, options: ImageBitmapOptions): Promise<ImageBitmap> => {
        const image = await make(file, options)
        made.push(`${image.width} x ${image.height}`)
        return image
      }
      Object.assign(globalThis, { made, createImageBitmap: watched })
    })
    await phone.send({ name: 'strip.png', mimeType: 'image/png', buffer: Buffer.from(strip, 'base64') })
    const thumb = desktop.window.getByTestId('thumb')
    await expect.poll(() => thumb.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(96)
    expect(await phone.page.evaluate(() => (globalThis as unknown as { made: string[] }).made)).toEqual(['96 x 1'])
  })

  test('none of it', async ({ desktop, phone, outbox }) => {
    const file = await makeFile(outbox, 'a.txt', 40_000)
    await phone.send(file.path)
    await desktop.window.getByTestId('accept-none').click()
    expect(await desktop.events.ended('a.txt')).toMatchObject({ state: 'cancelled', reason: 'not-allowed' })
    expect(await listing(desktop.inbox)).toEqual([])
  })
})
