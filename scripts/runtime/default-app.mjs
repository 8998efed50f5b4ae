// The loader that Electron runs when it is given an app folder, packed as a default_app.asar.
// The registry package carries another app in its place.
// It must be default_app.asar: a folder resources/app would win over the app.asar of a package made from this runtime.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

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
 * Writes it.
 * @param {string} file
 * @param {string} version the version of the runtime it goes into
 */
export async function writeDefaultApp(file, version) {
  // Not before: on a bare checkout this file is loaded before there are packages.
  const { createPackage } = await import('@electron/asar')
  const folder = mkdtempSync(join(tmpdir(), 'default-app-'))
  const manifest = { name: 'electron', productName: 'Electron', version, type: 'module', main: 'main.js' }
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'main.js'), LOADER)
    // It comes back before all is written.
    await finished(await createPackage(folder, file))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
