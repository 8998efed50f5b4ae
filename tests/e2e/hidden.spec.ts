import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Autostart } from '#electron/shell/autostart.ts'
import { windowsOn } from '../support/dialogs.ts'
import { makeFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'
import { startSessionBus } from '../support/session-bus.ts'
import { Started } from '../support/started.ts'
import { TrayStandIn } from '../support/tray-stand-in.ts'

const ROOT = join(import.meta.dirname, '../..')

test('what the session starts at login shows no window, and receives a file', async ({ phones, outbox }) => {
  const inbox = join(outbox, 'in box "of" $mine')
  const own = ['--json', '--port=0', '--host=127.0.0.1', `--inbox=${inbox}`, `--data=${join(outbox, 'data')}`]
  const switches = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu']
  const program = {
    path: String(process.env['ELECTRON_EXEC_PATH']),
    args: [...switches, '--allow-loopback-in-peer-connection', ROOT, '--', ...own],
  }
  const never = { isOn: () => false, set: () => undefined }
  await new Autostart({ platform: 'linux', program, configHome: outbox, items: never, isInstalled: true }).set(true)
  const entry = await readFile(join(outbox, 'autostart', 'lanyard.desktop'), 'utf8')
  // As a desktop reads it: the escapes of a value, then `%%`, then the quoting, which here is the shell's.
  const line = (/^Exec=(.*)$/m.exec(entry)?.[1] ?? '').replaceAll('\\\\', '\\').replaceAll('%%', '%')
  const session = await startSessionBus()
  await TrayStandIn.start(session)
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: session.address }
  const app = new Started('sh', ['-c', `exec ${line}`], { env })
  const ready = await app.events.wait('ready', ({ event }) => event === 'ready')
  const phone = await Phone.join(phones, String(ready['link']))
  const file = await makeFile(outbox, 'at login.bin', 2_000_000)
  await phone.send(file.path)
  expect(await app.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  expect(await sha256File(join(inbox, file.name))).toBe(file.sha256)
  expect(windowsOn(Number(app.child.pid))).toEqual([])
  await phone.close()
  expect(await app.stop()).toBe(0)
  await session.stop()
})
