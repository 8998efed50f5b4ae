import { expect, type Browser } from '@playwright/test'
import type { RunningApp } from './app.ts'
import { Phone } from './phone.ts'

/** Phones one after the other, each by the link that is on the screen then. */
export async function joinAll(browser: Browser, desktop: RunningApp, count: number): Promise<Phone[]> {
  const joined: Phone[] = []
  while (joined.length < count) {
    const before = desktop.link()
    joined.push(await Phone.join(browser, before))
    await expect.poll(() => desktop.link()).not.toBe(before)
  }
  return joined
}
