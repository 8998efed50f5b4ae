// The loader that Electron runs when it is given an app folder, packed as a default_app.asar.
// It is written by hand because the registry package carries another app in its place.
// It must be default_app.asar: a folder resources/app would win over the app.asar of a package made from this runtime.

const LOADER = `
import { app } from 'electron'
import { existsSync, readFileSync } from 'node:fs'
import { Module } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

let folder
const preloaded = []
const args = process.argv.slice(1)
while (args.length > 0 && folder === undefined) {
  const arg = args.shift()
  if (arg === '-v' || arg === '--version') {
    console.log('v' + process.versions.electron)
    process.exit(0)
  }
  if (arg === '-r' || arg === '--require') preloaded.push(args.shift())
  else if (!arg.startsWith('-')) folder = resolve(arg)
}
if (preloaded.length > 0) Module._preloadModules(preloaded)
if (folder === undefined) {
  console.error('usage: electron [options] <app folder>')
  process.exit(1)
}
Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true })
const manifest = join(folder, 'package.json')
const entry = Module._resolveFilename(folder, null, true)
if (existsSync(manifest)) {
  const { name, productName, version, desktopName } = JSON.parse(readFileSync(manifest, 'utf8'))
  if (version) app.setVersion(version)
  if (productName || name) app.name = productName || name
  app.setDesktopName(desktopName || app.name + '.desktop')
  app.setAppPath(folder)
} else app.setAppPath(dirname(entry))
await import(pathToFileURL(entry).href)
`

/**
 * An asar is a pickled JSON header (four lengths, then the text, padded to four bytes) and the files one after the other.
 * @param {Record<string, string>} texts
 */
function asar(texts) {
  /** @type {Record<string, { size: number, offset: string }>} */
  const files = {}
  const bodies = []
  let offset = 0
  for (const [name, text] of Object.entries(texts)) {
    const body = Buffer.from(text)
    files[name] = { size: body.length, offset: String(offset) }
    offset += body.length
    bodies.push(body)
  }
  const json = Buffer.from(JSON.stringify({ files }))
  const padded = (json.length + 3) & ~3
  const header = Buffer.alloc(16 + padded)
  header.writeUInt32LE(4, 0)
  header.writeUInt32LE(8 + padded, 4)
  header.writeUInt32LE(4 + padded, 8)
  header.writeUInt32LE(json.length, 12)
  json.copy(header, 16)
  return Buffer.concat([header, ...bodies])
}

/** @param {string} version the version of the runtime it goes into */
export function defaultApp(version) {
  const manifest = { name: 'electron', productName: 'Electron', version, type: 'module', main: 'main.js' }
  return asar({ 'package.json': JSON.stringify(manifest), 'main.js': LOADER })
}
