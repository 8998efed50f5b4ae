import {
  chromium,
  devices,
  expect,
  type Browser,
  type BrowserContext,
  type Download,
  type Page,
} from '@playwright/test'
import { stateBecomes } from './moving.ts'
import { QUIET_MS } from './patience.ts'
import { unwatched } from './unwatched.ts'

/** Flags for Debian's Chromium: root has no sandbox, and nothing here may look for the internet. */
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--allow-loopback-in-peer-connection',
]

/**
 * Features that are switched off: the first two are pages of the browser's own, made anew for each context, which take as
 * much of the processor as ours does. The rest is Playwright's own list, for the last such flag is the only one that counts.
 */
const FEATURES_OFF = [
  ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'],
  ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'LensOverlay'],
  ...['HttpsFirstBalancedModeAutoEnable', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning'],
  ...['AvoidCorsURLLoaderRestartOnRedirect', 'OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled'],
  ...['PreconnectToSearch', 'TcpPortRandomizationWin', 'msForceBrowserSignIn'],
]

/** `featuresOff`: further ones. */
export function launchBrowser(
  executablePath = process.env['LANYARD_CHROMIUM'],
  featuresOff: readonly string[] = [],
): Promise<Browser> {
  // On macOS and Windows Playwright knows where an installed Chrome is.
  const program = executablePath === undefined ? { channel: 'chrome' } : { executablePath }
  return chromium.launch({
    ...program,
    args: [...FLAGS, `--disable-features=${[...FEATURES_OFF, ...featuresOff].join(',')}`],
  })
}

/** What a page does that is not our phone page any more; runs there, so it can use nothing from outside. */
export interface Trick<T> {
  readonly act: (how: T) => void
  readonly how: T
}

/** A phone's browser that has opened the link. */
export class Phone {
  readonly page: Page
  readonly context: BrowserContext
  /** Every file that the page has saved, in order. */
  readonly downloads: Download[] = []
  readonly problems: string[] = []

  private constructor(context: BrowserContext, page: Page) {
    this.context = context
    this.page = page
    page.on('download', (download) => this.downloads.push(download))
    page.on('pageerror', (error) => this.problems.push(error.message))
    page.on('console', (line) => {
      if (line.type() === 'error') this.problems.push(line.text())
    })
  }

  /** `trick` runs in the page before its own scripts: a phone that means ill. */
  static async open<T>(browser: Browser, link: string, trick?: Trick<T>): Promise<Phone> {
    const context = await browser.newContext({ ...devices['Pixel 7'], acceptDownloads: true, locale: 'en-US' })
    if (trick !== undefined) await context.addInitScript(trick.act as (how: unknown) => void, trick.how)
    const phone = new Phone(context, await context.newPage())
    await phone.page.goto(link)
    return phone
  }

  /** Opens the link and waits until the direct connection is there. */
  static async join(browser: Browser, link: string): Promise<Phone> {
    const phone = await Phone.open(browser, link)
    await phone.is('connected')
    await unwatched(phone.page)
    return phone
  }

  async is(state: 'connecting' | 'connected' | 'lost' | 'refused', ms = QUIET_MS): Promise<void> {
    await expect(this.page.getByTestId('connection')).toHaveAttribute('data-state', state, { timeout: ms })
  }

  /** Picks files, by path or made of bytes. */
  async send(files: Parameters<ReturnType<Page['getByTestId']>['setInputFiles']>[0]): Promise<void> {
    await this.page.getByTestId('file-input').setInputFiles(files)
  }

  row(name: string) {
    return this.page.locator(`[data-testid="transfer"][data-name=${JSON.stringify(name)}]`)
  }

  /** Waits until the row of that file is in that state, for as long as anything in it goes on changing. */
  async rowIs(name: string, state: string): Promise<void> {
    await stateBecomes(this.row(name).first(), state)
  }

  /** The saved file of that name, once the browser has it whole. */
  async saved(name: string): Promise<string> {
    const find = () => this.downloads.find((d) => d.suggestedFilename() === name)
    await expect.poll(() => find() !== undefined).toBe(true)
    return (await find()?.path()) ?? ''
  }

  close(): Promise<void> {
    return this.context.close()
  }
}
