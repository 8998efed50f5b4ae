// npm run dev -- [options of the app]: the window with hot reload; the phone's page is rebuilt when it changes.
import { spawn } from 'node:child_process'
import { resolveElectron } from './electron-runtime.mjs'
import { phoneBuilds } from './lib/build.mjs'
import { packageBin, ROOT } from './lib/paths.mjs'
import { become } from './lib/run.mjs'
import { command, setup } from './setup.mjs'

await command(async () => {
  await setup({ system: 'start', build: true })
  const { exec } = await resolveElectron()
  const phones = phoneBuilds().map((args) =>
    spawn(process.execPath, [packageBin('vite'), ...args, '--watch'], { cwd: ROOT, stdio: ['ignore', 2, 2] }),
  )
  // The first `--` ends electron-vite's own options, the second Chromium's.
  const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const args = [packageBin('electron-vite'), 'dev', '--watch', '--', ...switches, '--', ...process.argv.slice(2)]
  try {
    return await become(process.execPath, args, { ELECTRON_EXEC_PATH: exec })
  } finally {
    for (const phone of phones) phone.kill()
  }
})
