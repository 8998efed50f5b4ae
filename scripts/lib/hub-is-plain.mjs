// The hub alone runs under plain Node. An import of Electron that slipped into its bundle would only show at the start
// of `npm run hub`, so the build looks for it.
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { inRoot } from './paths.mjs'

const IMPORTS = /(?:\bfrom|\bimport|\bimport\()\s*["']([^"'\n]+)["']/g

/**
 * Every module that is reached from a built file by its imports.
 * @param {string} entry
 */
export function importsOf(entry, read = (/** @type {string} */ file) => readFileSync(file, 'utf8')) {
  const found = new Set()
  const files = [entry]
  const seen = new Set(files)
  for (const file of files)
    for (const [, name = ''] of read(file).matchAll(IMPORTS)) {
      if (!name.startsWith('.')) found.add(name)
      else if (!seen.has(resolve(dirname(file), name))) {
        files.push(resolve(dirname(file), name))
        seen.add(resolve(dirname(file), name))
      }
    }
  return found
}

export function assertHubIsPlain() {
  for (const file of ['out/main/hub.js', 'out/main/cipher-worker.js'])
    if (importsOf(inRoot(file)).has('electron')) throw new Error(`${file} imports electron`)
}
