import type { BrowserContext } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone, type Trick } from '../support/phone.ts'
import { NEEDLESS, POOR, poorBrowser, RARE, type Poor } from '../support/poor-browsers.ts'
import type { RunningApp } from '../support/app.ts'

/** Browsers in which there is no way; and the words that say what to change. */
const HOPELESS: readonly (readonly [poor: readonly Poor[], reason: string, words: RegExp])[] = [
  [['no crypto.getRandomValues'], 'no-random', /can't make secure keys\. Update it, or open the code with another/],
  [['no crypto'], 'no-random', /can't make secure keys/],
  [['no WebSocket'], 'no-socket', /Allow WebSockets for this address, or open the code with another browser/],
  [['WebSocket throws'], 'no-socket', /Allow WebSockets/],
  [['no RTCPeerConnection', 'no Worker'], 'no-way', /WebRTC.*web workers\. Allow one of them/],
  [['RTCPeerConnection throws', 'worker script fails'], 'no-way', /WebRTC/],
]
const PAIRS: readonly (readonly Poor[])[] = [
  ['localStorage throws', 'sessionStorage throws'],
  ['storage has no room', 'history.replaceState throws'],
  ['no RTCPeerConnection', 'sessionStorage throws'],
  ['no Worker', 'no WebAssembly'],
]
const hopeless = new Set(HOPELESS.flatMap(([poor]) => (poor.length === 1 ? poor : [])))
const WORKING: readonly (readonly Poor[])[] = [
  ...POOR.filter((one) => !hopeless.has(one)).map((one) => [one]),
  ...PAIRS,
  NEEDLESS,
  RARE,
]

let serial = 0

/** It pairs, and a small file goes each way; then it is taken off the list, so that the next is alone. */
async function works(desktop: RunningApp, phone: Phone, outbox: string): Promise<void> {
  const n = serial++
  await phone.is('connected')
  await expect(phone.page.locator('#stuck')).toHaveCount(0)
  const up = await makeFile(outbox, `up-${n}.bin`, 5_000 + n)
  await phone.send(up.path)
  expect(await desktop.events.ended(up.name)).toMatchObject({ state: 'done', direction: 'in', sha256: up.sha256 })
  await phone.rowIs(up.name, 'done')
  const down = await makeFile(outbox, `down-${n}.bin`, 6_000 + n)
  await desktop.window.getByTestId('file-input').setInputFiles(down.path)
  expect(await desktop.events.ended(down.name)).toMatchObject({ state: 'done', sha256: down.sha256 })
  expect(await readFile(await phone.saved(down.name))).toEqual(await readFile(down.path))
  await expect(phone.page.getByTestId('talk')).toBeVisible()
  await phone.close()
  const card = desktop.window.getByTestId('device')
  // Its card changes its form then; a click that begins before and ends after it goes nowhere.
  await expect(card).toHaveAttribute('data-state', 'away')
  await card.getByTestId('remove').click()
  await card.getByTestId('remove-really').click()
  await expect(card).toHaveCount(0)
}

async function freshLink(desktop: RunningApp, used: string): Promise<string> {
  await expect.poll(() => desktop.link()).not.toBe(used)
  return desktop.link()
}

test('whatever the browser refuses, it works in that tab', async ({ desktop, phones, outbox }) => {
  test.setTimeout(20 * 60_000)
  let link = ''
  for (const poor of WORKING)
    await test.step(poor.join(', '), async () => {
      link = await freshLink(desktop, link)
      await works(desktop, await Phone.open(phones, link, poorBrowser(poor)), outbox)
    })
})

test('where there is no way, it says what to change', async ({ desktop, phones }) => {
  for (const [poor, reason, words] of HOPELESS)
    await test.step(poor.join(', '), async () => {
      const phone = await Phone.open(phones, desktop.link(), poorBrowser(poor))
      await expect(phone.page.getByTestId('connection')).toHaveAttribute('data-reason', reason)
      await expect(phone.page.getByTestId('why')).toHaveText(words)
      await phone.close()
    })
})

const trick: Trick<null> = { how: null, act: () => undefined }

/** The page's own script, changed on its way; or its policy. */
async function changed(context: BrowserContext, path: RegExp, change: (body: string) => string): Promise<void> {
  await context.route(path, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, body: change(await answer.text()) })
  })
}

test('WebAssembly that is missing or refused in its workers is made up for', async ({ desktop, phones, outbox }) => {
  const link = desktop.link()
  const without = await Phone.open(phones, 'about:blank', trick)
  await changed(without.context, /worker-[\w-]+\.js$/, (body) => `delete self.WebAssembly;${body}`)
  await without.page.goto(link)
  await works(desktop, without, outbox)

  // Of the workers alone: it is they who need it, and each has the policy that it came with.
  const refused = await Phone.open(phones, 'about:blank', trick)
  await refused.context.route(/worker-[\w-]+\.js$/, async (route) => {
    const response = await route.fetch()
    const policy = response.headers()['content-security-policy']?.replace(" 'wasm-unsafe-eval'", '') ?? ''
    expect(policy).toContain("script-src 'self';")
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } })
  })
  await refused.page.goto(await freshLink(desktop, link))
  await works(desktop, refused, outbox)
})

const STUCK = /can't run the page: allow JavaScript for this address, update the browser/
const BROKEN: readonly (readonly [what: string, change: (body: string) => string])[] = [
  ['throws as it begins', (body) => `if (self.document) throw new Error('as it begins');${body}`],
  ['can’t be read by it', (body) => `let let = 1;${body}`],
  ['throws as the page is made', (body) => `Node.prototype.cloneNode = null;${body}`],
]

for (const [what, change] of BROKEN)
  test(`a page whose script ${what} says so at once, and is never white`, async ({ desktop, phones }) => {
    const phone = await Phone.open(phones, 'about:blank', trick)
    await changed(phone.context, /\/index-[\w-]+\.js$/, change)
    await phone.page.goto(desktop.link())
    await expect(phone.page.locator('#stuck')).toHaveText(STUCK)
    await expect(phone.page.locator('#stuck')).toBeVisible()
    await expect(phone.page.locator('#stuck')).toHaveClass('now')
    await phone.close()
  })

test('a script that does not come is not asked for without end where that can’t be counted', async ({
  desktop,
  phones,
}) => {
  const phone = await Phone.open(phones, 'about:blank', poorBrowser(['sessionStorage throws']))
  let asked = 0
  await phone.context.route(/\/index-[\w-]+\.js$/, (route) => (asked++, route.abort()))
  await phone.page.goto(desktop.link())
  await expect(phone.page.locator('#stuck')).toHaveClass('now')
  expect(asked).toBe(1)
  await phone.close()
})

for (const [locale, words] of [
  ['en-US', STUCK],
  ['zh-CN', /请为此地址允许 JavaScript/],
] as const)
  test(`without scripts the page says so (${locale})`, async ({ desktop, phones }) => {
    const context = await phones.newContext({ javaScriptEnabled: false, locale })
    const page = await context.newPage()
    await page.goto(desktop.link())
    await expect(page.locator('#stuck')).toHaveText(words)
    await expect(page.locator('#stuck')).toBeVisible()
    await context.close()
  })

test('a browser that keeps nothing can’t be remembered, and that is said until a person has read it', async ({
  desktop,
  phones,
  outbox,
}) => {
  const phone = await Phone.open(phones, desktop.link(), {
    how: null,
    act: () => {
      const write = Object.getOwnPropertyDescriptor(Storage.prototype, 'setItem')?.value as (
        k: string,
        v: string,
      ) => void
      Storage.prototype.setItem = function (key, value) {
        if (this === localStorage) throw new DOMException('full', 'QuotaExceededError')
        write.call(this, key, value)
      }
    },
  })
  await phone.is('connected')
  const refusal = phone.page.getByTestId('refusal')
  await phone.page.getByTestId('remember').click()
  await expect(refusal).toContainText('Allow site data for this address')
  await expect(phone.page.getByTestId('remember')).not.toBeChecked()
  const file = await makeFile(outbox, 'after.bin', 50_000)
  await phone.send(file.path)
  await phone.rowIs(file.name, 'done')
  await phone.page.reload()
  await phone.is('connected')
  await phone.page.getByTestId('remember').click()
  await expect(refusal).toHaveCount(1)
  await refusal.getByTestId('dismiss').click()
  await expect(refusal).toHaveCount(0)
  await phone.close()
})
