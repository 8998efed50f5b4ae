// What a phone starts with: its options, and the link, or the key that the computer gave it the last time.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { fromText, readLink } from './secrets.mjs'

/** Ends the program with one line. */
export function refuse(message) {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}

/** Returns { options, secret }. Ends the program where they are not what they should be. */
export function start(options) {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options })
    const isKept = values.state !== undefined && existsSync(values.state)
    return { options: values, secret: isKept ? read(values.state) : readLink(positionals[0] ?? '') }
  } catch ({ message }) {
    return refuse(message)
  }
}

function read(path) {
  try {
    const { url, uid, kid, key } = JSON.parse(readFileSync(path, 'utf8'))
    return { url, uid, kid: fromText(kid), key: fromText(key) }
  } catch {
    throw new Error(`${path} has no key that was kept here`)
  }
}

/** `credentials`: the link's key is worth nothing any more. Nobody else on this computer may read the file. */
export function keep({ url, uid }, { id, key }, path) {
  const state = { url, uid, kid: id, key }
  if (path !== undefined) writeFileSync(path, JSON.stringify(state), { mode: 0o600 })
  return { url, uid, kid: fromText(id), key: fromText(key) }
}
