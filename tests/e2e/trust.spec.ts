import { join } from 'node:path'
import { parseLink } from '#protocol/pairing.ts'
import type { Page } from '@playwright/test'
import { startApp } from '../support/app.ts'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { ManInTheMiddle } from '../support/man-in-the-middle.ts'
import { Phone } from '../support/phone.ts'

const otherFingerprint = (text: string): string =>
  text.replaceAll(
    /(fingerprint:sha-256 )(..)/g,
    (_, start: string, byte: string) => start + (byte === '00' ? '01' : '00'),
  )

/** Changes only messages that bear a description of that type. */
const inThe =
  (type: 'offer' | 'answer', change: (text: string) => string): ((text: string) => string) =>
  (text) =>
    text.includes(`"type":"${type}"`) ? change(text) : text

test('C45: a man in the middle who changes nothing gets a phone through', async ({ desktop, phones, outbox }) => {
  const seen: string[] = []
  const man = await ManInTheMiddle.between(desktop.link(), (text) => {
    seen.push(text)
    return text
  })
  const phone = await Phone.join(phones, man.link)
  const file = await makeFile(outbox, 'through.bin', 100_000)
  await phone.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  // All that he saw, he saw without the key: not in a request, not in a message.
  const key = parseLink(man.link)?.key ?? new Uint8Array(0)
  const forms = [
    man.link.split('.').at(-2) ?? '',
    Buffer.from(key).toString('hex'),
    Buffer.from(key).toString('base64'),
  ]
  expect(seen.length).toBeGreaterThan(5)
  for (const form of forms) expect(seen.join('\n')).not.toContain(form)
  await phone.close()
  await man.close()
})

/** Whoever changes an offer gets no answer: the computer has seen it, and does not leave it to the phone. */
const isOffer = (what: string): boolean => what.endsWith('offer')

for (const [number, what, change] of [
  ['C45', 'puts another fingerprint into the offer', inThe('offer', otherFingerprint)],
  ['C46', 'takes the signature off the offer', inThe('offer', (text) => text.replace(/,"mac":"[^"]*"/, ''))],
  ['C46', 'takes the signature off the answer', inThe('answer', (text) => text.replace(/,"mac":"[^"]*"/, ''))],
  ['C45', 'puts another fingerprint into the answer', inThe('answer', otherFingerprint)],
  [
    'C45',
    'sends the phone’s own offer back to it as the answer',
    (() => {
      let offer = ''
      return (text: string) => {
        if (text.includes('"type":"offer"')) offer = text
        return text.includes('"type":"answer"') ? offer.replace('"type":"offer"', '"type":"answer"') : text
      }
    })(),
  ],
] as const) {
  test(`${number}: a man in the middle who ${what} is refused, and it is said why`, async ({ desktop, phones }) => {
    let answers = 0
    const man = await ManInTheMiddle.between(desktop.link(), (text, way) => {
      if (way === 'to phone' && text.includes('"type":"answer"')) answers++
      return change(text)
    })
    const phone = await Phone.open(phones, man.link)
    await phone.is('refused')
    await expect(phone.page.getByTestId('connection')).toHaveAttribute('data-reason', 'tampered')
    await expect(phone.page.locator('body')).toContainText('changed the connection')
    expect(answers > 0).toBe(!isOffer(what))
    expect(desktop.events.of('paired')).toEqual([])
    await phone.close()
    await man.close()
  })
}

test('B44: a hub that does not ask for the key is not the computer’s own', async ({ desktop, phones }) => {
  const man = await ManInTheMiddle.between(desktop.link(), (text, way) =>
    way === 'to phone' ? text.replace(/,"challenge":"[^"]*"/, '') : text,
  )
  const phone = await Phone.open(phones, man.link)
  await phone.is('refused')
  await expect(phone.page.getByTestId('connection')).toHaveAttribute('data-reason', 'tampered')
  await phone.close()
  await man.close()
})

test('B44: a hub whose proof is wrong is not the computer’s own', async ({ desktop, phones }) => {
  const man = await ManInTheMiddle.between(desktop.link(), (text, way) =>
    way === 'to phone' ? text.replace(/"ok":true,"mac":"./, '"ok":true,"mac":"A') : text,
  )
  let refused = false
  // One time in 64 the first character was an A: then nothing was changed.
  for (let i = 0; i < 3 && !refused; i++) {
    const phone = await Phone.open(phones, i === 0 ? man.link : man.link.replace(/#.*/, new URL(desktop.link()).hash))
    await expect(phone.page.getByTestId('connection')).toHaveAttribute('data-state', /refused|connected/)
    refused = (await phone.page.getByTestId('connection').getAttribute('data-reason')) === 'tampered'
    await phone.close()
  }
  expect(refused).toBe(true)
  await man.close()
})

test('B34: a link is used up by its first phone, which comes back with a key of its own', async ({
  desktop,
  phones,
  outbox,
}) => {
  const link = desktop.link()
  const first = await Phone.join(phones, link)
  const second = await Phone.open(phones, link)
  await second.is('refused')
  await expect(second.page.getByTestId('connection')).toHaveAttribute('data-reason', 'unknown-link')
  await first.page.reload()
  await first.is('connected')
  const file = await makeFile(outbox, 'again.bin', 50_000)
  await first.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done' })
  const kept = await first.page.evaluate(() => JSON.stringify(sessionStorage))
  expect(kept).not.toContain(new URL(link).hash.split('.')[2])
  await first.close()
  await second.close()
})

test('after a restart of the app a phone comes back without scanning, by the name it was given', async ({
  phones,
  outbox,
}) => {
  const kept = ['--data', join(outbox, 'data')]
  let desktop = await startApp(kept)
  const { port } = new URL(desktop.link())
  const phone = await Phone.join(phones, desktop.link())
  const card = desktop.window.getByTestId('device')
  await card.getByTestId('rename').click()
  await card.getByTestId('new-name').fill('My <b>phone</b>')
  await card.getByTestId('save-name').click()
  await expect(card.getByRole('heading')).toHaveText('My <b>phone</b>')
  await desktop.close()
  await phone.is('lost')
  desktop = await startApp([...kept, '--port', port])
  await phone.is('connected')
  await expect(desktop.window.getByTestId('device')).toHaveCount(1)
  await expect(desktop.window.getByTestId('device').getByRole('heading')).toHaveText('My <b>phone</b>')
  const file = await makeFile(outbox, 'after.bin', 50_000)
  await phone.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  await phone.close()
  await desktop.close()
})

test('a browser that is told to remember comes back in a new tab; the copy of an old key ends that', async ({
  desktop,
  phones,
}) => {
  const context = await phones.newContext()
  const page = await context.newPage()
  const state = (of: Page) => of.getByTestId('connection')
  const stored = () => page.evaluate(() => localStorage.getItem('lanyard-link'))
  await page.goto(desktop.link())
  await expect(state(page)).toHaveAttribute('data-state', 'connected')
  expect(await stored()).toBeNull()
  await page.getByTestId('remember').check()
  await expect.poll(stored).not.toBeNull()
  const old = await stored()
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0)

  const { origin } = new URL(desktop.link())
  const tab = await context.newPage()
  await tab.goto(origin)
  await expect(state(tab)).toHaveAttribute('data-state', 'connected')
  await expect(state(page)).toHaveAttribute('data-reason', 'replaced')
  await expect.poll(stored).not.toBe(old)
  await expect(desktop.window.getByTestId('device')).toHaveCount(1)
  // Once more, so that the key of the first tab has been replaced by one that was used.
  await tab.reload()
  await expect(state(tab)).toHaveAttribute('data-state', 'connected')

  const thief = await phones.newContext()
  const copy = await thief.newPage()
  await copy.addInitScript((key) => {
    localStorage.setItem('lanyard-link', String(key))
  }, old)
  await copy.goto(origin)
  await expect(state(copy)).toHaveAttribute('data-reason', 'revoked')
  await expect(state(tab)).toHaveAttribute('data-reason', 'revoked')
  expect(await stored()).toBeNull()
  await desktop.events.wait('the removal', (e) => e.event === 'revoked' && e['why'] === 'copied')
  await expect(desktop.window.getByTestId('device')).toHaveCount(0)
  await context.close()
  await thief.close()
})
