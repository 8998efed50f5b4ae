import type { Browser } from '@playwright/test'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createServer } from 'node:http'
import { build } from 'vite'
import { readPage } from '#hub/page.ts'
import { processOf, treeOf } from '../processes.ts'
import type { FromThread } from './thread.ts'
import type { Pace } from './pace.ts'
import type {} from './page/main.ts'

/** Measured in one runtime; `cpu` in s, NaN where nobody tells. */
export interface Measured {
  readonly pace: Pace
  readonly cpu: number
}

/** Where the cipher runs. */
export interface Runtime {
  readonly name: string
  readonly ciphers: readonly string[]
  measure(cipher: string): Promise<Measured>
  close(): Promise<void>
}

/** Starts a worker thread of a program that is Node, or can be. */
export async function startThread(name: string, execPath: string): Promise<Runtime> {
  const child = fork(join(import.meta.dirname, 'cipher-thread.js'), {
    execPath,
    execArgv: [],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  })
  const gone = once(child, 'exit')
  const answer = async (): Promise<FromThread> => {
    const [message] = (await Promise.race([
      once(child, 'message'),
      gone.then(() => Promise.reject(new Error(`${name} ended`))),
    ])) as [FromThread]
    return message
  }
  const first = await answer()
  return {
    name,
    ciphers: 'ciphers' in first ? first.ciphers : [],
    measure: async (cipher) => {
      child.send(cipher)
      const said = await answer()
      if (!('pace' in said)) throw new Error(`${name} did not measure`)
      return said
    },
    close: async () => {
      if (child.connected) child.disconnect()
      await gone
    },
  }
}

/** Opens a page whose worker measures, as the phone's does. */
export async function startPage(browser: Browser, folder: string): Promise<Runtime> {
  const outDir = join(folder, 'cipher')
  const root = join(process.cwd(), 'bench/cipher/page')
  await build({ configFile: false, root, base: '/', logLevel: 'error', worker: { format: 'es' }, build: { outDir } })
  const server = await serve(outDir)
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.port}/`)
  await page.waitForFunction(() => 'cipher' in window)
  const { ciphers } = await page.evaluate(() => window.cipher(''))
  return {
    name: 'Chromium',
    ciphers,
    measure: async (cipher) => {
      const before = rendererSeconds()
      const { pace } = await page.evaluate((name) => window.cipher(name), cipher)
      if (pace === undefined) throw new Error(`Chromium did not measure ${cipher}`)
      return { pace, cpu: rendererSeconds() - before }
    },
    close: async () => {
      await page.close()
      server.close()
    },
  }
}

/** Processor time of all pages; NaN where there is no /proc. */
function rendererSeconds(): number {
  if (process.platform !== 'linux') return NaN
  return treeOf(process.pid)
    .filter(({ kind }) => kind === 'renderer')
    .reduce((sum, { pid }) => sum + (processOf(pid)?.cpuSeconds ?? 0), 0)
}

/** Serves a folder to an isolated page: only such a one has a clock of 5 µs, others have 100. */
async function serve(folder: string): Promise<{ port: number; close: () => void }> {
  const { faces, files } = await readPage(folder)
  const server = createServer((request, response) => {
    const file = request.url === '/' ? faces.get('en') : files.get(request.url ?? '')
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    if (file === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'Content-Type': file.type }).end(file.body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { port, close: () => void server.close() }
}
