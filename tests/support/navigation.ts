import { expect } from '@playwright/test'
import type { RunningApp } from './app.ts'

/**
 * Waits until the window has been refused a navigation that its page asks for now. Whatever the page asked for before has
 * been answered by then.
 */
export async function navigationIsRefused({ app, window }: RunningApp): Promise<void> {
  const url = `https://evil.example/${String(Math.random())}`
  await app.evaluate(({ BrowserWindow }, url) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    const refused = new Promise<boolean>((resolve) => {
      // After the app's own listener.
      contents?.on('will-navigate', (event) => {
        if (event.url === url) resolve(event.defaultPrevented)
      })
    })
    Object.assign(globalThis, { refused })
  }, url)
  await window.evaluate((url) => {
    location.assign(url)
  }, url)
  expect(await app.evaluate(() => (globalThis as unknown as { refused: Promise<boolean> }).refused)).toBe(true)
}
