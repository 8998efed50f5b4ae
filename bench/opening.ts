import type { CDPSession } from '@playwright/test'
import { startApp, type RunningApp } from '../tests/support/app.ts'
import { launchBrowser, Phone } from '../tests/support/phone.ts'
import type { Stage } from './lanes.ts'
import type { Section } from './report.ts'
import { Rounds, type Contestant } from './rounds.ts'

/** How many times slower than this machine the phone of the slow rows is. */
const SLOWER = 6
const LINK_BITS_PER_SECOND = 10e6
const LINK_LATENCY_MS = 20

type Handicap = (page: CDPSession) => Promise<unknown>

const slowProcessor: Handicap = (page) => page.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
/** Of what the page loads and of its sockets; the data channel is not slowed. */
const slowLink: Handicap = (page) =>
  page.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: LINK_LATENCY_MS,
    downloadThroughput: LINK_BITS_PER_SECOND / 8,
    uploadThroughput: LINK_BITS_PER_SECOND / 8,
  })

const CASES: readonly { readonly name: string; readonly handicaps: readonly Handicap[] }[] = [
  { name: 'this machine', handicaps: [] },
  { name: `a phone ${SLOWER} times slower`, handicaps: [slowProcessor] },
  { name: `the same, by 10 Mbit/s and ${LINK_LATENCY_MS} ms`, handicaps: [slowProcessor, slowLink] },
]

/** Measures what a person waits for after the scan: from opening the link in a browser just started to "connected". */
export async function openingSection({ options }: Stage): Promise<Section> {
  const { rounds } = options
  const desktop = await startApp([])
  try {
    await desktop.window.getByTestId('qr').waitFor()
    const contestants = CASES.map(({ name, handicaps }): Contestant => ({
      name,
      run: async () => ({ seconds: await secondsToConnected(desktop, handicaps) }),
    }))
    const seen = await Rounds.of(rounds, contestants)
    return {
      title: `From opening the link to connected, in a browser just started, ${rounds} rounds`,
      rows: CASES.map(({ name }) => seen.row(name, 's', [name, 'seconds'])),
    }
  } finally {
    await desktop.close()
  }
}

async function secondsToConnected(desktop: RunningApp, handicaps: readonly Handicap[]): Promise<number> {
  const browser = await launchBrowser()
  try {
    const phone = await Phone.open(browser, 'about:blank')
    const devtools = await phone.context.newCDPSession(phone.page)
    await devtools.send('Network.enable')
    for (const handicap of handicaps) await handicap(devtools)
    const start = performance.now()
    await phone.page.goto(desktop.link(), { waitUntil: 'commit' })
    await phone.is('connected')
    return (performance.now() - start) / 1000
  } finally {
    await browser.close()
  }
}
