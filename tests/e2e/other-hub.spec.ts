import { join } from 'node:path'
import { startApp } from '../support/app.ts'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { ManInTheMiddle } from '../support/man-in-the-middle.ts'
import { Phone } from '../support/phone.ts'
import { poorBrowser } from '../support/poor-browsers.ts'
import { clockOff } from '../support/tricks.ts'

/** All that the browser and the tab keep for the page. */
const kept = (phone: Phone) =>
  phone.page.evaluate(() => [localStorage, sessionStorage].map((storage) => Object.entries(storage).sort()))

/** The same, once the computer has given the phone a key of its own in place of the code's, soon after it is connected. */
async function keptWithKey(phone: Phone): ReturnType<typeof kept> {
  await expect.poll(async () => JSON.stringify(await kept(phone))).toContain('lanyard-link')
  return kept(phone)
}

const reasonOf = (phone: Phone) => phone.page.getByTestId('connection')

for (const remembered of [true, false])
  test(`a Lanyard with other data at the same address: a phone ${remembered ? 'that is remembered' : 'of a tab'} keeps what it has, and goes on with its own`, async ({
    phones,
    outbox,
  }) => {
    // Four starts of the app: a limit for what hangs, not for a busy machine.
    test.setTimeout(5 * 60_000)
    const own = ['--data', join(outbox, 'own')]
    let desktop = await startApp(own)
    const { port } = new URL(desktop.link())
    const phone = await Phone.join(phones, desktop.link())
    if (remembered) {
      await phone.page.getByTestId('remember').check()
      await expect.poll(() => phone.page.evaluate(() => localStorage.getItem('lanyard-link'))).not.toBeNull()
    }
    await phone.page.getByTestId('notes').locator('summary').click()
    await phone.page.getByTestId('notes').getByTestId('text').fill('a note of mine')
    await phone.page.getByTestId('notes').getByTestId('take-text').click()
    await expect(phone.page.getByTestId('note')).toHaveCount(1)
    const before = await keptWithKey(phone)
    expect(JSON.stringify(before)).toContain('a note of mine')
    await desktop.close()
    await phone.is('lost')

    desktop = await startApp(['--data', join(outbox, 'other'), '--port', port])
    await phone.is('refused')
    await expect(reasonOf(phone)).toHaveAttribute('data-reason', 'unknown-link')
    expect(await kept(phone)).toEqual(before)
    await phone.page.reload()
    await phone.is('refused')
    expect(await kept(phone)).toEqual(before)
    await desktop.close()

    desktop = await startApp([...own, '--port', port])
    await phone.page.getByTestId('try-again').click()
    await phone.is('connected')
    await expect(phone.page.getByTestId('note')).toHaveAttribute('data-title', 'a note of mine')
    const file = await makeFile(outbox, 'after.bin', 50_000)
    await phone.send(file.path)
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
    await desktop.close()

    // A person may have enough of it.
    desktop = await startApp(['--data', join(outbox, 'third'), '--port', port])
    await phone.is('refused')
    await phone.page.getByTestId('forget').click()
    await expect(phone.page.getByTestId('forget')).toHaveCount(0)
    expect(JSON.stringify(await kept(phone))).not.toContain('lanyard-link')
    expect(await phone.page.evaluate(() => localStorage.length)).toBe(0)
    await phone.close()
    await desktop.close()
  })

test('a scanned code that lets nobody in takes nothing from the phone that was remembered', async ({
  desktop,
  phones,
}) => {
  const old = desktop.link()
  const first = await Phone.join(phones, old)
  await first.page.getByTestId('remember').check()
  await expect.poll(() => first.page.evaluate(() => localStorage.getItem('lanyard-link'))).not.toBeNull()
  // A code that was used before, and what is no code at all.
  for (const hash of [new URL(old).hash, '#junk']) {
    await first.page.goto('about:blank')
    await first.page.goto(`${new URL(old).origin}/${hash}`)
    await first.is('connected')
  }
  await expect(desktop.window.getByTestId('device')).toHaveCount(1)
  await first.close()
})

test('what goes on directly goes on when something else answers at the address, and that stays said', async ({
  desktop,
  phones,
  outbox,
}) => {
  let isOther = false
  const man = await ManInTheMiddle.between(desktop.link(), (text, way) =>
    isOther && way === 'to phone' && text.includes('"challenge"')
      ? text.replace(/\[.*\]$/, '[{"ok":false,"code":"unknown-link"}]')
      : text,
  )
  // The direct way alone, so that the middle has no part in it.
  const phone = await Phone.open(phones, man.link, poorBrowser(['no Worker']))
  await phone.is('connected')
  const before = await keptWithKey(phone)
  isOther = true
  await phone.page.evaluate(() => dispatchEvent(new Event('offline')))
  const refusal = phone.page.getByTestId('refusal')
  await expect(refusal).toContainText('does not know this phone')
  await phone.is('connected')
  const file = await makeFile(outbox, 'meanwhile.bin', 50_000)
  await phone.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  await phone.rowIs(file.name, 'done')
  expect(await kept(phone)).toEqual(before)
  await expect(refusal).toHaveCount(1)
  await refusal.getByTestId('dismiss').click()
  await expect(refusal).toHaveCount(0)

  // With the direct way gone it asks once more who is there, and stays with what it hears.
  await desktop.window.reload()
  await phone.is('refused')
  await expect(reasonOf(phone)).toHaveAttribute('data-reason', 'unknown-link')
  expect(await kept(phone)).toEqual(before)
  isOther = false
  await phone.page.getByTestId('try-again').click()
  await phone.is('connected')
  await expect(reasonOf(phone)).not.toHaveAttribute('data-reason')
  await phone.close()
  await man.close()
})

test('B42: a phone whose clock jumps by a year and back is still remembered', async ({ desktop, phones }) => {
  const phone = await Phone.join(phones, desktop.link())
  await phone.page.getByTestId('remember').check()
  await expect.poll(() => phone.page.evaluate(() => localStorage.getItem('lanyard-link'))).not.toBeNull()
  const { origin } = new URL(desktop.link())
  for (const years of [1, -1, 0]) {
    const tab = await phone.context.newPage()
    const { act, how } = clockOff(years)
    await tab.addInitScript(act, how)
    await tab.goto(origin)
    await expect(tab.getByTestId('connection')).toHaveAttribute('data-state', 'connected')
    await tab.close()
  }
  await expect(desktop.window.getByTestId('device')).toHaveCount(1)
  await phone.close()
})
