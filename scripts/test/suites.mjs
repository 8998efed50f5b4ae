// The suites of `npm test`: what each runs and how its tests are counted. Every program here has a limit; one that
// reaches it is ended with all that it started, and counts as failed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { typeChecks } from '../check.mjs'
import { lints } from '../lint.mjs'
import { inRoot, packageBin } from '../lib/paths.mjs'
import { run, runNode } from '../lib/run.mjs'
import { ofExitCode, ofPlaywright, ofReport, ofVitest } from './reports.mjs'
import { BUDGET_BYTES, LATER_BUDGETS_BYTES, phonePageWeight } from './weight.mjs'

const MINUTE = 60_000

/** @typedef {import('./reports.mjs').Count} Count */
/** @typedef {{ name: string, group: string, run: () => Promise<Count>, needsBuild?: boolean, cores?: number }} Suite */

/** @param {string} name */
function freshReport(name) {
  mkdirSync(inRoot('test-results'), { recursive: true })
  const file = inRoot('test-results', `${name}.json`)
  rmSync(file, { force: true }) // an old one must not be taken for this run's
  return file
}

/**
 * @param {string} name
 * @param {string} script
 * @param {string[]} args
 * @returns {Suite}
 */
const check = (name, script, args) => ({
  name,
  group: 'static',
  run: async () => ofExitCode((await runNode(script, args, { limitMs: 10 * MINUTE })).code),
})

async function unit() {
  const file = freshReport('unit')
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { code } = await runNode(packageBin('vitest'), args, { limitMs: 30 * MINUTE })
  return ofReport(file, code, ofVitest)
}

/**
 * @param {string} project
 * @param {string[]} wrapper a command that runs the command after it
 */
async function playwright(project, wrapper = []) {
  const file = freshReport(project)
  const screenless = process.platform === 'linux' && !process.env['DISPLAY']
  const screen = screenless ? ['xvfb-run', '-a', '-s', '-screen 0 1280x900x24'] : []
  const test = [process.execPath, packageBin('@playwright/test', 'playwright'), 'test']
  // A folder of its own: a run empties it, and others go on beside it.
  const own = [`--project=${project}`, `--output=test-results/playwright/${project}`]
  const [program, ...args] = [...wrapper, ...screen, ...test, ...own]
  const options = { env: { LANYARD_REPORT: file }, limitMs: 75 * MINUTE }
  const { code } = await run(/** @type {string} */ (program), args, options)
  return ofReport(file, code, ofPlaywright)
}

/** In a network namespace of its own, with nothing but loopback; it goes when the last process in it has ended. */
const ALONE = ['unshare', '--net', '--', 'sh', '-c', 'ip link set lo up && exec "$@"', 'alone']

function weight() {
  const { page, socket, extras } = phonePageWeight()
  const { socket: socketBudget, extras: extrasBudget } = LATER_BUDGETS_BYTES
  console.log(
    `the phone's page weighs ${page} of ${BUDGET_BYTES} bytes, its sealed socket ${socket} of ${socketBudget}, ` +
      `its records and texts ${extras} of ${extrasBudget}`,
  )
  // A part that is not found weighs nothing, and was not weighed.
  const fits = page < BUDGET_BYTES && socket < socketBudget && extras < extrasBudget && socket > 0 && extras > 0
  return Promise.resolve(ofExitCode(fits ? 0 : 1))
}

async function packaged() {
  const { code } = await runNode(inRoot('scripts/dist.mjs'), ['dir'], { limitMs: 10 * MINUTE })
  const built = ofExitCode(code)
  if (code !== 0) return built
  const started = await playwright('packaged')
  return { ...started, passed: built.passed + started.passed, failed: built.failed + started.failed }
}

/** Whether this machine lets us make network namespaces: by trying it. */
export function mayMakeNamespaces() {
  if (process.platform !== 'linux') return false
  const name = `lanyard-probe-${process.pid}`
  const ip = (/** @type {string} */ verb) => spawnSync('ip', ['netns', verb, name], { stdio: 'ignore' }).status === 0
  return ip('add') && ip('del')
}

/** @returns {Suite[]} */
export const allSuites = () => [
  check('format', packageBin('prettier'), ['--check', '--log-level', 'warn', '.']),
  ...[...lints(), ...typeChecks()].map(({ name, script, args }) => check(name, script, args)),
  { name: 'unit', group: 'unit', cores: 2, run: unit },
  { name: 'weight', group: 'e2e', needsBuild: true, run: weight },
  { name: 'e2e', group: 'e2e', needsBuild: true, cores: 2, run: () => playwright('e2e') },
  { name: 'lan', group: 'lan', needsBuild: true, run: () => playwright('lan') },
  { name: 'network', group: 'lan', needsBuild: true, run: () => playwright('network', ALONE) },
  { name: 'packaged', group: 'packaged', needsBuild: true, run: packaged },
]
