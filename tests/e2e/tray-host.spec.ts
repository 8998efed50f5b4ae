import { expect, test } from '@playwright/test'
import { TrayHost } from '#electron/shell/tray-host.ts'
import { startSessionBus, type SessionBus } from '../support/session-bus.ts'
import { TrayStandIn } from '../support/tray-stand-in.ts'

let session: SessionBus
const watching: TrayHost[] = []
const before = process.env['DBUS_SESSION_BUS_ADDRESS']

test.beforeEach(async () => {
  session = await startSessionBus()
  process.env['DBUS_SESSION_BUS_ADDRESS'] = session.address
})

test.afterEach(async () => {
  for (const host of watching.splice(0)) host.stop()
  if (before === undefined) delete process.env['DBUS_SESSION_BUS_ADDRESS']
  else process.env['DBUS_SESSION_BUS_ADDRESS'] = before
  await session.stop()
})

async function watch(onChange: () => void = () => undefined): Promise<TrayHost> {
  const host = await TrayHost.watch(onChange, 'linux')
  watching.push(host)
  return host
}

test('a bus without a watcher has no tray', async () => {
  expect((await watch()).isThere).toBe(false)
})

test('a watcher without a host shows nothing', async () => {
  await TrayStandIn.start(session, false)
  expect((await watch()).isThere).toBe(false)
})

test('a watcher with a host shows icons', async () => {
  await TrayStandIn.start(session)
  expect((await watch()).isThere).toBe(true)
})

test('hosts that come and go are noticed, each once', async () => {
  let changes = 0
  const host = await watch(() => changes++)
  const tray = await TrayStandIn.start(session)
  await expect.poll(() => host.isThere).toBe(true)
  tray.setHost(false)
  await expect.poll(() => host.isThere).toBe(false)
  tray.setHost(true)
  await expect.poll(() => host.isThere).toBe(true)
  expect(changes).toBe(3)
})

test('no bus, and no address that is one, is no tray', async () => {
  for (const address of ['unix:path=/nowhere/at/all', 'disabled:', 'autolaunch:', 'nonsense']) {
    process.env['DBUS_SESSION_BUS_ADDRESS'] = address
    expect((await watch()).isThere).toBe(false)
  }
})

test('elsewhere there always is one', async () => {
  const host = await TrayHost.watch(() => undefined, 'win32')
  expect(host.isThere).toBe(true)
})
