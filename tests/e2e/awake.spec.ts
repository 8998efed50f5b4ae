import { startApp } from '../support/app.ts'
import { makeLongFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { underWay } from '../support/moving.ts'
import { launchBrowser, Phone } from '../support/phone.ts'
import { PowerStandIn } from '../support/power-stand-in.ts'
import { startSessionBus, type SessionBus } from '../support/session-bus.ts'

/** Bytes of a file that is on its way for as long as a test looks. */
const LONG = 400_000_000

const envOf = ({ address }: SessionBus): Readonly<Record<string, string>> => ({
  DBUS_SESSION_BUS_ADDRESS: address,
  XDG_CURRENT_DESKTOP: 'GNOME',
})

test("the computer is kept awake, and the phone's screen on, while a file moves, not while it is paused, nor after its end", async ({
  outbox,
}) => {
  const session = await startSessionBus()
  const power = await PowerStandIn.start(session)
  const desktop = await startApp([], '127.0.0.1', undefined, envOf(session))
  // Without a window Chromium leaves no screen on.
  const ofPhone = await startSessionBus()
  const light = await PowerStandIn.start(ofPhone)
  const browser = await launchBrowser(undefined, { inWindow: envOf(ofPhone) })
  const phone = await Phone.join(browser, desktop.link())
  expect([power.told, light.told]).toEqual([[], []])
  const file = await makeLongFile(outbox, 'film.bin', LONG)
  await phone.send(file.path)
  await underWay(desktop.events, file.name)
  await expect.poll(() => power.told).toEqual([true])
  await expect.poll(() => light.isHeld).toBe(true)
  const row = desktop.window.getByTestId('transfer')
  await row.getByTestId('pause').click()
  await expect.poll(() => power.told).toEqual([true, false])
  await expect.poll(() => light.isHeld).toBe(false)
  await row.getByTestId('resume').click()
  await expect.poll(() => power.told).toEqual([true, false, true])
  await expect.poll(() => light.isHeld).toBe(true)
  await row.getByTestId('cancel').click()
  await expect.poll(() => power.told).toEqual([true, false, true, false])
  await expect.poll(() => light.isHeld).toBe(false)
  expect(power.isHeld).toBe(false)
  expect(phone.problems).toEqual([])
  await browser.close()
  await desktop.close()
  await session.stop()
  await ofPhone.stop()
})
