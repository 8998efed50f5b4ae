import type { RunningApp } from '../support/app.ts'
import { setClock } from '../support/clock.ts'
import { listing, makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { underWay } from '../support/moving.ts'
import { ManInTheMiddle, type Change } from '../support/man-in-the-middle.ts'
import { Phone } from '../support/phone.ts'
import { clockOff, mute, oddChannels } from '../support/tricks.ts'

// Cases B and C of the design that need two real browsers.

const card = ({ window }: RunningApp) => window.getByTestId('device')

/** How many connections a phone with odd channels has made: each has one channel of its own. */
const made = ({ page }: Phone): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as { own: { made: number } }).own.made)

/** Only the first message that holds `part` is changed. */
function once(part: string, change: (text: string) => string | readonly string[]): Change {
  let done = false
  return (text) => {
    if (done || !text.includes(part)) return text
    done = true
    return change(text)
  }
}

// Who says a wrong word is told why before the connection ends, and does not come back by itself.
for (const [how, trouble, state, reason] of [
  ['says nothing', 'timeout', 'connecting', null],
  ['says a wrong word', 'tampered', 'away', 'tampered'],
] as const)
  test(`C53: a connection whose phone ${how} is closed, and nothing of it is parsed`, async ({ desktop, phones }) => {
    const phone = await Phone.open(phones, desktop.link(), mute(how))
    await expect(card(desktop)).toHaveAttribute('data-trouble', trouble)
    await expect(card(desktop)).toHaveAttribute('data-state', state)
    if (reason !== null) await expect(phone.page.getByTestId('connection')).toHaveAttribute('data-reason', reason)
    expect(desktop.events.of('paired')).toEqual([])
    await phone.close()
  })

test('C54: words before the confirmation are dropped, and the connection with them', async ({ desktop, phones }) => {
  const phone = await Phone.open(phones, desktop.link(), mute('says something else first'))
  await expect(card(desktop)).toHaveAttribute('data-trouble', 'tampered')
  await expect(phone.page.getByTestId('connection')).toHaveAttribute('data-reason', 'tampered')
  await expect(desktop.window.locator('body')).not.toContainText('uninvited')
  expect([desktop.events.of('paired'), desktop.events.of('transfer'), await listing(desktop.inbox)]).toEqual([
    [],
    [],
    [],
  ])
  await phone.close()
})

test('C52: a few odd channels are closed, and the connection works', async ({ desktop, phones, outbox }) => {
  const phone = await Phone.open(phones, desktop.link(), oddChannels(3))
  await phone.is('connected')
  const states = () => phone.page.evaluate(() => (globalThis as unknown as { odd: RTCDataChannel[] }).odd.map((c) => c.readyState))
  await expect.poll(states).toEqual(['closed', 'closed', 'closed'])
  const file = await makeFile(outbox, 'through.bin', 100_000)
  await phone.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  expect(await made(phone)).toBe(1)
  await phone.close()
}) // prettier-ignore

test('C52: a thousand of them end the connection; the next one is as good as any', async ({ desktop, phones }) => {
  const phone = await Phone.open(phones, desktop.link(), oddChannels(1000))
  await expect.poll(() => made(phone)).toBeGreaterThan(1)
  await phone.is('connected')
  await expect(card(desktop)).toHaveAttribute('data-state', 'here')
  await phone.close()
})

for (const [what, change] of [
  ['an offer comes from the side that answers', once('"type":"answer"', (text) => [text.replace('"type":"answer"', '"type":"offer"').replace(/,"mac":"[^"]*"/, ''), text])],
  ['an answer comes from the side that offers', once('"type":"offer"', (text) => [text.replace('"type":"offer"', '"type":"answer"'), text, text.replace('"type":"offer"', '"type":"answer"')])],
  ['an answer comes twice', once('"type":"answer"', (text) => [text, text])],
] as const)
  test(`C50: ${what}, and files travel`, async ({ desktop, phones, outbox }) => {
    const man = await ManInTheMiddle.between(desktop.link(), change)
    const phone = await Phone.open(phones, man.link, oddChannels(0))
    await phone.is('connected')
    const file = await makeFile(outbox, 'through.bin', 100_000)
    await phone.send(file.path)
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
    // By the first connection that was tried.
    expect(await made(phone)).toBe(1)
    await phone.close()
    await man.close()
  }) // prettier-ignore

for (const [what, say] of [
  ['an answer', (offer: string) => offer.replace('"type":"offer"', '"type":"answer"')],
  ['its own offer once more', (offer: string) => offer],
] as const)
  test(`C50: ${what} in the middle of a connection does not disturb it`, async ({ desktop, phones, outbox }) => {
    let offer = ''
    const man = await ManInTheMiddle.between(desktop.link(), (text) => {
      if (text.includes('"type":"offer"')) offer = text
      return text
    })
    const phone = await Phone.open(phones, man.link, oddChannels(0))
    await phone.is('connected')
    const file = await makeFile(outbox, 'long.bin', 12_000_000)
    await phone.send(file.path)
    await underWay(desktop.events, file.name)
    man.tellHub(say(offer))
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
    expect([desktop.events.of('left'), await made(phone)]).toEqual([[], 1])
    await phone.close()
    await man.close()
  })

const YEAR_MS = 31_557_600_000
/** ms: longer than the app takes to notice that a code has grown old. */
const LOOKS_MS = 2_500

test.describe('clocks that jump', () => {
  test.use({ ownApp: true })

  for (const years of [10, -10])
    test(`B42: both clocks jump by ${years} years while phones join, and nothing comes of it`, async ({
      desktop,
      phones,
      outbox,
    }) => {
      const link = desktop.link()
      await setClock(desktop, years * YEAR_MS)
      await desktop.window.waitForTimeout(LOOKS_MS)
      expect(desktop.link()).toBe(link)
      const phone = await Phone.open(phones, link, clockOff(years))
      await phone.is('connected')
      await expect.poll(() => desktop.link()).not.toBe(link)
      const next = desktop.link()
      // A remembered browser has a day on which it is forgotten, which a clock that jumps must not bring about.
      await phone.page.getByTestId('remember').check()
      await expect.poll(() => phone.page.evaluate(() => localStorage.getItem('lanyard-link'))).not.toBeNull()
      await setClock(desktop, -years * YEAR_MS)
      await desktop.window.waitForTimeout(LOOKS_MS)
      await phone.is('connected')
      await setClock(desktop, 0)
      await desktop.window.waitForTimeout(LOOKS_MS)
      expect(desktop.link()).toBe(next)
      const second = await Phone.open(phones, next, clockOff(-years))
      await second.is('connected')
      await phone.page.reload()
      await phone.is('connected')
      await expect(card(desktop)).toHaveCount(2)
      const file = await makeFile(outbox, 'through.bin', 100_000)
      await phone.send(file.path)
      expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
      await second.close()
      await phone.close()
    })
})
