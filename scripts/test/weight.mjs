// The phone's page is loaded over whatever Wi-Fi there is, before anything works: it has a budget.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { inRoot } from '../lib/paths.mjs'

export const BUDGET_BYTES = 100_000

/**
 * What the page asks for once it is connected, and does without where it does not come, each with a budget of its own: the
 * sealed socket, which is mostly libsodium (decision 0016), and records and texts with their styles (decision 0020).
 */
const LATER = {
  socket: /^\/assets\/(?:socket-worker|later)-[\w-]+\.js$/,
  extras: /^\/assets\/start-[\w-]+\.(?:js|css)$/,
}
export const LATER_BUDGETS_BYTES = { socket: 163_000, extras: 12_000 }

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
    // By its path or, between files of one folder, by its name; each has a hash in it.
    for (const other of all) if (text.includes(other.slice(other.lastIndexOf('/') + 1))) found.add(other)
  }
  return [...found]
}

/**
 * @param {readonly string[]} files of one page
 * @param {(path: string) => number} weigh
 */
export function weights(files, weigh) {
  const sum = (/** @type {(path: string) => boolean} */ which) =>
    files.filter(which).reduce((total, path) => total + weigh(path), 0)
  return {
    page: sum((path) => !Object.values(LATER).some((later) => later.test(path))),
    socket: sum((path) => LATER.socket.test(path)),
    extras: sum((path) => LATER.extras.test(path)),
  }
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
  const heaviest = (/** @type {'page' | 'socket' | 'extras'} */ part) => Math.max(...each.map((one) => one[part]))
  return { page: heaviest('page'), socket: heaviest('socket'), extras: heaviest('extras') }
}
