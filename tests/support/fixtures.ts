import { test as base, type Browser } from '@playwright/test'
import { startApp, type RunningApp } from './app.ts'
import { scratch } from './files.ts'
import { launchBrowser, Phone } from './phone.ts'
import { ownScreen } from './screen.ts'
import { SharedApp } from './shared-app.ts'

interface PerTest {
  /** Of the app's command line. */
  readonly appOptions: readonly string[]
  /** Whether the test starts and ends an app of its own (shared-app.ts). */
  readonly ownApp: boolean
  /** The app, fresh or as good as that. */
  readonly desktop: RunningApp
  /** A phone that has joined it. */
  readonly phone: Phone
  /** A folder for files to send. */
  readonly outbox: string
}
interface PerWorker {
  readonly phones: Browser
  /** Its apps' own, where there are several workers. */
  readonly display: undefined
  readonly shared: SharedApp
}

/** Everything that a test starts ends with it. */
export const test = base.extend<PerTest, PerWorker>({
  phones: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants to see a pattern here
    async ({}, use) => {
      const browser = await launchBrowser()
      await use(browser)
      await browser.close()
    },
    { scope: 'worker' },
  ],
  display: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants to see a pattern here
    async ({}, use, { config: { workers } }) => {
      const end = workers > 1 ? await ownScreen() : () => undefined
      await use(undefined)
      end()
    },
    { scope: 'worker', auto: true },
  ],
  shared: [
    async ({ display: _display }, use) => {
      const shared = new SharedApp()
      await use(shared)
      await shared.close()
    },
    { scope: 'worker' },
  ],
  appOptions: [[], { option: true }],
  ownApp: [false, { option: true }],
  desktop: async ({ appOptions, ownApp, shared }, use) => {
    const desktop = ownApp ? await startApp(appOptions) : await shared.take(appOptions)
    await use(desktop)
    await (ownApp ? desktop.close() : shared.giveBack())
  },
  phone: async ({ desktop, phones }, use) => {
    const phone = await Phone.join(phones, desktop.link())
    await use(phone)
    await phone.close()
  },
  // eslint-disable-next-line no-empty-pattern -- Playwright wants to see a pattern here
  outbox: async ({}, use) => {
    const folder = await scratch()
    await use(folder.path)
    await folder.remove()
  },
})

export { expect } from '@playwright/test'
