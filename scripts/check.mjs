// npm run check: the type checks, one per place where code may run. TypeScript 7 does them, in a quarter of the time; the
// libraries of ESLint and Svelte still need version 6 beside it.
import { pathToFileURL } from 'node:url'
import { inRoot, packageBin } from './lib/paths.mjs'
import { runNode } from './lib/run.mjs'
import { say } from './lib/say.mjs'
import { command, setup } from './setup.mjs'

const LIMIT_MS = 5 * 60_000
// `npm ci` empties it. TypeScript goes by content and by its own version, so what is kept here never hides an error.
const CACHE = 'node_modules/.cache/types'
const TSC_PROJECTS = ['engine', 'electron', 'electron33', 'preload', 'tools']

/** @returns {{ name: string, script: string, args: string[] }[]} */
export const typeChecks = () => [
  ...TSC_PROJECTS.map((name) => ({
    name: `types of ${name}`,
    script: packageBin('@typescript/native', 'tsc'),
    args: ['-p', `tsconfig.${name}.json`, '--incremental', '--tsBuildInfoFile', inRoot(CACHE, `${name}.tsbuildinfo`)],
  })),
  { name: 'types of pages', script: inRoot('scripts/check-pages.mjs'), args: [] },
]

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await command(async () => {
    await setup({ messages: true })
    let failed = 0
    for (const { name, script, args } of typeChecks()) {
      const { code } = await runNode(script, args, { limitMs: LIMIT_MS })
      if (code !== 0) failed++
      say(`${name}: ${code === 0 ? 'ok' : 'FAILED'}`)
    }
    return failed === 0 ? 0 : 1
  })
