import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startApp, type RunningApp } from '../support/app.ts'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { FilesStandIn, NoticesStandIn } from '../support/notices-stand-in.ts'
import { Phone } from '../support/phone.ts'
import { startSessionBus } from '../support/session-bus.ts'
import { TrayStandIn } from '../support/tray-stand-in.ts'

const STILL_HERE =
  'Files still arrive. The icon in the tray opens the window and quits; Settings change what closing it does.'

const isVisible = ({ app }: RunningApp): Promise<boolean> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().some((window) => window.isVisible()))

const closeWindow = ({ app }: RunningApp): Promise<void> =>
  app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.close()
  })

test('the window is closed, a phone sends a file, a notice comes, and its click shows the file', async ({
  phones,
  outbox,
}) => {
  const session = await startSessionBus()
  const tray = await TrayStandIn.start(session)
  const notices = await NoticesStandIn.start(session)
  const files = await FilesStandIn.start(session)
  const desktop = await startApp([], '127.0.0.1', join(outbox, 'kept'), { DBUS_SESSION_BUS_ADDRESS: session.address })
  const labels = async (): Promise<string[]> => (await tray.menu()).map(({ label }) => label)
  await expect.poll(() => tray.items).toHaveLength(1)
  expect(await labels()).toContain('Quit')

  await closeWindow(desktop)
  await expect.poll(() => isVisible(desktop)).toBe(false)
  await notices.saying(STILL_HERE)

  const phone = await Phone.join(phones, desktop.link())
  await expect.poll(labels).toContain('Pixel 7 · here')
  const file = await makeFile(outbox, 'this & that.jpg', 300_000)
  await phone.send(file.path)
  const end = await desktop.events.ended(file.name)
  const notice = await notices.saying('this ＆ that.jpg has arrived.')
  expect(notice.title).toBe('Pixel 7')
  notices.click(notice)
  await expect.poll(() => files.shown).toEqual([pathToFileURL(String(end['path'])).href])

  await tray.choose('Show Lanyard')
  await expect.poll(() => isVisible(desktop)).toBe(true)
  await closeWindow(desktop)
  await expect.poll(() => isVisible(desktop)).toBe(false)
  expect(notices.shown.filter(({ body }) => body === STILL_HERE)).toHaveLength(1)

  // Whoever wants no tray has the window's close button end the program.
  await desktop.window.evaluate(() => globalThis.window.lanyard.setSetting('keepInTray', false))
  await tray.gone()
  const ended = new Promise((resolve) => desktop.child.once('exit', resolve))
  await closeWindow(desktop)
  expect(await ended).toBe(0)
  await phone.close()
  await session.stop()
})
