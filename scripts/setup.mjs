// What every command does first. The second time it finds everything in place and is done in a moment.
// Until packages are installed nothing but Node's own modules may be imported; later steps are therefore loaded late.
import { alone } from './lib/lock.mjs'
import { installPackages } from './lib/install.mjs'
import { installSystemPackages } from './lib/system.mjs'

/**
 * @typedef {object} Wanted
 * @property {import('./lib/system.mjs').Purpose} [system] system packages for this purpose
 * @property {boolean} [messages]
 * @property {boolean} [build]
 */

/**
 * @param {Wanted} wanted
 * @returns {Promise<{ systemComplete: boolean }>}
 */
export const setup = ({ system, messages = false, build = false }) =>
  alone(async () => {
    const systemComplete = system === undefined || (await installSystemPackages(system))
    await installPackages()
    const { buildAll, compileMessages } = await import('./lib/build.mjs')
    if (messages) await compileMessages()
    if (build) await buildAll()
    return { systemComplete }
  })

/**
 * Runs a command's main function; what goes wrong is told in one line.
 * @param {() => Promise<number>} main its exit code
 */
export async function command(main) {
  try {
    process.exitCode = await main()
  } catch (error) {
    console.error(`lanyard: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}
