import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The folder of package.json. */
export const ROOT = resolve(import.meta.dirname, '../..')

/** @param {string[]} parts */
export const inRoot = (...parts) => join(ROOT, ...parts)

/** @param {string} file */
export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))

/**
 * The script behind a command of a package, to be run by node: what lies in node_modules/.bin cannot be spawned on
 * Windows.
 * @param {string} name
 */
export function packageBin(name, command = name) {
  const { bin } = readJson(inRoot('node_modules', name, 'package.json'))
  return inRoot('node_modules', name, typeof bin === 'string' ? bin : bin[command])
}
