// The binary of the electron package itself. Our installs run no install scripts, so it is fetched here, when needed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { say } from '../lib/say.mjs'

const DOWNLOAD_LIMIT_MS = 300_000

/** @returns {import('../electron-runtime.mjs').Runtime | null} */
function present(/** @type {string} */ folder) {
  const named = join(folder, 'path.txt')
  if (!existsSync(named)) return null
  const dist = join(folder, 'dist')
  const exec = join(dist, readFileSync(named, 'utf8').trim())
  if (!existsSync(exec)) return null
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { exec, dist, version, source: 'official' }
}

/** @param {boolean} mayDownload */
export function officialRuntime(mayDownload) {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  const found = present(folder)
  if (found !== null || !mayDownload) return found
  say('fetching the Electron binary, once')
  const installed = spawnSync(process.execPath, [join(folder, 'install.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: DOWNLOAD_LIMIT_MS,
    encoding: 'utf8',
  })
  if (installed.status !== 0) {
    const reason = installed.stderr?.trim().split('\n')[0] || installed.error?.message || `signal ${installed.signal}`
    say(`its download failed: ${reason}`)
  }
  return present(folder)
}
