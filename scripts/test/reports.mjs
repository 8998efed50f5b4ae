// Counting. A test that was skipped, or passed only on a second try, has not passed; a report that is missing or says
// less than the exit code is one failure.
import { existsSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { readJson } from '../lib/paths.mjs'

/** @typedef {{ name: string, seconds: number }} Time */
/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} [why] a line or more for each that failed, where it is known
 * @property {Time[]} [times] how long each test took, where it is known
 */

/** Of a message, for the list at the end: a log may be cut, and what is above it lost. */
const LINES_MAX = 8

/** @param {string | undefined} message */
function brief(message) {
  const lines = stripVTControlCharacters(message ?? '').split('\n')
  return lines.filter((line) => line.trim() !== '').slice(0, LINES_MAX)
}

/**
 * @param {string} title
 * @param {string | undefined} message
 */
const reason = (title, message) => [title, ...brief(message)].join('\n    ')

/**
 * @param {Count} count
 * @param {number} code
 */
const withExitCode = (count, code) => ({ ...count, failed: code !== 0 && count.failed === 0 ? 1 : count.failed })

/**
 * @param {number} code
 * @returns {Count}
 */
export const ofExitCode = (code) => (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })

/** @param {any} report */
export function ofVitest(report) {
  // A file that cannot even be loaded has no tests in it.
  const broken = report.testResults.filter(
    (/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  const tests = report.testResults.flatMap((/** @type {any} */ file) => file.assertionResults)
  const failed = tests.filter((/** @type {any} */ test) => test.status !== 'passed')
  return {
    passed: report.numPassedTests,
    failed: report.numTotalTests - report.numPassedTests + broken.length,
    why: [
      ...broken.map((/** @type {any} */ file) => reason(file.name, file.message)),
      ...failed.map((/** @type {any} */ test) => reason(test.fullName, test.failureMessages?.[0] ?? test.status)),
    ],
    times: tests.map((/** @type {any} */ test) => ({ name: test.fullName, seconds: (test.duration ?? 0) / 1000 })),
  }
}

/** @param {any} suite @returns {any[]} */
const specsOf = ({ specs = [], suites = [] }) => [...specs, ...suites.flatMap(specsOf)]

/** @param {any} suites */
function playwrightFailures(suites) {
  return specsOf({ suites }).flatMap(({ title, tests }) =>
    tests
      .filter((/** @type {any} */ test) => test.status !== 'expected')
      .map((/** @type {any} */ test) => reason(title, test.results[0]?.error?.message ?? test.status)),
  )
}

/** @param {any} suites @returns {Time[]} */
const playwrightTimes = (suites) =>
  specsOf({ suites }).map(({ title, file, tests }) => {
    const results = tests.flatMap((/** @type {any} */ test) => test.results)
    const ms = results.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + (one.duration ?? 0), 0)
    return { name: `${file}: ${title}`, seconds: ms / 1000 }
  })

/** @param {any} report */
export function ofPlaywright({ stats, errors, suites }) {
  const failed = stats.unexpected + stats.flaky + stats.skipped
  return {
    passed: stats.expected,
    failed: failed === 0 && errors.length > 0 ? 1 : failed,
    why: [...playwrightFailures(suites ?? []), ...errors.map((/** @type {any} */ error) => reason('', error.message))],
    times: playwrightTimes(suites ?? []),
  }
}

/**
 * @param {string} file
 * @param {number} code
 * @param {(report: any) => Count} read
 * @returns {Count}
 */
export function ofReport(file, code, read) {
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  try {
    return withExitCode(read(readJson(file)), code)
  } catch {
    return { passed: 0, failed: 1 }
  }
}

/**
 * Returns a line for each of the slowest, the slowest first.
 * @param {readonly Time[]} times
 */
export const slowest = (times, most = 10) =>
  times
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, most)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(6)} s  ${name}`)
