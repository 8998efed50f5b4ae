// Starting other programs so that none of them is left behind.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { ROOT } from './paths.mjs'
import { onStop } from './stop.mjs'

const POSIX = process.platform !== 'win32'
// From a polite end to a forced one.
const GRACE_MS = 5000

/**
 * @typedef {object} Options
 * @property {NodeJS.ProcessEnv} [env] added to ours
 * @property {number} [limitMs] after this long the program and all that it started are ended
 * @property {'inherit' | 'to-stderr'} [output]
 */

/** @typedef {{ code: number, timedOut: boolean }} Outcome */

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function endGroup(child, signal) {
  try {
    if (POSIX && child.pid !== undefined) process.kill(-child.pid, signal)
    else child.kill(signal)
  } catch {
    // already gone
  }
}

/**
 * Runs a program in a process group of its own and waits for it. The whole group ends with it.
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { env, limitMs, output = 'inherit' } = {}) {
  const out = output === 'inherit' ? 'inherit' : 2
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', out, 2],
    detached: POSIX,
  })
  let timedOut = false
  /** @type {NodeJS.Timeout[]} */
  const timers = []
  const end = () => {
    endGroup(child, 'SIGTERM')
    timers.push(setTimeout(() => endGroup(child, 'SIGKILL'), GRACE_MS))
  }
  if (limitMs !== undefined)
    timers.push(
      setTimeout(() => {
        timedOut = true
        end()
      }, limitMs),
    )
  // The group is not the terminal's, so a ctrl-C reaches only us: pass it on, and end too.
  const noMoreStops = onStop((signal) => {
    process.exitCode = 128 + constants.signals[signal]
    end()
    child.once('close', () => process.exit())
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => done({ code: code ?? 1, timedOut }))
  }).finally(() => {
    timers.forEach(clearTimeout)
    noMoreStops()
    endGroup(child, 'SIGKILL')
  })
}

/**
 * The same for a script of our own or of a package.
 * @param {string} script
 * @param {string[]} [args]
 * @param {Options} [options]
 */
export const runNode = (script, args = [], options) => run(process.execPath, [script, ...args], options)

/**
 * Becomes the given program as well as Node can: same terminal, signals passed on, exit code passed back.
 * The program stays in our process group, so a ctrl-C reaches it twice, from the terminal and from us; it must not mind.
 * @param {string} command
 * @param {string[]} args
 */
export function become(command, args, env = {}, cwd = ROOT) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'inherit' })
  onStop((signal) => child.kill(signal))
  return new Promise((done) => {
    child.once('error', (error) => {
      console.error(`lanyard: ${command} did not start: ${error.message}`)
      done(1)
    })
    child.once('exit', (code, signal) => done(code ?? (signal === null ? 1 : 128 + constants.signals[signal])))
  })
}
