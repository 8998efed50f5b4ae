// node scripts/system.mjs start|test: system packages only. As root it installs them, else it prints the command.
import { installSystemPackages } from './lib/system.mjs'
import { command } from './setup.mjs'

await command(async () => {
  const purpose = process.argv[2]
  if (purpose !== 'start' && purpose !== 'test') throw new Error('usage: node scripts/system.mjs start|test')
  return (await installSystemPackages(purpose)) ? 0 : 1
})
