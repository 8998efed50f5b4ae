// The targets of other systems cannot be built here. That their configuration is one that electron-builder takes can be
// checked everywhere.
import Ajv from 'ajv'
import { convertIcon } from 'app-builder-lib/out/util/iconConverter.js'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
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

/** electron-builder's tool for icons is a download. This one writes down what it was given, and an empty icon. */
const ICON_TOOL = `
const { writeFileSync } = require('node:fs')
const given = Object.fromEntries(process.argv.slice(2).map((arg) => arg.slice(2).split('=')))
writeFileSync(given.out + '/given', given.input)
writeFileSync(given.out + '/icon.' + given.format, '')
`

test('the icons are there, and the largest is enough for every system', async () => {
  const folder = inRoot('resources', config.icon)
  for (const size of [16, 32, 48, 64, 128, 256, 512]) expect(existsSync(join(folder, `${size}x${size}.png`))).toBe(true)
  for (const format of /** @type {const} */ (['ico', 'icns'])) {
    const out = mkdtempSync(join(tmpdir(), 'icons-'))
    try {
      writeFileSync(join(out, 'icon-tool.js'), ICON_TOOL)
      vi.stubEnv('ELECTRON_BUILDER_ICONS_TOOLSET_DIR', out)
      await convertIcon({
        sources: [config.icon],
        fallbackSources: [],
        roots: [inRoot('resources')],
        format,
        outDir: out,
      })
      expect(readFileSync(join(out, 'given'), 'utf8')).toContain(join(folder, '1024x1024.png'))
    } finally {
      vi.unstubAllEnvs()
      rmSync(out, { recursive: true, force: true })
    }
  }
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
