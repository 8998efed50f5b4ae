// The targets of other systems cannot be built here. That their configuration is one that electron-builder takes can be
// checked everywhere.
import Ajv from 'ajv'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { controlFile, parseArguments } from './fpm-deb.mjs'
import { inRoot, readJson } from './lib/paths.mjs'
import { importsOf } from './lib/hub-is-plain.mjs'
import { KEEP_LOCALES } from './runtime/fallback.mjs'

const config = parse(readFileSync(inRoot('electron-builder.yml'), 'utf8'))
const manifest = readJson(inRoot('package.json'))

test('electron-builder takes the configuration', () => {
  const ajv = new Ajv({ strict: false, allErrors: true })
  const validate = ajv.compile(readJson(inRoot('node_modules/app-builder-lib/scheme.json')))
  validate(config)
  expect(validate.errors ?? []).toEqual([])
  // The schema must be one that refuses something, or the line above proves nothing.
  expect(validate({ ...config, win: { ...config.win, targets: ['nsis'] } })).toBe(false)
})

test('every system has its targets', () => {
  expect(config.linux.target).toEqual(['AppImage', 'deb', 'tar.gz'])
  expect(config.win.target).toEqual(['nsis'])
  expect(config.mac.target).toEqual(['dmg', 'zip'])
})

test('a package and the fallback runtime speak the same languages', () => {
  expect(config.electronLanguages).toEqual(KEEP_LOCALES)
})

test('the icons are there', () => {
  for (const size of [16, 32, 48, 64, 128, 256, 512])
    expect(existsSync(inRoot(`resources/${config.linux.icon}/${size}x${size}.png`))).toBe(true)
  expect(existsSync(inRoot('resources', config.win.icon))).toBe(true)
  expect(existsSync(inRoot('resources', config.mac.icon))).toBe(true)
})

test('no person, domain or account is invented', () => {
  expect(config.publish).toBeNull()
  expect(manifest.homepage).toMatch(/\.invalid$/)
  expect(manifest.author).toMatch(/^Lanyard contributors <.*\.invalid>$/)
  expect(config.linux.maintainer).toMatch(/^Lanyard contributors <.*\.invalid>$/)
})

test('the lockfile names no registry', () => {
  const { packages } = readJson(inRoot('package-lock.json'))
  const resolved = Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)
  expect(resolved).toEqual([])
})

test('the stand-in for fpm writes the fields that electron-builder gives', () => {
  const text = '-s dir --force -t deb -d liba -d libb --name lanyard --version 1.2 --architecture amd64'
  const request = parseArguments([...text.split(' '), '--description', 'One line\nand more\n\nend', 'from/=/opt/x'])
  expect(request.files).toEqual(['from/=/opt/x'])
  expect(controlFile(request, 7)).toBe(
    'Package: lanyard\nVersion: 1.2\nArchitecture: amd64\nInstalled-Size: 7\nDepends: liba, libb\n' +
      'Section: default\nDescription: One line\n and more\n .\n end\n',
  )
})

test('an import of Electron is found behind a shared chunk', () => {
  /** @type {Record<string, string>} */
  const files = {
    '/out/hub.js': `import { a } from "./chunks/a.js";import"node:fs";`,
    '/out/chunks/a.js': `export{b}from'electron';import('./a.js')`,
  }
  const read = (/** @type {string} */ file) => files[file] ?? ''
  expect([...importsOf('/out/hub.js', read)].sort()).toEqual(['electron', 'node:fs'])
})
