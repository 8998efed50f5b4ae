import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { startApp } from '../support/app.ts'
import { ASKS_DESKTOP, ChooserStandIn } from '../support/chooser-stand-in.ts'
import { makeFile, makeLongFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { toldOf, underWay } from '../support/moving.ts'
import { NoticesStandIn } from '../support/notices-stand-in.ts'
import { Phone } from '../support/phone.ts'
import { startSessionBus } from '../support/session-bus.ts'
import { TrayStandIn } from '../support/tray-stand-in.ts'

/** Bytes of a file that is on its way for as long as the test looks. */
const LONG = 400_000_000

/** Puts a stand-in for what opens folders on the path. Returns the environment, and what it was asked to open. */
async function openerIn(folder: string) {
  const bin = join(folder, 'bin')
  const log = join(folder, 'opened')
  await mkdir(bin)
  await writeFile(join(bin, 'xdg-open'), `#!/bin/sh\nprintf '%s\\n' "$1" >> '${log}'\n`)
  await chmod(join(bin, 'xdg-open'), 0o755)
  const opened = () => readFile(log, 'utf8').catch(() => '')
  return { env: { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` }, opened }
}

test('each entry of the tray’s menu does what it says', async ({ phones, outbox }) => {
  const session = await startSessionBus()
  const tray = await TrayStandIn.start(session)
  const notices = await NoticesStandIn.start(session)
  const chooser = await ChooserStandIn.start(session)
  const { env: opener, opened } = await openerIn(outbox)
  const env = { ...opener, ...ASKS_DESKTOP, DBUS_SESSION_BUS_ADDRESS: session.address }
  const desktop = await startApp([], '127.0.0.1', join(outbox, 'kept'), env)
  const isVisible = () => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())
  const hide = async (): Promise<void> => {
    await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await expect.poll(isVisible).toBe(false)
  }
  const entry = (label: string) =>
    expect.poll(async () => (await tray.menu()).map((one) => one.label), label).toContain(label)
  await expect.poll(() => tray.items).toHaveLength(1)
  const phone = await Phone.join(phones, desktop.link())
  await entry('Pixel 7 · here')
  await hide()

  await tray.choose('Open the folder “inbox”')
  await expect.poll(opened).toBe(`${desktop.inbox}\n`)
  expect(await isVisible()).toBe(false)

  await desktop.app.evaluate(({ clipboard }) => clipboard.writeText('straight from the tray'))
  await tray.choose('Pixel 7 · here', 'Send clipboard')
  await expect(phone.page.getByTestId('text-body')).toHaveText('straight from the tray')

  const gifts = await Promise.all(['gift.bin', 'a second & a 3rd.bin'].map((name) => makeFile(outbox, name, 300_000)))
  await tray.choose('Pixel 7 · here', 'Send files…')
  await expect.poll(() => chooser.asked).toBe(1)
  chooser.answer = gifts.map(({ path }) => path)
  await tray.choose('Pixel 7 · here', 'Send files…')
  for (const gift of gifts) expect(await sha256File(await phone.saved(gift.name))).toBe(gift.sha256)
  expect(chooser.asked).toBe(2)
  expect(await isVisible()).toBe(false)

  const file = await makeLongFile(outbox, 'long.bin', LONG)
  await phone.send(file.path)
  await underWay(desktop.events, file.name)
  await entry('Pause all')
  await tray.choose('Pause all')
  await entry('Resume all')
  await expect(phone.row(file.name)).toContainText('Paused')
  const from = toldOf(desktop.events, file.name).at(-1)
  await tray.choose('Resume all')
  await underWay(desktop.events, file.name, Number(from?.['bytes']))
  await entry('Cancel all')
  await tray.choose('Cancel all')
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'cancelled' })
  expect(await isVisible()).toBe(false)

  await tray.choose('Settings')
  await expect.poll(isVisible).toBe(true)
  await expect(desktop.window.getByTestId('settings')).toBeVisible()
  await tray.choose('Show the code')
  await expect(desktop.window.getByTestId('settings')).toBeHidden()
  await expect(desktop.window.getByTestId('qr')).toBeVisible()

  // A question that came while nobody looked: the click on its notice brings the window that asks it.
  await desktop.window.getByTestId('auto-accept').uncheck()
  await hide()
  const asked = await makeFile(outbox, 'asked.bin', 300_000)
  await phone.send(asked.path)
  notices.click(await notices.saying('asked.bin waits for your yes.'))
  await expect.poll(isVisible).toBe(true)
  await desktop.window.getByTestId('accept').click()
  expect(await desktop.events.ended(asked.name)).toMatchObject({ state: 'done', sha256: asked.sha256 })

  const ended = new Promise((resolve) => desktop.child.once('exit', resolve))
  await tray.choose('Quit')
  expect(await ended).toBe(0)
  await phone.close()
  await session.stop()
})
