// npm run conformance -- --listen | --phone LINK | --hub URL: tests a phone app, a desktop or a hub that others have made.
import { inRoot, packageBin } from './lib/paths.mjs'
import { become, runNode } from './lib/run.mjs'
import { command, setup } from './setup.mjs'

const LIMIT_MS = 60_000

await command(async () => {
  await setup({})
  const args = ['build', '--config', 'tests/conformance/vite.config.ts']
  const { code } = await runNode(packageBin('vite'), args, { limitMs: LIMIT_MS, output: 'to-stderr' })
  if (code !== 0) throw new Error('the conformance kit could not be bundled')
  return become(process.execPath, [inRoot('out/conformance/main.js'), ...process.argv.slice(2)])
})
