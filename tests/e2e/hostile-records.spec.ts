import type { Locator } from '@playwright/test'
import type { RunningApp } from '../support/app.ts'
import { expect, test } from '../support/fixtures.ts'
import { LegacyPhone } from '../support/legacy-phone.ts'
import { ReferencePhone } from '../support/reference-phone.ts'

const SCRIPT = '<img src=x onerror="document.title=`taken`"><script>document.title=`taken`</script>'
const count = ({ window }: RunningApp): Locator => window.getByTestId('records-count')
const show = ({ window }: RunningApp): Promise<void> => window.getByTestId('nav-records').click()
const record = ({ window }: RunningApp, title: string): Locator =>
  window.getByTestId('record').filter({ has: window.getByText(title, { exact: true }) })

/** Nothing foreign became a part of the page, and the app is as alive as before. */
async function unharmed({ window, events }: RunningApp): Promise<void> {
  expect(await window.title()).toBe('Lanyard')
  expect(await window.locator('img[src="x"], script:not([src]), iframe').count()).toBe(0)
  expect(await window.evaluate(() => 'polluted' in {})).toBe(false)
  expect(events.noise).toEqual([])
  await window.getByTestId('nav-phones').click()
  await expect(window.getByTestId('device')).toBeVisible()
}

test.describe('records of a phone of version 2', () => {
  let phone: ReferencePhone
  const put = (one: object): void => {
    phone.type(`put ${JSON.stringify({ kind: 'note', title: 'odd', modified: 1, ...one })}`)
  }
  test.beforeEach(async ({ desktop, outbox }) => {
    phone = new ReferencePhone(outbox, desktop.link())
    await phone.connected()
    await show(desktop)
  })
  test.afterEach(() => phone.close())

  test('I114: HTML, script links, directions, huge texts and odd ids are text', async ({ desktop }) => {
    put({ id: 'html', title: SCRIPT, text: SCRIPT })
    put({ id: 'script', kind: 'link', title: 'a link', text: 'javascript:alert(1)' })
    put({ id: '__proto__', kind: 'constructor', title: 'polluted', text: '{"__proto__":{"polluted":1}}' })
    put({ id: 'huge', title: 'x'.repeat(512), text: '文'.repeat(18_000) })
    put({ id: 'turned', title: 'evil \u202egpj.exe', text: '\u0000\ud800' })
    await expect(count(desktop)).toHaveText('5 records')
    await expect(record(desktop, SCRIPT)).toHaveCount(1)
    await expect(record(desktop, 'a link').getByTestId('open-record')).toHaveCount(0)
    await desktop.window.getByTestId('records-search').fill('<img src=x')
    await expect(count(desktop)).toHaveText('1 record')
    await record(desktop, SCRIPT).getByTestId('record-open').click()
    await expect(desktop.window.getByTestId('record-whole')).toContainText(SCRIPT)
    await desktop.window.keyboard.press('Escape')
    await unharmed(desktop)
  })

  test('the same id again is the same record, in its last state', async ({ desktop }) => {
    for (let i = 1; i <= 20; i++) put({ id: 'same', title: `state ${i}`, modified: i })
    await expect(record(desktop, 'state 20')).toBeVisible()
    await expect(count(desktop)).toHaveText('1 record')
  })

  for (const [what, wrong] of [
    ['a title that is a number', { id: 'a', title: 5 }],
    ['no id', { title: 'nobody' }],
    ['a text that is too long', { id: 'b', text: 'x'.repeat(32_769) }],
    ['a thousand levels in the place of a text', { id: 'c', text: JSON.parse('['.repeat(1_000) + ']'.repeat(1_000)) as unknown }],
  ] as const)
    test(`${what}: that phone is cut off, and what it had given stays`, async ({ desktop }) => {
      put({ id: 'good', title: 'good' })
      await expect(record(desktop, 'good')).toBeVisible()
      put(wrong)
      // It is cut off, and comes back, and is cut off again.
      await phone.events.wait('its end', (e) => e.event === 'disconnected')
      await expect(count(desktop)).toHaveText('1 record')
      await unharmed(desktop)
    }) // prettier-ignore
})

test.describe('the list of an app of 2018', () => {
  test.use({ appOptions: ['--legacy', 'always'] })

  test('whatever it is, it is a list of texts', async ({ desktop }) => {
    const deep: unknown = JSON.parse('['.repeat(1_000) + ']'.repeat(1_000))
    const twice = { id: 'twice', title: 'once' }
    const list = [{ id: 1, title: SCRIPT }, twice, twice, { id: 2, deep }, null, 99, 'plain', { title: { a: 1 } }]
    const phone = new LegacyPhone(desktop.link(), { list })
    try {
      await phone.ready()
      await show(desktop)
      await expect(count(desktop)).toHaveText('7 records')
      await expect(record(desktop, SCRIPT)).toHaveCount(1)
      await expect(record(desktop, 'once')).toHaveCount(1)
      await unharmed(desktop)
    } finally {
      await phone.close()
    }
  })
})
