// Has anything changed since it was last made? By content, because a checkout changes times and an editor may not.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot } from './paths.mjs'

const IGNORED = /(^|[\\/])compiled([\\/]|$)|\.test\.ts$|\.md$/

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  const full = inRoot(path)
  if (!existsSync(full)) return []
  if (statSync(full).isFile()) return [path]
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter((name) => !IGNORED.test(name))
    .map((name) => join(path, name))
    .filter((name) => statSync(inRoot(name)).isFile())
    .sort()
}

/** @param {string[]} paths files and folders, as seen from the root */
export function fingerprint(paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap(filesBelow))
    hash
      .update(`${file}\0`)
      .update(readFileSync(inRoot(file)))
      .update('\0')
  return hash.digest('hex')
}

/**
 * Makes something unless the stamp says that it was made of the same files.
 * @param {string} stamp
 * @param {string[]} paths
 * @param {() => Promise<void>} make
 */
export async function makeIfChanged(stamp, paths, make) {
  const file = inRoot(stamp)
  const now = fingerprint(paths)
  if (existsSync(file) && readFileSync(file, 'utf8') === now) return
  await make()
  writeFileSync(file, now)
}
