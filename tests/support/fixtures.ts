import { test as base, type Browser } from '@playwright/test'
import { startApp, type RunningApp } from './app.ts'
import { scratch } from './files.ts'
import { launchBrowser, Phone } from './phone.ts'

interface PerTest {
  /** Of the app's command line. */
  readonly appOptions: readonly string[]
  /** The app, fresh. */
  readonly desktop: RunningApp
  /** A phone that has joined it. */
  readonly phone: Phone
  /** A folder for files to send. */
  readonly outbox: string
}
interface PerWorker {
  readonly phones: Browser
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
  appOptions: [[], { option: true }],
  desktop: async ({ appOptions }, use) => {
    const desktop = await startApp(appOptions)
    await use(desktop)
    await desktop.close()
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
