// npm run sample-session: makes protocol/sample-session.md anew, of a real session.
import { packageBin } from './lib/paths.mjs'
import { become } from './lib/run.mjs'
import { command, setup } from './setup.mjs'

await command(async () => {
  await setup({})
  const vitest = [process.execPath, packageBin('vitest'), 'run', 'tests/unit/sample-session.test.ts']
  return become(/** @type {string} */ (vitest[0]), vitest.slice(1), { LANYARD_SAMPLE: 'write' })
})
