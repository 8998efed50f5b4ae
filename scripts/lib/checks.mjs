// Runs programs of checks one after the other, all of them, whatever the ones before have said.
import { runNode } from './run.mjs'
import { say } from './say.mjs'

/** @typedef {{ name: string, script: string, args: string[] }} Check */

/**
 * Says of each check whether it passed. Returns the exit code for all.
 * @param {readonly Check[]} checks
 * @param {number} limitMs
 */
export async function runChecks(checks, limitMs) {
  let failed = 0
  for (const { name, script, args } of checks) {
    const { code } = await runNode(script, args, { limitMs })
    if (code !== 0) failed++
    say(`${name}: ${code === 0 ? 'ok' : 'FAILED'}`)
  }
  return failed === 0 ? 0 : 1
}
