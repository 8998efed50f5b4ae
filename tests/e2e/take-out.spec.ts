import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RunningApp } from '../support/app.ts'
import { expect, test } from '../support/fixtures.ts'

/** Two pixels, one above the other, as a PNG. */
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAACCAIAAAAW4yFwAAAADklEQVR4nGP4zwAE/xkACP8B/0AhLC4AAAAASUVORK5CYII='

/** What is on the system's clipboard, as another program may read it. */
const clipboardOf = ({ app }: RunningApp): Promise<{ copied: string; size: object }> =>
  app.evaluate(({ clipboard }) => {
    const old = clipboard as unknown as { readBuffer(format: string): Buffer; readImage(): { getSize(): object } }
    return { copied: old.readBuffer('x-special/gnome-copied-files').toString(), size: old.readImage().getSize() }
  })

test('a received picture leaves the list: as a file, as a picture, and by dragging', async ({ desktop, phone }) => {
  const { app, window, inbox } = desktop
  const name = 'sea & sand 100%.png'
  await phone.send({ name, mimeType: 'image/png', buffer: Buffer.from(PICTURE, 'base64') })
  await desktop.events.ended(name)
  const path = join(inbox, name)
  const row = window.getByTestId('transfer')
  await row.getByTestId('copy-file').click()
  await expect(row.getByRole('status')).toHaveText('Copied')
  expect((await clipboardOf(desktop)).copied).toBe(`copy\n${pathToFileURL(path).href}`)
  await row.getByTestId('copy-picture').click()
  await expect.poll(async () => (await clipboardOf(desktop)).size).toEqual({ width: 1, height: 2 })

  // The system's own drag waits for a real mouse: what it is given is seen just before.
  await app.evaluate(({ BrowserWindow }) => {
    const [{ webContents } = { webContents: null }] = BrowserWindow.getAllWindows()
    if (webContents === null) throw new Error('no window')
    webContents.startDrag = ({ file, icon }) => {
      Object.assign(globalThis, { dragged: [file, typeof icon === 'string' || icon.isEmpty()] })
      Reflect.deleteProperty(webContents, 'startDrag')
    }
  })
  await row.locator('.name, [title]').first().hover()
  await window.mouse.down()
  await window.mouse.move(400, 400, { steps: 5 })
  const dragged = (): Promise<unknown> => app.evaluate(() => (globalThis as { dragged?: unknown }).dragged)
  await expect.poll(dragged).toEqual([path, false])
  await window.mouse.up()

  await rm(path)
  await row.getByTestId('copy-file').click()
  await expect(row.getByRole('status')).toHaveText('It is not there any more.')
  expect((await clipboardOf(desktop)).copied).toBe('')
})
