import type { Page } from '@playwright/test'
import { copyFile, link, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningApp } from '../tests/support/app.ts'
import type { Phone } from '../tests/support/phone.ts'

let count = 0

/** The app as far as a file that comes in needs it. */
export type Receiving = Pick<RunningApp, 'events' | 'inbox'>

/** A new name for the same bytes, so that every run's events can be told apart. */
export async function copyOf(file: string, folder: string): Promise<{ name: string; path: string }> {
  const name = `bench-${++count}.bin`
  const path = join(folder, name)
  await link(file, path).catch(() => copyFile(file, path))
  return { name, path }
}

/** File to disk, from the pick on the phone to the app's word that it is whole and checked. Seconds. */
export async function phoneToDesktop(desktop: Receiving, phone: Phone, file: string, folder: string): Promise<number> {
  const { name, path } = await copyOf(file, folder)
  const start = performance.now()
  await phone.send(path)
  await finished(desktop, name)
  const seconds = (performance.now() - start) / 1000
  await rm(join(desktop.inbox, name))
  return seconds
}

/** From the pick in the window to the phone's word that it is whole and checked. Seconds. */
export async function desktopToPhone(desktop: RunningApp, file: string, folder: string): Promise<number> {
  const { name, path } = await copyOf(file, folder)
  const start = performance.now()
  await desktop.window.getByTestId('file-input').setInputFiles(path)
  await finished(desktop, name)
  return (performance.now() - start) / 1000
}

/** The same for a file that is too large for the page: it is taken as a download over http, by a tap. Seconds. */
export async function downloaded(desktop: RunningApp, phone: Phone, file: string, folder: string): Promise<number> {
  const { name, path } = await copyOf(file, folder)
  const start = performance.now()
  await desktop.window.getByTestId('file-input').setInputFiles(path)
  await phone.row(name).getByTestId('download').click()
  await finished(desktop, name)
  return (performance.now() - start) / 1000
}

/** Picks files past Playwright's own way, which takes its time with each path. Throws an Error where there is no such field. */
export async function pick(page: Page, field: string, paths: readonly string[]): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  try {
    const expression = `document.querySelector(${JSON.stringify(field)})`
    const { result } = await devtools.send('Runtime.evaluate', { expression })
    if (result.objectId === undefined) throw new Error(`the page has no ${field}`)
    await devtools.send('DOM.setFileInputFiles', { files: [...paths], objectId: result.objectId })
  } finally {
    await devtools.detach()
  }
}

/** Waits for a transfer's end. Throws an Error for one that is not whole. */
export async function finished(desktop: Receiving, name: string): Promise<void> {
  const end = await desktop.events.ended(name)
  if (end['state'] !== 'done') throw new Error(`the transfer ended with ${JSON.stringify(end)}`)
}
