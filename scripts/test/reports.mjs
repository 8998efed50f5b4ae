// Counting. A test that was skipped, or passed only on a second try, has not passed; a report that is missing or says
// less than the exit code is one failure.
import { existsSync } from 'node:fs'
import { readJson } from '../lib/paths.mjs'

/** @typedef {{ passed: number, failed: number }} Count */

/**
 * @param {Count} count
 * @param {number} code
 */
const withExitCode = ({ passed, failed }, code) => ({ passed, failed: code !== 0 && failed === 0 ? 1 : failed })

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
  return {
    passed: report.numPassedTests,
    failed: report.numTotalTests - report.numPassedTests + broken.length,
  }
}

/** @param {any} report */
export function ofPlaywright({ stats, errors }) {
  const failed = stats.unexpected + stats.flaky + stats.skipped
  return { passed: stats.expected, failed: failed === 0 && errors.length > 0 ? 1 : failed }
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
