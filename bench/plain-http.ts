import type { Browser, Page } from '@playwright/test'
import { join } from 'node:path'
import { Started } from '../tests/support/started.ts'

/** How a program is started: here, or on another host of a test network. */
export type Place = (program: string, args: readonly string[]) => readonly [string, readonly string[]]
export const HERE: Place = (program, args) => [program, args]

export interface PlainHttp {
  /** The server's process. */
  readonly pid: number
  /** What http can do at most: one POST of a Blob from the phone's browser, written to disk by plain Node. MB/s. */
  post(): Promise<number>
  /** Seconds of so many POSTs of so many bytes each, one after the other. */
  posts(count: number, bytes: number): Promise<number>
  /** The same back: one GET of a file, into a Blob. MB/s. */
  get(): Promise<number>
  close(): Promise<void>
}

interface Wanted {
  readonly browser: Browser
  readonly folder: string
  /** What GET gives; POST sends as many bytes. */
  readonly file: string
  readonly bytes: number
  readonly place?: Place
  /** Where the server listens, and how its address is reached, if that is another. */
  readonly address?: string
  readonly reach?: (port: number) => Promise<string>
}

/** A server of its own process and a page on it. */
export async function startPlainHttp(wanted: Wanted): Promise<PlainHttp> {
  const { browser, folder, file, bytes, place = HERE, address = '127.0.0.1' } = wanted
  const program = join(import.meta.dirname, 'http-child.js')
  const server = new Started(...(place(process.execPath, [program, folder, file, address]) as [string, string[]]))
  const context = await browser.newContext()
  const close = async (): Promise<void> => {
    await context.close()
    await server.stop()
  }
  try {
    const { port } = await server.events.wait('plain http server', ({ event }) => event === 'listening')
    const page = await context.newPage()
    await page.goto((await wanted.reach?.(Number(port))) ?? `http://${address}:${String(port)}/`)
    const rate = async (seconds: Promise<number>): Promise<number> => bytes / 1e6 / (await seconds)
    const posts = async (count: number, size: number): Promise<number> => {
      let seconds = 0
      for (let i = 0; i < count; i++) seconds += await post(page, size)
      return seconds
    }
    return {
      pid: server.child.pid ?? 0,
      posts,
      post: () => rate(post(page, bytes)),
      get: () => rate(page.evaluate(get)),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Seconds. */
function post(page: Page, bytes: number): Promise<number> {
  return page.evaluate(async (size) => {
    const piece = crypto.getRandomValues(new Uint8Array(65_536))
    const body = new Blob(Array.from({ length: Math.ceil(size / piece.length) }, () => piece)).slice(0, size)
    const start = performance.now()
    await (await fetch('/', { method: 'POST', body })).text()
    return (performance.now() - start) / 1000
  }, bytes)
}

/** Seconds. */
async function get(): Promise<number> {
  const start = performance.now()
  await (await fetch('/file', { cache: 'no-store' })).blob()
  return (performance.now() - start) / 1000
}
