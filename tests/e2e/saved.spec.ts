import { readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startApp, type RunningApp } from '../support/app.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'

const cards = ({ window }: RunningApp) => window.getByTestId('device')
const notes = ({ window }: RunningApp) => window.getByTestId('file-note')

/** In the place of a saved file: a link to itself, which nobody can read, root neither. What was there is kept aside. */
async function makeUnreadable(path: string): Promise<() => Promise<void>> {
  await rename(path, `${path}.kept`)
  await symlink(path, path)
  return async () => {
    await rm(path)
    await rename(`${path}.kept`, path)
  }
}

test('saved files that can’t be read are not replaced, it is said, and they come back by themselves', async ({
  phones,
  outbox,
}) => {
  const data = join(outbox, 'data')
  const kept = ['--data', data]
  let desktop = await startApp(kept)
  const { port } = new URL(desktop.link())
  const phone = await Phone.join(phones, desktop.link())
  await phone.close()
  await desktop.events.wait('left', (e) => e.event === 'left')
  await desktop.close()
  const settings = await readFile(join(data, 'settings.json'), 'utf8')

  const mend = []
  for (const name of ['devices.json', 'settings.json']) mend.push(await makeUnreadable(join(data, name)))
  desktop = await startApp([...kept, '--port', port])
  await expect(cards(desktop)).toHaveCount(0)
  await expect(notes(desktop)).toHaveCount(2)
  await expect(notes(desktop).first()).toContainText('ELOOP')
  const other = await Phone.join(phones, desktop.link())
  for (const one of mend) await one()
  await expect(cards(desktop)).toHaveCount(2, { timeout: 30_000 })
  await expect(notes(desktop)).toHaveCount(0)
  await other.close()
  await desktop.close()
  expect(await readFile(join(data, 'settings.json'), 'utf8')).toBe(settings)

  desktop = await startApp([...kept, '--port', port])
  await expect(cards(desktop)).toHaveCount(2)
  await desktop.close()
})

test('phones that a keychain has locked wait for it, and it is said at each start', async ({ phones, outbox }) => {
  const data = join(outbox, 'data')
  await (await startApp(['--data', data])).close()
  const sealed = JSON.stringify({ sealed: Buffer.from('by another keychain').toString('base64') })
  await writeFile(join(data, 'devices.json'), sealed)
  for (let start = 0; start < 2; start++) {
    const desktop = await startApp(['--data', data])
    await expect(notes(desktop)).toHaveAttribute('data-what', 'locked')
    // Whatever is paired meanwhile takes nothing from them.
    if (start === 0) await (await Phone.join(phones, desktop.link())).close()
    else await expect(cards(desktop)).toHaveCount(1)
    await desktop.close()
    expect(await readFile(join(data, 'devices.json.locked-1'), 'utf8')).toBe(sealed)
  }
  expect((await readdir(data)).filter((name) => name.startsWith('devices.json'))).toHaveLength(2)
})
