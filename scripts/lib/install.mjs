// `npm ci`, but only when node_modules is not what package-lock.json says.
import { existsSync } from 'node:fs'
import { npmCommand } from './npm.mjs'
import { inRoot, readJson } from './paths.mjs'
import { run } from './run.mjs'
import { say } from './say.mjs'

const LIMIT_MS = 15 * 60_000

/** npm's own note of what it has installed; it writes it last, so half an install has none. */
const NOTE = inRoot('node_modules', '.package-lock.json')

function isInstalled() {
  if (!existsSync(NOTE)) return false
  const wanted = readJson(inRoot('package-lock.json')).packages
  const have = readJson(NOTE).packages
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true // the project itself
    const found = have[path]
    // Optional packages are mostly binaries for other systems.
    return found === undefined ? optional === true : found.version === version && found.integrity === integrity
  })
}

export async function installPackages() {
  if (isInstalled()) return
  say('installing packages, once')
  const [command, first] = npmCommand()
  const args = [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error']
  const { code } = await run(command, args, { limitMs: LIMIT_MS, output: 'to-stderr' })
  if (code !== 0) throw new Error(`npm ci ended with ${code}`)
}
