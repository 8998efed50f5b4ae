import type { Browser } from '@playwright/test'
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** The physical reference: one POST of a Blob from the phone's browser, written to disk by plain Node. MB/s. */
export async function httpPost(browser: Browser, folder: string, bytes: number): Promise<number> {
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>post</title>')
      return
    }
    pipeline(request, createWriteStream(join(folder, 'posted.bin'))).then(
      () => response.end('ok'),
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const context = await browser.newContext()
  const page = await context.newPage()
  try {
    await page.goto(`http://127.0.0.1:${port}/`)
    const seconds = await page.evaluate(post, bytes)
    return bytes / 1e6 / seconds
  } finally {
    await context.close()
    server.closeAllConnections()
    server.close()
  }
}

async function post(bytes: number): Promise<number> {
  const piece = crypto.getRandomValues(new Uint8Array(65_536))
  const body = new Blob(Array.from({ length: Math.ceil(bytes / piece.length) }, () => piece)).slice(0, bytes)
  const start = performance.now()
  await (await fetch('/', { method: 'POST', body })).text()
  return (performance.now() - start) / 1000
}
