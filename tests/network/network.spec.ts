import type { RunningApp } from '../support/app.ts'
import { startApp } from '../support/app.ts'
import type { AppEvent } from '../support/events.ts'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'
import { parseLink } from '#protocol/pairing.ts'
import { mustBeAlone, plugIn } from './adapters.ts'

const HOME = '192.168.77.2'
const OTHER = '192.168.78.5'
const TUNNEL = '10.9.0.2'

const unplug = new Set<() => void>()
let app: RunningApp | null = null

test.beforeAll(mustBeAlone)
test.afterEach(async () => {
  await app?.close()
  app = null
  for (const undo of unplug) undo()
  unplug.clear()
})

function plug(adapter: string, address: string): () => void {
  const undo = plugIn(adapter, address)
  const once = (): void => {
    if (unplug.delete(once)) undo()
  }
  unplug.add(once)
  return once
}

async function start(): Promise<RunningApp> {
  app = await startApp([], null)
  return app
}

const shownAddress = async ({ window }: RunningApp): Promise<string | undefined> =>
  parseLink((await window.getByTestId('qr').getAttribute('data-link')) ?? '')?.address

test('several networks: the real adapter comes first, another can be chosen, and a phone joins by it', async ({
  phones,
  outbox,
}) => {
  plug('wg0', TUNNEL)
  plug('lan0', HOME)
  const desktop = await start()
  expect(desktop.events.all[0]).toMatchObject({ event: 'ready', address: HOME })
  const choice = desktop.window.getByTestId('address-choice')
  await expect(choice).toHaveValue(HOME)
  await expect(choice.locator('option')).toHaveText([/192\.168\.77\.2/, /10\.9\.0\.2/])

  await choice.selectOption(TUNNEL)
  // A choice that is made before the first line was said is in that line already.
  const isLink = ({ event }: AppEvent): boolean => event === 'link' || event === 'ready'
  await desktop.events.wait('a link with it', (e) => isLink(e) && parseLink(String(e['link']))?.address === TUNNEL)
  await expect.poll(() => shownAddress(desktop)).toBe(TUNNEL)

  const phone = await Phone.join(phones, desktop.link())
  expect(new URL(phone.page.url()).hostname).toBe(TUNNEL)
  const file = await makeFile(outbox, 'by the tunnel.bin', 300_000)
  await phone.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  await phone.close()
})

test('the code follows the network, and a lost network is said', async () => {
  const leave = plug('lan0', HOME)
  const desktop = await start()
  await expect.poll(() => shownAddress(desktop)).toBe(HOME)
  await expect(desktop.window.getByTestId('address-choice')).toHaveCount(0)

  leave()
  await desktop.events.wait('the loss', (e) => e.event === 'error' && e['code'] === 'no-network')
  await expect(desktop.window.getByTestId('qr')).toHaveCount(0)
  await expect(desktop.window.getByTestId('offline')).toBeVisible()

  plug('lan1', OTHER)
  const back = await desktop.events.wait('a new link', (e) => e.event === 'link')
  expect(parseLink(String(back['link']))?.address).toBe(OTHER)
  await expect.poll(() => shownAddress(desktop)).toBe(OTHER)
})

test('started without a network, it gets its code when there is one', async () => {
  const desktop = await start()
  expect(desktop.events.all[0]).toMatchObject({ event: 'ready', link: '', address: '' })
  await desktop.events.wait('the lack', (e) => e.event === 'error' && e['code'] === 'no-network')
  plug('lan0', HOME)
  const link = await desktop.events.wait('the link', (e) => e.event === 'link')
  expect(parseLink(String(link['link']))?.address).toBe(HOME)
  await expect.poll(() => shownAddress(desktop)).toBe(HOME)
})
