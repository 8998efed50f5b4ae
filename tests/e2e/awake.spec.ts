import { startApp } from '../support/app.ts'
import { makeLongFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { underWay } from '../support/moving.ts'
import { Phone } from '../support/phone.ts'
import { PowerStandIn } from '../support/power-stand-in.ts'
import { startSessionBus } from '../support/session-bus.ts'

/** Bytes of a file that is on its way for as long as a test looks. */
const LONG = 400_000_000

/** Whether the page plays what has its browser leave the screen on. A browser without a window asks its session for nothing. */
const isLit = ({ page }: Phone): Promise<boolean> =>
  page.evaluate(() => document.querySelector<HTMLVideoElement>('.screen-light')?.paused === false)

test("the computer is kept awake, and the phone's screen on, while a file moves, not while it is paused, nor after its end", async ({
  phones,
  outbox,
}) => {
  const session = await startSessionBus()
  const power = await PowerStandIn.start(session)
  const env = { DBUS_SESSION_BUS_ADDRESS: session.address, XDG_CURRENT_DESKTOP: 'GNOME' }
  const desktop = await startApp([], '127.0.0.1', undefined, env)
  const phone = await Phone.join(phones, desktop.link())
  expect([power.told, await isLit(phone)]).toEqual([[], false])
  const file = await makeLongFile(outbox, 'film.bin', LONG)
  await phone.send(file.path)
  await underWay(desktop.events, file.name)
  await expect.poll(() => power.told).toEqual([true])
  await expect.poll(() => isLit(phone)).toBe(true)
  const row = desktop.window.getByTestId('transfer')
  await row.getByTestId('pause').click()
  await expect.poll(() => power.told).toEqual([true, false])
  await expect.poll(() => isLit(phone)).toBe(false)
  await row.getByTestId('resume').click()
  await expect.poll(() => power.told).toEqual([true, false, true])
  await expect.poll(() => isLit(phone)).toBe(true)
  const setKeepAwake = (on: boolean) =>
    desktop.window.evaluate((wish) => globalThis.window.lanyard.setSetting('keepAwake', wish), on)
  await setKeepAwake(false)
  await expect.poll(() => power.told).toEqual([true, false, true, false])
  await setKeepAwake(true)
  await expect.poll(() => power.told).toEqual([true, false, true, false, true])
  await row.getByTestId('cancel').click()
  await expect.poll(() => power.told).toEqual([true, false, true, false, true, false])
  await expect.poll(() => isLit(phone)).toBe(false)
  expect(power.isHeld).toBe(false)
  expect(phone.problems).toEqual([])
  await phone.close()
  await desktop.close()
  await session.stop()
})
