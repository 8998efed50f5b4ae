// npm run lint: oxlint, with types, for all that it can read, and ESLint for components and for rules of our own.
import { pathToFileURL } from 'node:url'
import { inRoot, packageBin } from './lib/paths.mjs'
import { runNode } from './lib/run.mjs'
import { say } from './lib/say.mjs'
import { command, setup } from './setup.mjs'

const LIMIT_MS = 10 * 60_000

/** @returns {{ name: string, script: string, args: string[] }[]} */
export const lints = () => [
  { name: 'lint', script: packageBin('oxlint'), args: [] },
  { name: 'lint of instances', script: inRoot('scripts/lint/instances.mjs'), args: [] },
  { name: 'lint of pages and imports', script: packageBin('eslint'), args: ['.'] },
]

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await command(async () => {
    await setup({ messages: true })
    let failed = 0
    for (const { name, script, args } of lints()) {
      const { code } = await runNode(script, args, { limitMs: LIMIT_MS })
      if (code !== 0) failed++
      say(`${name}: ${code === 0 ? 'ok' : 'FAILED'}`)
    }
    return failed === 0 ? 0 : 1
  })
