// npm start -- [options of the app]: installs and builds what is missing and runs the app.
// Our stdout is the app's; everything of ours goes to stderr.
import { describeRuntime, resolveElectron } from './electron-runtime.mjs'
import { become } from './lib/run.mjs'
import { ROOT } from './lib/paths.mjs'
import { say } from './lib/say.mjs'
import { missingLibraries } from './lib/system.mjs'
import { command, setup } from './setup.mjs'

const HEADLESS = '--headless'

const noDisplay = () => process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']

/**
 * Chromium's switches, the app's folder, then `--` and the app's own options: behind it Chromium does not read them.
 * It chooses its display before the app's first line runs, so the switch for that cannot be left to the app.
 * @param {string[]} options
 */
function electronArguments(options) {
  const headless = noDisplay() || options.includes(HEADLESS)
  const switches = []
  if (process.getuid?.() === 0) switches.push('--no-sandbox') // Chromium refuses to sandbox root
  // Without a display Chromium would go on looking for one, and complain at length; the terminal is for the QR code.
  if (headless && process.platform === 'linux')
    switches.push('--ozone-platform=headless', '--disable-gpu', '--log-level=3')
  const own = headless && !options.includes(HEADLESS) ? [HEADLESS, ...options] : options
  return [...switches, ROOT, '--', ...own]
}

/** Where the options' paths are relative to: npm goes to the package's folder, and says where it was called. */
const callersFolder = () => (process.env['npm_lifecycle_event'] === 'start' && process.env['INIT_CWD']) || process.cwd()

await command(async () => {
  await setup({ system: 'start', build: true })
  const runtime = await resolveElectron()
  const lacking = missingLibraries(runtime.exec)
  if (lacking.length > 0) throw new Error(`Electron needs libraries that are not installed: ${lacking.join(' ')}`)
  say(`starting on ${describeRuntime(runtime)}`)
  return become(runtime.exec, electronArguments(process.argv.slice(2)), {}, callersFolder())
})
