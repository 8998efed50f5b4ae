// npm run hub -- [options]: the hub alone, under plain Node.
import { inRoot } from './lib/paths.mjs'
import { become } from './lib/run.mjs'
import { command, setup } from './setup.mjs'

await command(async () => {
  await setup({ build: true })
  return become(process.execPath, [inRoot('out/main/hub.js'), ...process.argv.slice(2)])
})
