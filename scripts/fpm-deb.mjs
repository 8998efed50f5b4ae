#!/usr/bin/env node
// Stands in for fpm, which electron-builder calls for a deb and which machines without its download lack. It does what
// electron-builder asks of it, with Debian's own dpkg-deb. Releases use the real one.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const FLAGS = new Set(['--force', '--debug'])
/** @type {Record<string, string>} */
const COMPRESSIONS = { xz: 'xz', gz: 'gzip', none: 'none', zst: 'zstd' }
/** @type {[option: string, script: string][]} */
const SCRIPTS = [
  ['before-install', 'preinst'],
  ['after-install', 'postinst'],
  ['before-remove', 'prerm'],
  ['after-remove', 'postrm'],
]

/**
 * Options may come several times; what is no option is a `source=destination`.
 * @param {string[]} args
 */
export function parseArguments(args) {
  /** @type {Record<string, string[]>} */
  const options = {}
  const files = []
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (FLAGS.has(arg)) continue
    if (!arg.startsWith('-')) files.push(arg)
    else (options[arg.replace(/^-+/, '')] ??= []).push(rest.shift() ?? '')
  }
  return {
    files,
    all: (/** @type {string} */ name) => options[name] ?? [],
    one: (/** @type {string} */ name) => options[name]?.at(-1),
  }
}

/** @typedef {ReturnType<typeof parseArguments>} Request */

/**
 * @param {string} spec
 * @param {string} root
 */
function place(spec, root) {
  const split = spec.lastIndexOf('=')
  const source = spec.slice(0, split)
  const target = join(root, spec.slice(split + 1))
  mkdirSync(source.endsWith('/') ? target : dirname(target), { recursive: true })
  cpSync(source, target, { recursive: true, verbatimSymlinks: true })
}

/**
 * Lists what a person may have changed under /etc, which an update leaves alone: fpm does the same.
 * @param {string} root
 * @returns {string[]}
 */
function configurationFiles(root) {
  const etc = join(root, 'etc')
  if (!existsSync(etc)) return []
  return readdirSync(etc, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort()
}

/**
 * In KiB, as the control file wants it; a folder counts as one block.
 * @param {string} folder
 * @returns {number}
 */
function installedSize(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sum + installedSize(path) + 4
    return entry.isFile() ? sum + Math.ceil(statSync(path).size / 1024) : sum
  }, 0)
}

/**
 * @param {Request} request
 * @param {number} size
 */
export function controlFile({ one, all }, size) {
  const [first = '', ...more] = (one('description') ?? '').trim().split('\n')
  const version = one('iteration') ? `${one('version')}-${one('iteration')}` : one('version')
  const fields = {
    Package: one('name'),
    Version: version,
    License: one('license'),
    Vendor: one('vendor'),
    Architecture: one('architecture'),
    Maintainer: one('maintainer'),
    'Installed-Size': String(size),
    Depends: all('d').join(', '),
    Recommends: all('deb-recommends').join(', '),
    Section: one('category') ?? 'default',
    Priority: one('deb-priority'),
    Homepage: one('url'),
    Description: [first, ...more.map((line) => ` ${line.trim() || '.'}`)].join('\n'),
  }
  return Object.entries(fields)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}

/**
 * @param {Request} request
 * @param {string} root
 */
function fill(request, root) {
  chmodSync(root, 0o755) // it becomes the ./ of the package
  for (const spec of request.files) place(spec, root)
  const size = installedSize(root)
  const control = join(root, 'DEBIAN')
  mkdirSync(control, { mode: 0o755 })
  writeFileSync(join(control, 'control'), controlFile(request, size))
  const conffiles = configurationFiles(root)
  if (conffiles.length > 0) writeFileSync(join(control, 'conffiles'), conffiles.map((file) => `${file}\n`).join(''))
  for (const [option, name] of SCRIPTS) {
    const script = request.one(option)
    if (script) writeFileSync(join(control, name), readFileSync(script), { mode: 0o755 })
  }
}

/** @param {Request} request */
function build(request) {
  const { one } = request
  const target = one('package') ?? ''
  const compression = COMPRESSIONS[process.env['FPM_DEB_COMPRESSION'] ?? one('deb-compression') ?? 'xz'] ?? 'xz'
  const root = mkdtempSync(join(tmpdir(), 'fpm-deb-'))
  try {
    fill(request, root)
    mkdirSync(dirname(target), { recursive: true })
    const args = ['--root-owner-group', `-Z${compression}`, '-z1', '--build', root, target]
    return spawnSync('dpkg-deb', args, { stdio: 'inherit' }).status ?? 1
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

if (process.argv[1]?.endsWith('fpm-deb.mjs')) {
  const request = parseArguments(process.argv.slice(2))
  if (request.one('s') !== 'dir' || request.one('t') !== 'deb') {
    console.error('fpm-deb: makes a deb of folders, nothing else')
    process.exit(2)
  }
  process.exitCode = build(request)
}
