// node scripts/smoke.mjs [program ...]: starts packaged apps, by default those in release/. Each must tell its version
// and, without a window, come up with a link.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inRoot, readJson } from './lib/paths.mjs'
import { command } from './setup.mjs'

const LIMIT_MS = 60_000

/**
 * @param {string} folder
 * @param {RegExp} name
 */
const inFolder = (folder, name) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => name.test(file))
        .map((file) => join(folder, file))
    : []

function packagedApps() {
  const release = inRoot('release')
  const macApps = inFolder(release, /^mac/).flatMap((folder) => inFolder(folder, /\.app$/))
  return [
    ...inFolder(release, /\.AppImage$/),
    ...inFolder(join(release, 'linux-unpacked'), /^lanyard$/),
    ...inFolder(join(release, 'win-unpacked'), /^lanyard\.exe$/i),
    ...macApps.flatMap((app) => inFolder(join(app, 'Contents/MacOS'), /./)),
  ]
}

// An AppImage mounts itself with FUSE, which build machines lack, and its sandbox helper cannot be setuid.
const env = { ...process.env, APPIMAGE_EXTRACT_AND_RUN: '1' }
const switches = process.platform === 'linux' ? ['--no-sandbox'] : []

/** @param {string} program */
function tellsItsVersion(program) {
  const { version } = readJson(inRoot('package.json'))
  const { stdout, status } = spawnSync(program, [...switches, '--version'], {
    env,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  })
  if (status !== 0 || !stdout.includes(version)) throw new Error(`${program} --version: ${status}, ${stdout}`)
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<string>}
 */
async function firstLink(child) {
  if (child.stdout === null) throw new Error('no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line)
    if (event.event === 'ready') return event.link
  }
  throw new Error('it ended before it was ready')
}

/** @param {string} program */
async function comesUp(program) {
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-smoke-'))
  const own = ['--port', '0', '--host', '127.0.0.1', '--inbox', join(folder, 'inbox'), '--data', join(folder, 'data')]
  const args = [...switches, '--headless', '--json', ...own]
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((done) => child.once('close', done))
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  try {
    const link = await firstLink(child)
    child.kill('SIGTERM')
    const code = await ended
    // Windows knows no polite signal.
    if (code !== 0 && process.platform !== 'win32') throw new Error(`it ended with ${code}`)
    return link
  } finally {
    clearTimeout(timer)
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

await command(async () => {
  const programs = process.argv.length > 2 ? process.argv.slice(2) : packagedApps()
  if (programs.length === 0) throw new Error('nothing to start in release/')
  for (const program of programs) {
    tellsItsVersion(program)
    console.log(`${program}: ${await comesUp(program)}`)
  }
  return 0
})
