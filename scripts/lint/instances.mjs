// A rule that the checker behind oxlint has and oxlint itself does not pass on yet: an object that only looks like an
// instance of a class is none. ESLint would need a program of all files for this one rule, which takes as long as all of
// oxlint three times over, so the checker is asked directly, in the form in which oxlint asks it.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inRoot, packageBin, ROOT } from '../lib/paths.mjs'

export const RULE = 'no-unsafe-class-instance-assignment'
const FORM = 2
const MAX_BYTES = 64 * 1024 * 1024
/** Of a message: its length, and what it is. */
const HEADER_BYTES = 5
const FOUND = 1

/** @typedef {{ file_path: string, range: { pos: number }, message: { description: string } }} Found */

/**
 * Runs a script of a package with our files; what it says of itself goes where ours does.
 * @param {string} script
 * @param {string[]} args
 * @param {string} [input]
 */
function answerOf(script, args, input) {
  const stdio = /** @type {const} */ (['pipe', 'pipe', 'inherit'])
  const { status, stdout, error } = spawnSync(process.execPath, [script, ...args], {
    ...(input !== undefined && { input }),
    cwd: ROOT,
    maxBuffer: MAX_BYTES,
    stdio: [...stdio],
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${relative(ROOT, script)} ended with ${status}`)
  return stdout
}

/** Returns the paths of the TypeScript files that oxlint goes through. */
function files() {
  const list = answerOf(packageBin('oxlint'), ['--debug=files']).toString()
  const found = list.split(/\r?\n/).filter((name) => name.endsWith('.ts'))
  if (found.length === 0) throw new Error('oxlint names no files')
  return found.map((name) => inRoot(name).replaceAll('\\', '/'))
}

/**
 * Takes an answer of tsgolint apart.
 * @param {Buffer} answer messages, each behind its length and its kind
 * @returns {Found[]}
 */
function messagesOf(answer) {
  const found = []
  for (let at = 0; at < answer.length;) {
    const end = at + HEADER_BYTES + answer.readUInt32LE(at)
    const text = answer.toString('utf8', at + HEADER_BYTES, end)
    if (answer[at + HEADER_BYTES - 1] !== FOUND) throw new Error(`tsgolint failed: ${text}`)
    found.push(JSON.parse(text))
    at = end
  }
  return found
}

/**
 * Finds where an object is taken for an instance of a class that did not make it.
 * @param {readonly string[]} paths
 * @param {Record<string, string>} [texts] instead of what is on the disk, by path
 */
export function strangers(paths, texts = {}) {
  const rules = [{ name: RULE }]
  const question = { version: FORM, configs: [{ file_paths: paths, rules }], source_overrides: texts }
  const answer = answerOf(packageBin('oxlint-tsgolint', 'tsgolint'), ['headless'], JSON.stringify(question))
  return messagesOf(answer).map(({ file_path: path, range, message }) => {
    const before = Buffer.from(texts[path] ?? readFileSync(path, 'utf8')).toString('utf8', 0, range.pos)
    return `${relative(ROOT, path)}:${before.split('\n').length}: ${message.description} [${RULE}]`
  })
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const found = strangers(files())
  for (const one of found) console.error(one)
  process.exitCode = found.length === 0 ? 0 : 1
}
