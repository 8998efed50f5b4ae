// Draws every state of both pages from made-up data, without the app, and writes screenshots to test-results/looks. For eyes:
//   node tests/looks/look.mjs [filter ...] [--axe] [--tall]      a filter is a part of a picture's name, such as phone-lost
// With --axe it takes no pictures and fails when axe finds something serious. With --tall pictures show what scrolls too.
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import AxeBuilder from '@axe-core/playwright'
import { chromium } from '@playwright/test'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { createServer } from 'vite'

const ROOT = resolve(import.meta.dirname, '../..')
const OUT = resolve(ROOT, 'test-results/looks')
const PAGES = {
  desktop: { file: 'desk-states.ts', export: 'DESK', sizes: [[420, 720], [900, 640], [1600, 1000]] }, // prettier-ignore
  phone: { file: 'phone-states.ts', export: 'PHONE', sizes: [[320, 568], [390, 844], [820, 1180]] }, // prettier-ignore
}
// Long enough for a speed to be known.
const SETTLE_MS = 1300

const { values, positionals } = parseArgs({
  options: { axe: { type: 'boolean' }, tall: { type: 'boolean' } },
  allowPositionals: true,
})

const server = await createServer({
  configFile: false,
  root: ROOT,
  logLevel: 'error',
  plugins: [svelte({ configFile: resolve(ROOT, 'svelte.config.js') })],
  cacheDir: resolve(ROOT, 'test-results/looks/.vite'),
  server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
})
await server.listen()
const origin = `http://127.0.0.1:${server.httpServer?.address()?.port}`
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
})

function* views() {
  for (const [page, { sizes }] of Object.entries(PAGES))
    for (const state of states[page])
      for (const scheme of ['light', 'dark'])
        for (const locale of ['en', 'zh-CN'])
          for (const size of sizes) {
            const name = `${page}-${state}-${scheme}-${locale}-${size[0]}`
            if (positionals.length === 0 || positionals.every((part) => name.includes(part)))
              yield { page, state, scheme, locale, size, name }
          }
}

async function open(view) {
  const [width, height] = view.size
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: view.scheme })
  const page = await context.newPage()
  page.on('pageerror', (error) => problems.push(`${view.name}: ${error.message}`))
  await page.goto(`${origin}/tests/looks/${view.page}.html?state=${view.state}&locale=${view.locale}`)
  await page.locator('html[data-posed]').waitFor()
  return { page, close: () => context.close() }
}

async function picture(view) {
  const { page, close } = await open(view)
  await page.waitForTimeout(/sending|receiving|two|here|drag/.test(view.state) ? SETTLE_MS : 150)
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (wide > 0) problems.push(`${view.name}: ${wide} px too wide`)
  await page.screenshot({ path: resolve(OUT, `${view.name}.png`), fullPage: values.tall === true })
  await close()
}

async function axe(view) {
  const { page, close } = await open(view)
  const { violations } = await new AxeBuilder({ page }).analyze()
  for (const { id, impact, nodes } of violations)
    if (impact === 'serious' || impact === 'critical')
      problems.push(`${view.name}: ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  await close()
}

const problems = []
const states = {}
for (const [page, { file, export: name }] of Object.entries(PAGES))
  states[page] = Object.keys((await server.ssrLoadModule(`/tests/looks/${file}`))[name])
await mkdir(OUT, { recursive: true })
try {
  for (const view of views()) await (values.axe ? axe(view) : picture(view))
} finally {
  await browser.close()
  await server.close()
}
for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
