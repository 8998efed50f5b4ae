// npm run check: the type checks, one per place where code may run. TypeScript 7 does them, in a quarter of the time; the
// libraries of ESLint and Svelte still need version 6 beside it.
import { pathToFileURL } from 'node:url'
import { runChecks } from './lib/checks.mjs'
import { inRoot, packageBin } from './lib/paths.mjs'
import { command, setup } from './setup.mjs'

const LIMIT_MS = 5 * 60_000
// `npm ci` empties it. TypeScript goes by content and by its own version, so what is kept here never hides an error.
const CACHE = 'node_modules/.cache/types'
const TSC_PROJECTS = ['engine', 'electron', 'electron33', 'preload', 'tools']

/** @returns {import('./lib/checks.mjs').Check[]} */
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
    return runChecks(typeChecks(), LIMIT_MS)
  })
