import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningApp } from '../support/app.ts'
import { listing, makeFile, makeLongFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'

/** What the app keeps of its phones, opened as only the app itself can. */
async function keptPhones({ app, folder }: RunningApp): Promise<{ id: string; key: { kid: string } }[]> {
  const file = JSON.parse(await readFile(join(folder, 'data', 'devices.json'), 'utf8')) as object
  if ('devices' in file) return file.devices as never
  const text = await app.evaluate(
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- as electron/saved.ts, which see
    ({ safeStorage }, sealed) => safeStorage.decryptString(Buffer.from(sealed, 'base64')),
    (file as { sealed: string }).sealed,
  )
  return JSON.parse(text) as never
}

test('B41: a phone that is removed in the middle of a file is cut off and can’t come back; another goes on', async ({
  desktop,
  phones,
  outbox,
}) => {
  const link = desktop.link()
  const phone = await Phone.open(phones, 'about:blank')
  const sockets: { isClosed(): boolean }[] = []
  phone.page.on('websocket', (socket) => sockets.push(socket))
  await phone.page.goto(link)
  await phone.is('connected')
  const { id } = (await desktop.events.wait('paired', (e) => e.event === 'paired'))['device'] as { id: string }
  await desktop.events.wait('another link', (e) => e.event === 'link')
  const other = await Phone.join(phones, desktop.link())
  await expect.poll(async () => (await keptPhones(desktop)).length).toBe(2)
  expect((await keptPhones(desktop)).map((kept) => kept.id)).toContain(id)

  const key = await phone.page.evaluate(() => Object.fromEntries(Object.entries(sessionStorage)))
  expect(Object.keys(key)).not.toEqual([])
  const file = await makeLongFile(outbox, 'large.bin', 400_000_000)
  await phone.send(file.path)
  await desktop.events.wait('movement', (e) => e['name'] === file.name && Number(e['bytes']) > 0)
  const card = desktop.window.getByTestId('device').first()
  await card.getByTestId('remove').click()
  await card.getByTestId('remove-really').click()
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'failed', reason: 'revoked', device: { id } })
  expect(await desktop.events.wait('revoked', (e) => e.event === 'revoked')).toMatchObject({ device: { id } })
  await phone.is('refused')
  await expect(phone.page.getByTestId('connection')).toHaveAttribute('data-reason', 'revoked')
  expect(sockets.length).toBeGreaterThan(0)
  await expect.poll(() => sockets.every((socket) => socket.isClosed())).toBe(true)
  await expect(desktop.window.getByTestId('device')).toHaveCount(1)
  expect(await listing(desktop.inbox)).toEqual([])
  // Nothing of it is left to come back with: not here, and not there.
  await expect.poll(async () => (await keptPhones(desktop)).map((kept) => kept.id)).not.toContain(id)
  expect(await phone.page.evaluate(() => sessionStorage.length)).toBe(0)
  await phone.page.evaluate((kept) => Object.assign(sessionStorage, kept), key)
  await phone.page.reload()
  await phone.is('refused')
  await expect(phone.page.getByTestId('connection')).toHaveAttribute('data-reason', 'unknown-link')

  const small = await makeFile(outbox, 'of the other.bin', 50_000)
  await other.send(small.path)
  expect(await desktop.events.ended(small.name)).toMatchObject({ state: 'done', sha256: small.sha256 })
  await expect(desktop.window.getByTestId('device')).toHaveCount(1)
  await other.close()
  await phone.close()
})
