// The targets of other systems cannot be built here. That their configuration is one that electron-builder takes can be
// checked everywhere.
import Ajv from 'ajv'
import { convertIcon } from 'app-builder-lib/out/util/iconConverter.js'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { HUB_PORT } from '#protocol/limits.ts'
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

/** @param {{ target: { target: string, arch: string[] }[] }} system */
const targetsOf = ({ target }) => target.map((one) => `${one.target} ${one.arch.join(' ')}`)

test('every system has its targets, each for both kinds of processor', () => {
  expect(targetsOf(config.linux)).toEqual(['AppImage x64 arm64', 'deb x64 arm64', 'tar.gz x64 arm64'])
  expect(targetsOf(config.win)).toEqual(['nsis x64 arm64'])
  expect(targetsOf(config.mac)).toEqual(['dmg x64 arm64', 'zip x64 arm64'])
})

test('the deb depends on all that electron-builder knows Electron to need', () => {
  // Not part of what it promises. Where it is gone one day, the list has another place, and this test says so.
  const FpmTarget = createRequire(import.meta.url)('app-builder-lib/out/targets/FpmTarget.js').default
  const own = FpmTarget.prototype.getDefaultDepends('deb')
  expect(own).toContain('libnotify4')
  expect(config.deb.depends).toEqual(expect.arrayContaining(own))
})

test('what the configuration names is there', () => {
  const { include } = config.nsis
  const { entitlements, entitlementsInherit } = config.mac
  const placed = config.deb.fpm.map((/** @type {string} */ spec) => spec.split('=')[0])
  for (const file of [include, entitlements, entitlementsInherit, ...placed])
    expect(existsSync(inRoot(file)), file).toBe(true)
})

test('the uninstaller of Windows takes away what the app has written, by the names that it writes', () => {
  const nsh = readFileSync(inRoot(config.nsis.include), 'utf8')
  // Electron names the value of a login item by the AppUserModelId, and reads it by that alone.
  const values = [...nsh.matchAll(/DeleteRegValue HKCU "[^"]*\\Run" "([^"]*)"/g)].map(([, name]) => name)
  expect(values).toEqual(['${APP_ID}', '${APP_ID}'])
  const main = readFileSync(inRoot('electron/main.ts'), 'utf8')
  expect(main).toContain(`app.setAppUserModelId('${config.appId}')`)
  const links = [...nsh.matchAll(/SendTo\\([^"]+)\.lnk"/g)].map(([, name]) => name)
  expect(links).toEqual(
    ['en', 'zh-CN'].map((language) => readJson(inRoot(`messages/${language}.json`)).file_manager_send),
  )
})

test('the firewall profiles open the port that the hub listens on', () => {
  const read = (/** @type {string} */ file) => readFileSync(inRoot('resources/linux', file), 'utf8')
  expect(read('ufw-profile')).toContain(`ports=${HUB_PORT}/tcp|`)
  expect(read('firewalld-service.xml')).toContain(`protocol="tcp" port="${HUB_PORT}"`)
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
