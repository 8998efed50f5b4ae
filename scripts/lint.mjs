// npm run lint: oxlint, with types, for all that it can read, and ESLint for components and for rules of our own.
import { pathToFileURL } from 'node:url'
import { runChecks } from './lib/checks.mjs'
import { inRoot, packageBin } from './lib/paths.mjs'
import { command, setup } from './setup.mjs'

const LIMIT_MS = 10 * 60_000

/** @returns {import('./lib/checks.mjs').Check[]} */
export const lints = () => [
  { name: 'lint', script: packageBin('oxlint'), args: [] },
  { name: 'lint of instances', script: inRoot('scripts/lint/instances.mjs'), args: [] },
  { name: 'lint of pages and imports', script: packageBin('eslint'), args: ['.'] },
]

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await command(async () => {
    await setup({ messages: true })
    return runChecks(lints(), LIMIT_MS)
  })
