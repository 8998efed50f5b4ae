// npm test [-- static|unit|e2e|lan|packaged ...]: installs what is missing and runs all suites, or the named ones.
// A suite that fails does not keep the others from running. The last line says it all: `N passed, N failed`.
import { command, setup } from './setup.mjs'

const GROUPS = ['static', 'unit', 'e2e', 'lan', 'packaged']
const IN_A_SYSTEM = ['e2e', 'lan', 'packaged']

/** As many suites at a time, by what each keeps busy (test/suites.mjs); a machine with more gets no more of them. */
const CORES = 2

/** @param {number} since */
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1)

/**
 * Left out with a word, never silently.
 * @param {string} group
 * @param {typeof import('./test/suites.mjs')} suites
 */
function isPossible(group, { mayMakeNamespaces }) {
  if (group === 'lan' && !mayMakeNamespaces()) {
    console.log('== lan: left out, this machine permits no network namespaces')
    return false
  }
  if (group === 'packaged' && !(process.platform === 'linux' && process.arch === 'x64')) {
    console.log('== packaged: left out, it is made for linux-x64')
    return false
  }
  return true
}

/** A build that fails is one failed test, and the suites that need it cannot run. */
async function build() {
  const { alone } = await import('./lib/lock.mjs')
  const { buildAll } = await import('./lib/build.mjs')
  await alone(buildAll)
  return { passed: 1, failed: 0 }
}

/**
 * @param {{ name: string, run: () => Promise<import('./test/reports.mjs').Count> }} suite
 */
async function measured({ name, run }) {
  console.log(`\n== ${name}`)
  const since = performance.now()
  const count = await run().catch((/** @type {unknown} */ error) => {
    console.error(`lanyard: ${error instanceof Error ? error.message : String(error)}`)
    return { passed: 0, failed: 1 }
  })
  console.log(`== ${name}: ${count.passed} passed, ${count.failed} failed, ${seconds(since)} s`)
  return count
}

/**
 * Work that others can wait for before it has begun.
 * @param {() => Promise<void>} work
 */
function defer(work) {
  /** @type {() => void} */
  let end = () => undefined
  const ended = new Promise((/** @type {(value?: unknown) => void} */ resolve) => (end = resolve))
  return { ended, run: () => work().finally(end) }
}

/** @param {string[]} groups */
async function runSuites(groups) {
  const suites = await import('./test/suites.mjs')
  const possible = new Set(groups.filter((group) => isPossible(group, suites)))
  const total = { passed: 0, failed: 0, why: /** @type {string[]} */ ([]) }
  /** @type {import('./test/reports.mjs').Time[]} */
  const times = []
  const add = (/** @type {import('./test/reports.mjs').Count} */ count) => {
    total.passed += count.passed
    total.failed += count.failed
    total.why.push(...(count.why ?? []))
    times.push(...(count.times ?? []))
    return count.failed === 0
  }
  const wanted = suites.allSuites().filter(({ group }) => possible.has(group))
  let isBuilt = false
  const built = defer(async () => {
    isBuilt = add(await measured({ name: 'build', run: build }))
  })
  const runSuite = async (/** @type {import('./test/suites.mjs').Suite} */ suite) => {
    if (suite.needsBuild === true && !isBuilt) console.log(`== ${suite.name}: cannot run, the build failed`)
    else add(await measured(suite))
  }
  const tasks = wanted.map((suite) => ({
    cores: suite.cores ?? 1,
    run: () => runSuite(suite),
    ...(suite.needsBuild === true && { after: built.ended }),
  }))
  const isBuildNeeded = wanted.some(({ needsBuild }) => needsBuild)
  const { sideBySide } = await import('./test/side-by-side.mjs')
  await sideBySide([...(isBuildNeeded ? [{ cores: 1, run: built.run }] : []), ...tasks], CORES)
  const { slowest } = await import('./test/reports.mjs')
  return { ...total, slow: slowest(times) }
}

await command(async () => {
  const unknown = process.argv.slice(2).filter((name) => !GROUPS.includes(name))
  if (unknown.length > 0) throw new Error(`no such suite: ${unknown.join(' ')}; there are ${GROUPS.join(', ')}`)
  const groups = process.argv.length > 2 ? process.argv.slice(2) : GROUPS
  const system = groups.some((group) => IN_A_SYSTEM.includes(group))
  await setup({ messages: true, ...(system && { system: /** @type {const} */ ('test') }) })
  const { passed, failed, why, slow } = await runSuites(groups)
  if (slow.length > 0) console.log(`\nthe slowest tests:\n${slow.join('\n')}`)
  if (why.length > 0) console.log(`\nwhat failed:\n${why.map((one) => `  ${one}`).join('\n')}`)
  console.log(`\n${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
})
