// npm run build: everything into out/.
import { command, setup } from './setup.mjs'

await command(async () => {
  await setup({ build: true })
  return 0
})
