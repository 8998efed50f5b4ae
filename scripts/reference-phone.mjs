// npm run reference-phone -- LINK [options]: the smallest phone app (tests/reference-phone), on a bare checkout.
import { inRoot } from './lib/paths.mjs'
import { become } from './lib/run.mjs'
import { command, setup } from './setup.mjs'

await command(async () => {
  await setup({})
  return become(process.execPath, [inRoot('tests/reference-phone/smallest.mjs'), ...process.argv.slice(2)])
})
