// System libraries and programs on Linux. On Debian and its kin they come by apt; elsewhere we can only say what lacks.
import { spawnSync } from 'node:child_process'
import { run } from './run.mjs'
import { say } from './say.mjs'

const LIMIT_MS = 15 * 60_000

// Each line is one need; the first name that the system knows is installed. The t64 names are those of newer releases.
const TO_START = [
  ['libgtk-3-0t64', 'libgtk-3-0'],
  ['libnss3'],
  ['libasound2t64', 'libasound2'],
  ['libgbm1'],
  ['libnotify4'],
]
const TO_TEST = [
  ...TO_START,
  ['xvfb'],
  ['xauth'], // xvfb-run fails without it, and it is only recommended by xvfb
  ['chromium-headless-shell', 'chromium', 'chromium-browser'], // any of them is enough (chromium.mjs)
  ['iproute2'],
  ['nftables'],
  ['dbus-daemon', 'dbus'],
  ['xdotool'], // keys for dialogs of the system
  ['fonts-dejavu-core'],
  ['fonts-droid-fallback'], // Chinese on screenshots
]

/** @typedef {'start' | 'test'} Purpose */

const ask = (/** @type {string} */ command, /** @type {string[]} */ args) =>
  spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

const isDebian = () => process.platform === 'linux' && ask('dpkg-query', ['--version']).status === 0

/** @param {string[][]} needs */
function missing(needs) {
  const { stdout } = ask('dpkg-query', ['-W', '-f=${binary:Package} ${db:Status-Status}\n', ...needs.flat()])
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(/[: ]/)[0]),
  )
  return needs.filter((names) => !names.some((name) => installed.has(name)))
}

/** @param {string[]} names */
const knownToApt = (names) =>
  names.find((name) => ask('apt-cache', ['show', '--no-all-versions', name]).status === 0) ?? names.at(-1) ?? ''

/** @param {string[]} args */
async function apt(args) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const { code } = await run('apt-get', args, { env, limitMs: LIMIT_MS, output: 'to-stderr' })
  if (code !== 0) throw new Error(`apt-get ${args[0]} ended with ${code}`)
}

/**
 * Installs what lacks when we are root, else prints the command that does it.
 * @param {Purpose} purpose
 * @returns {Promise<boolean>} whether everything is there now
 */
export async function installSystemPackages(purpose) {
  if (!isDebian()) return true
  const needs = missing(purpose === 'test' ? TO_TEST : TO_START)
  if (needs.length === 0) return true
  const install = ['install', '--yes', '--no-install-recommends']
  if (process.getuid?.() !== 0) {
    say(`missing system packages: sudo apt-get ${[...install, ...needs.map(knownToApt)].join(' ')}`)
    return false
  }
  await apt(['update', '--quiet'])
  const names = needs.map(knownToApt)
  say(`installing system packages: ${names.join(' ')}`)
  await apt([...install, '--quiet', ...names])
  return true
}

/**
 * The libraries that a program asks for and the system does not have. Linux only.
 * @param {string} program
 */
export function missingLibraries(program) {
  if (process.platform !== 'linux') return []
  const { stdout } = ask('ldd', [program])
  return [...(stdout ?? '').matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1])
}
