import { describeRuntime, resolveElectron } from '../scripts/electron-runtime.mjs'
import { findChromium } from '../scripts/lib/chromium.mjs'

/** Once per run: find or prepare Electron and the phone's browser. The workers inherit the environment. */
export default async function setup(): Promise<void> {
  const runtime = await resolveElectron()
  process.env['ELECTRON_EXEC_PATH'] = runtime.exec
  process.stderr.write(`${describeRuntime(runtime)}\n`)
  const chromium = findChromium()
  if (chromium !== undefined) process.env['LANYARD_CHROMIUM'] = chromium
}
