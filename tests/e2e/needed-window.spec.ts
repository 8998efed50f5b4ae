import { join } from 'node:path'
import { startApp, type RunningApp } from '../support/app.ts'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'
import { startSessionBus } from '../support/session-bus.ts'
import { TrayStandIn } from '../support/tray-stand-in.ts'

const pagesOf = ({ app }: RunningApp): Promise<number> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)

const pageIsGone = (desktop: RunningApp): Promise<void> =>
  expect.poll(() => pagesOf(desktop), 'the hidden page, which nobody needs').toBe(0)

test('hidden in the tray the page is gone until a phone opens the link, and goes after it; the tray brings it back', async ({
  phones,
  outbox,
}) => {
  const session = await startSessionBus()
  const tray = await TrayStandIn.start(session)
  const env = { DBUS_SESSION_BUS_ADDRESS: session.address }
  const desktop = await startApp(['--hidden'], '127.0.0.1', join(outbox, 'kept'), env)
  await pageIsGone(desktop)

  const phone = await Phone.join(phones, desktop.link())
  const file = await makeFile(outbox, 'to nobody.bin', 2_000_000)
  await phone.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  expect(await pagesOf(desktop)).toBe(1)
  // What crashes comes back by itself, because the phone needs it.
  await desktop.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer()
  })
  const again = await makeFile(outbox, 'once more.bin', 2_000_000)
  await phone.send(again.path)
  expect(await desktop.events.ended(again.name)).toMatchObject({ state: 'done', sha256: again.sha256 })
  await phone.close()
  await pageIsGone(desktop)

  const opened = desktop.app.waitForEvent('window')
  await tray.choose('Settings')
  const window = await opened
  await expect(window.getByTestId('settings')).toBeVisible()
  await expect
    .poll(() => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
    .toBe(true)
  await desktop.close()
  await session.stop()
})

test('headless the page is gone until a phone opens the link', async ({ phones, outbox }) => {
  const desktop = await startApp(['--headless'])
  await pageIsGone(desktop)
  const phone = await Phone.join(phones, desktop.link())
  const file = await makeFile(outbox, 'to nobody.bin', 2_000_000)
  await phone.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  await phone.close()
  await desktop.close()
})
