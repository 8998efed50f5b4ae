// The phone's page is loaded over whatever Wi-Fi there is, before anything works: it has a budget.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { inRoot } from '../lib/paths.mjs'

export const BUDGET_BYTES = 60_000

/** What the page asks for once it is connected, and does without where it does not come: decision 0016. */
const LATER = /^\/assets\/socket-worker-[\w-]+\.js$/
export const LATER_BUDGET_BYTES = 14_000

/**
 * Every file that a page makes a browser load: those it names, and those that they name.
 * @param {string} page
 * @param {readonly string[]} all paths of all files there are
 * @param {(path: string) => string} read
 */
export function filesOf(page, all, read) {
  const found = new Set([page])
  for (const file of found) {
    const text = read(file)
    for (const other of all) if (text.includes(other)) found.add(other)
  }
  return [...found]
}

/**
 * @param {readonly string[]} files of one page
 * @param {(path: string) => number} weigh
 */
export function weights(files, weigh) {
  const sum = (/** @type {readonly string[]} */ some) => some.reduce((total, path) => total + weigh(path), 0)
  return { page: sum(files.filter((path) => !LATER.test(path))), later: sum(files.filter((path) => LATER.test(path))) }
}

/** What one phone loads, each file compressed by itself: of the languages that there are, the heaviest. */
export function phonePageWeight() {
  const folder = inRoot('out/phone')
  if (!existsSync(folder)) throw new Error('there is no out/phone: npm run build')
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `/${name.replaceAll('\\', '/')}`)
  const read = (/** @type {string} */ path) => readFileSync(inRoot('out/phone', path.slice(1)))
  const pages = all.filter((path) => path.endsWith('.html'))
  const assets = all.filter((path) => /\.\w+$/.test(path) && !path.endsWith('.html'))
  const weigh = (/** @type {string} */ path) => gzipSync(read(path), { level: 9 }).length
  const each = pages.map((page) =>
    weights(
      filesOf(page, assets, (path) => read(path).toString()),
      weigh,
    ),
  )
  return { page: Math.max(...each.map(({ page }) => page)), later: Math.max(...each.map(({ later }) => later)) }
}
