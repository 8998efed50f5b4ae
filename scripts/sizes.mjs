// node scripts/sizes.mjs [FILE]: prints what the unpacked apps in release/ weigh, whole and without the runtime (app.asar),
// and writes it to FILE. --compare BEFORE AFTER prints what has changed between two such files.
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inRoot } from './lib/paths.mjs'
import { command } from './setup.mjs'

/** @typedef {Record<string, number>} Sizes bytes by what weighs them */

/**
 * Adds up the files of a folder. A link weighs nothing: macOS has several to each framework.
 * @param {string} folder
 * @returns {number}
 */
const weightOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sum + weightOf(path)
    return entry.isFile() ? sum + statSync(path).size : sum
  }, 0)

/**
 * @param {string} folder
 * @returns {string[]}
 */
const archivesIn = (folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /(?:^|[\\/])app\.asar$/.test(name))

/**
 * Returns the sizes of the unpacked apps in a folder.
 * @param {string} release
 * @returns {Sizes}
 */
export function sizesOf(release) {
  /** @type {Sizes} */
  const sizes = {}
  for (const entry of readdirSync(release, { withFileTypes: true })) {
    if (!entry.isDirectory() || !/^(?:linux|win|mac)/.test(entry.name)) continue
    const folder = join(release, entry.name)
    sizes[entry.name] = weightOf(folder)
    for (const archive of archivesIn(folder)) sizes[`${entry.name} app.asar`] = statSync(join(folder, archive)).size
  }
  return sizes
}

/**
 * Returns a line for each thing that weighs something now, with what it weighed before.
 * @param {Sizes} before
 * @param {Sizes} now
 */
export const compared = (before, now) =>
  Object.entries(now).map(([name, bytes]) => {
    const was = before[name]
    const change = was === undefined ? 'new' : `${bytes < was ? '−' : '+'}${kilobytes(Math.abs(bytes - was))}`
    return `${name}: ${kilobytes(bytes)}, ${change}`
  })

const kilobytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1000)} kB`

const read = (/** @type {string | undefined} */ file) =>
  file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await command(async () => {
    const [first, before, after] = process.argv.slice(2)
    if (first === '--compare') {
      for (const line of compared(read(before), read(after))) console.log(line)
      return 0
    }
    const sizes = sizesOf(inRoot('release'))
    if (Object.keys(sizes).length === 0) throw new Error('nothing unpacked in release/: npm run dist -- dir')
    for (const [name, bytes] of Object.entries(sizes)) console.log(`${name}: ${kilobytes(bytes)}`)
    if (first !== undefined) writeFileSync(first, `${JSON.stringify(sizes, null, 2)}\n`)
    return 0
  })
