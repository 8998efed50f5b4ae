import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BusNotices } from '#electron/shell/bus-notices.ts'
import type { Notice, NoticeAction } from '#electron/shell/notices.ts'
import { startApp, type RunningApp } from '../support/app.ts'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { LegacyPhone } from '../support/legacy-phone.ts'
import { FilesStandIn, NoticesStandIn } from '../support/notices-stand-in.ts'
import { Phone } from '../support/phone.ts'
import { startSessionBus, type SessionBus } from '../support/session-bus.ts'
import { TrayStandIn } from '../support/tray-stand-in.ts'

test.describe('on the bus', () => {
  const before = process.env['DBUS_SESSION_BUS_ADDRESS']
  let session: SessionBus
  let acted: [NoticeAction, string | null][]
  let notices: BusNotices

  test.beforeEach(async () => {
    session = await startSessionBus()
    process.env['DBUS_SESSION_BUS_ADDRESS'] = session.address
    acted = []
    notices = new BusNotices((...said) => acted.push(said))
  })
  test.afterEach(async () => {
    await notices.stop()
    if (before === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS']
    else process.env['DBUS_SESSION_BUS_ADDRESS'] = before
    await session.stop()
  })

  const click = { do: 'show-window' } as const
  const yes: NoticeAction = { do: 'answer-files', ids: ['f'], yes: true }
  const notice = (tag: string, body: string): Notice => ({
    ...{ tag, title: 'Pixel 7', body, click },
    buttons: [{ label: 'Accept', action: yes }],
  })

  test('one takes the place of an earlier one of its tag; closed and clicked ones are gone', async () => {
    const desktop = await NoticesStandIn.start(session)
    await notices.show(notice('a', 'first'))
    await notices.show(notice('b', 'other'))
    await notices.show(notice('a', 'second'))
    expect(desktop.open).toMatchObject([
      { id: 1, title: 'Pixel 7', body: 'second', entry: 'lanyard' },
      { id: 2, body: 'other' },
    ])
    notices.close('a')
    await expect.poll(() => desktop.open).toMatchObject([{ body: 'other' }])
    const [other] = desktop.open
    desktop.click(other!, 'a token')
    await expect.poll(() => acted).toEqual([[click, 'a token']])
    await notices.show(notice('b', 'anew'))
    desktop.press(desktop.open[0]!, 'Accept')
    // The token was another's.
    await expect.poll(() => acted.slice(1)).toEqual([[yes, null]])
    // Already gone, which nobody minds.
    notices.close('b')
    await notices.show(notice('c', 'the last'))
    await notices.stop()
    expect(desktop.open).toEqual([])
  })

  test('where nothing can be clicked there are no buttons', async () => {
    const desktop = await NoticesStandIn.start(session, { hasActions: false })
    await notices.show(notice('a', 'first'))
    expect(desktop.shown).toMatchObject([{ body: 'first', actions: [] }])
  })

  test('after a restart of the desktop a click on the notice of another program is none of ours', async () => {
    const first = await NoticesStandIn.start(session)
    await notices.show(notice('a', 'first'))
    await notices.show(notice('b', 'other'))
    first.stop()
    const second = await NoticesStandIn.start(session)
    await notices.show(notice('a', 'second'))
    // What would be that of 'b' by its number.
    second.click({ id: 2, title: '', body: 'of another program', actions: [], entry: '' })
    second.press(second.shown[0]!, 'Accept')
    await expect.poll(() => acted).toEqual([[yes, null]])
  })

  test('where no bus is, that is said; the next one is tried anew', async () => {
    process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nowhere/at/all'
    await expect(notices.show(notice('a', 'first'))).rejects.toThrow()
    process.env['DBUS_SESSION_BUS_ADDRESS'] = session.address
    const desktop = await NoticesStandIn.start(session)
    await notices.show(notice('a', 'second'))
    expect(desktop.shown).toHaveLength(1)
  })
})

/** Hides the window, as a person does who closes it. */
async function hide({ app }: RunningApp): Promise<void> {
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  await expect.poll(() => isVisible(app)).toBe(false)
}
const isVisible = (app: RunningApp['app']): Promise<boolean | undefined> =>
  app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible())

test('each button of a notice does what it says, with no window on the screen', async ({ phones, outbox }) => {
  const session = await startSessionBus()
  await TrayStandIn.start(session)
  const notices = await NoticesStandIn.start(session)
  const files = await FilesStandIn.start(session)
  // As a desktop under Wayland gives it, where windows come to the front by a token only.
  const env = { DBUS_SESSION_BUS_ADDRESS: session.address, WAYLAND_DISPLAY: 'none' }
  const desktop = await startApp(['--legacy', 'ask'], '127.0.0.1', join(outbox, 'kept'), env)
  const { app, events, inbox } = desktop
  const phone = await Phone.join(phones, desktop.link())
  const send = async (name: string) => {
    const file = await makeFile(outbox, name, 300_000)
    await phone.send(file.path)
    return file
  }
  await desktop.window.getByTestId('auto-accept').uncheck()
  await hide(desktop)

  const first = await send('first.bin')
  notices.press(await notices.saying('first.bin waits for your yes.'), 'Accept')
  expect(await events.ended(first.name)).toMatchObject({ state: 'done', sha256: first.sha256 })
  notices.press(await notices.saying('first.bin has arrived.'), 'Show in folder')
  await expect.poll(() => files.shown).toEqual([pathToFileURL(join(inbox, first.name)).href])

  const second = await send('second.bin')
  notices.press(await notices.saying('second.bin waits for your yes.'), 'Decline')
  expect(await events.ended(second.name)).toMatchObject({ state: 'cancelled', reason: 'not-allowed' })
  expect(existsSync(join(inbox, second.name))).toBe(false)

  const old = new LegacyPhone(desktop.link())
  notices.press(await notices.saying('An older app at 127.0.0.1 wants to connect.'), 'Accept')
  await old.ready()
  await old.close()
  expect(await isVisible(app)).toBe(false)

  await app.evaluate(({ app: program }) => {
    program.once('second-instance', (_event, argv) => Object.assign(globalThis, { argv }))
  })
  const box = phone.page.getByTestId('talk').locator(':scope > form').getByTestId('text')
  await box.fill('a text to copy')
  await box.press('Enter')
  notices.press(await notices.saying('a text to copy'), 'Copy', 'of-this-click')
  await expect.poll(() => app.evaluate(({ clipboard }) => clipboard.readText())).toBe('a text to copy')
  // Under Wayland nothing without a window in front can be sure of that: the text is shown.
  await expect.poll(() => isVisible(app)).toBe(true)
  // By a second start, from whose environment Electron takes the token.
  const argv = () => app.evaluate(() => (globalThis as { argv?: string[] }).argv)
  await expect.poll(argv).toContain(`--data=${join(desktop.folder, 'data')}`)

  await hide(desktop)
  await send('last.bin')
  await notices.saying('last.bin waits for your yes.')
  await desktop.close()
  expect(notices.open).toEqual([])
  await phone.close()
  await session.stop()
})
