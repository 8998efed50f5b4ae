// npm run bench -- [options]: bundles bench/ for Node and runs it, on a virtual screen where there is none.
// It finds Electron in ELECTRON_EXEC_PATH and the phone's browser in LANYARD_CHROMIUM.
import { describeRuntime, resolveElectron } from './electron-runtime.mjs'
import { findChromium } from './lib/chromium.mjs'
import { inRoot, packageBin } from './lib/paths.mjs'
import { become, runNode } from './lib/run.mjs'
import { say } from './lib/say.mjs'
import { command, setup } from './setup.mjs'

const LIMIT_MS = 60_000

await command(async () => {
  await setup({ system: 'test', build: true })
  const runtime = await resolveElectron()
  say(`measuring on ${describeRuntime(runtime)}`)
  const args = ['build', '--config', 'bench/vite.config.ts']
  const { code } = await runNode(packageBin('vite'), args, { limitMs: LIMIT_MS, output: 'to-stderr' })
  if (code !== 0) throw new Error('the bench could not be bundled')
  const chromium = findChromium()
  const env = { ELECTRON_EXEC_PATH: runtime.exec, ...(chromium !== undefined && { LANYARD_CHROMIUM: chromium }) }
  const bench = [process.execPath, inRoot('out/bench/main.js'), ...process.argv.slice(2)]
  const screenless = process.platform === 'linux' && !process.env['DISPLAY']
  const whole = screenless ? ['xvfb-run', '-a', '-s', '-screen 0 1280x900x24', ...bench] : bench
  return become(/** @type {string} */ (whole[0]), whole.slice(1), env)
})
