import { LINK_LIFE_MS } from '#core/devices/pairing-links.ts'
import { REMEMBER_MS } from '#core/devices/paired-devices.ts'
import { passTime, setClock } from '../support/clock.ts'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'

test.use({ ownApp: true })

test('B34: a code that is five minutes old is replaced on the screen by itself, and lets nobody in', async ({
  desktop,
  phones,
}) => {
  const qr = desktop.window.getByTestId('qr')
  const old = desktop.link()
  await passTime(desktop, LINK_LIFE_MS)
  // On a busy machine the app may have been about to tell of its first one.
  await desktop.events.wait('another link', (e) => ['ready', 'link'].includes(e.event) && e['link'] !== old)
  const fresh = desktop.link()
  expect(new URL(fresh).hash).not.toBe(new URL(old).hash)
  await expect(qr).toHaveAttribute('data-link', fresh)

  const late = await Phone.open(phones, old)
  await late.is('refused')
  await expect(late.page.getByTestId('connection')).toHaveAttribute('data-reason', 'unknown-link')
  await expect(late.page.locator('body')).toContainText('not valid any more')
  expect(desktop.events.of('paired')).toEqual([])
  const phone = await Phone.join(phones, fresh)
  await phone.close()
  await late.close()
})

test('B34: a phone that joined in time stays, and comes back after the code’s time is over', async ({
  desktop,
  phones,
  outbox,
}) => {
  await passTime(desktop, LINK_LIFE_MS - 60_000)
  const phone = await Phone.join(phones, desktop.link())
  // The code is used up; what it comes back with is given to it once it is safe on the computer's disk.
  await expect.poll(() => phone.page.evaluate(() => sessionStorage.getItem('lanyard-link'))).not.toBeNull()
  await passTime(desktop, LINK_LIFE_MS)
  await phone.is('connected')
  await phone.page.reload()
  await phone.is('connected')
  await expect(desktop.window.getByTestId('device')).toHaveCount(1)
  const file = await makeFile(outbox, 'later.bin', 50_000)
  await phone.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  await phone.close()
})

test('a browser that was remembered is forgotten after 30 days, not before, and not because the clock says so', async ({
  desktop,
  phones,
}) => {
  const phone = await Phone.join(phones, desktop.link())
  await phone.page.getByTestId('remember').check()
  await expect.poll(() => phone.page.evaluate(() => localStorage.getItem('lanyard-link'))).not.toBeNull()
  await setClock(desktop, REMEMBER_MS + 3_600_000)
  await passTime(desktop, REMEMBER_MS - 3_600_000)
  await phone.page.reload()
  await phone.is('connected')
  await passTime(desktop, 2 * 3_600_000)
  await expect(phone.page.getByTestId('connection')).toHaveAttribute('data-reason', 'revoked')
  await expect(desktop.window.getByTestId('device')).toHaveCount(0)
  expect(await phone.page.evaluate(() => localStorage.getItem('lanyard-link'))).toBeNull()
  await phone.close()
})
