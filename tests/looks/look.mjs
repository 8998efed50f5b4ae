// npm run looks: draws every state of both pages from made-up data, without the app, into test-results/looks: a picture of
// each, and one sheet of all for each page, scheme and language, which is what to look at.
//   npm run looks [-- filter ... --axe --tall]      a filter is a part of a picture's name, such as phone-lost
// With --axe it takes no pictures and fails when axe finds something serious. With --tall pictures show what scrolls too.
import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findChromium } from '../../scripts/lib/chromium.mjs'
import { command, setup } from '../../scripts/setup.mjs'
import { sheet } from './sheet.mjs'

const ROOT = resolve(import.meta.dirname, '../..')
const OUT = resolve(ROOT, 'test-results/looks')
const PAGES = {
  desktop: { file: 'desk-states.ts', export: 'DESK', sizes: [[360, 720], [900, 640], [1600, 1000]] }, // prettier-ignore
  phone: { file: 'phone-states.ts', export: 'PHONE', sizes: [[320, 568], [390, 844], [820, 1180]] }, // prettier-ignore
}
/** Milliseconds for a page to load, from files that are compiled for it one by one: far longer than a busy machine needs. */
const LOAD_MS = 300_000
const SCHEMES = ['light', 'dark']
const LOCALES = ['en', 'zh-CN']

const { values, positionals } = parseArgs({
  options: { axe: { type: 'boolean' }, tall: { type: 'boolean' } },
  allowPositionals: true,
})
const problems = []

async function serve() {
  const { createServer } = await import('vite')
  const { svelte } = await import('@sveltejs/vite-plugin-svelte')
  const server = await createServer({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    plugins: [svelte({ configFile: resolve(ROOT, 'svelte.config.js') })],
    cacheDir: resolve(ROOT, 'test-results/looks/.vite'),
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
  })
  await server.listen()
  return server
}

async function launch() {
  const { chromium } = await import('@playwright/test')
  const executablePath = findChromium()
  const args = ['--no-sandbox', '--disable-quic', '--disable-background-networking']
  return chromium.launch({ args, ...(executablePath !== undefined && { executablePath }) })
}

/** The views of one page in one language: each state in both schemes and all sizes. */
const viewsOf = (page, state, locale) =>
  PAGES[page].sizes
    .flatMap(([width, height]) =>
      SCHEMES.map((scheme) => {
        const name = `${page}-${state}-${scheme}-${locale}-${width}`
        return { page, state, scheme, locale, width, height, name, file: resolve(OUT, `${name}.png`) }
      }),
    )
    .filter(({ name }) => positionals.every((part) => name.includes(part)))

/** Gives the page the view's size and scheme, and waits until it is laid out for them. */
async function turn(page, { width, height, scheme }) {
  await page.setViewportSize({ width, height })
  await page.emulateMedia({ colorScheme: scheme })
  await page.evaluate(async (wanted) => {
    const frame = () => new Promise((done) => requestAnimationFrame(done))
    while (innerWidth !== wanted) await frame()
    await frame()
    await frame()
  }, width)
}

async function picture(page, { name, file }) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (wide > 0) problems.push(`${name}: ${wide} px too wide`)
  await page.screenshot({ path: file, fullPage: values.tall === true, animations: 'disabled' })
}

async function axe(page, { name }) {
  const { default: AxeBuilder } = await import('@axe-core/playwright')
  const { violations } = await new AxeBuilder({ page }).analyze()
  for (const { id, impact, nodes } of violations)
    if (impact === 'serious' || impact === 'critical')
      problems.push(`${name}: ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

/**
 * Draws all states of a page in a language in one tab, which changes its state when asked. The languages are pages of their
 * own, as a page speaks one for as long as it is open.
 */
async function drawAll({ browser, origin, pageName, locale, states }) {
  const context = await browser.newContext()
  const page = await context.newPage()
  let at = pageName
  page.on('pageerror', (error) => problems.push(`${at}: ${error.message}`))
  await page.goto(`${origin}/tests/looks/${pageName}.html?locale=${locale}`, { timeout: LOAD_MS })
  await page.waitForFunction(() => 'pose' in globalThis, undefined, { timeout: LOAD_MS })
  const drawn = []
  for (const state of states) {
    const views = viewsOf(pageName, state, locale)
    // Opened at the narrowest, as a person's gesture in it may depend on what is in sight.
    let posed = false
    for (const view of views) {
      at = view.name
      await turn(page, view)
      if (!posed) await page.evaluate((name) => globalThis.pose(name), state)
      posed = true
      await (values.axe ? axe(page, view) : picture(page, view))
      drawn.push(view)
    }
  }
  await context.close()
  return drawn
}

async function sheets(browser, views) {
  for (const page of Object.keys(PAGES))
    for (const scheme of SCHEMES)
      for (const locale of LOCALES) {
        const some = views.filter((view) => view.page === page && view.scheme === scheme && view.locale === locale)
        const file = resolve(OUT, `sheet-${page}-${scheme}-${locale}.png`)
        if (some.length > 0) await sheet({ browser, views: some, scheme, file })
        if (some.length > 0) console.log(file)
      }
}

async function look(server, browser) {
  const origin = `http://127.0.0.1:${server.httpServer?.address()?.port}`
  const tabs = []
  for (const [pageName, { file, export: name }] of Object.entries(PAGES)) {
    const states = Object.keys((await server.ssrLoadModule(`/tests/looks/${file}`))[name])
    for (const locale of LOCALES) tabs.push({ browser, origin, pageName, locale, states })
  }
  const views = (await Promise.all(tabs.map(drawAll))).flat()
  if (views.length === 0) problems.push(`no picture has a name with ${positionals.join(' and ')}`)
  if (values.axe !== true) await sheets(browser, views)
}

await command(async () => {
  await setup({ messages: true, system: 'test' })
  await mkdir(OUT, { recursive: true })
  const server = await serve()
  const browser = await launch()
  try {
    await look(server, browser)
  } finally {
    await browser.close()
    await server.close()
  }
  for (const problem of problems) console.error(problem)
  return problems.length === 0 ? 0 : 1
})
