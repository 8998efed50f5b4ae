// npm run check: the type checks, one per place where code may run.
import { pathToFileURL } from 'node:url'
import { packageBin } from './lib/paths.mjs'
import { runNode } from './lib/run.mjs'
import { say } from './lib/say.mjs'
import { command, setup } from './setup.mjs'

const LIMIT_MS = 5 * 60_000
const TSC_PROJECTS = ['engine', 'electron', 'electron33', 'preload', 'tools']

/** @returns {{ name: string, script: string, args: string[] }[]} */
export const typeChecks = () => [
  ...TSC_PROJECTS.map((name) => ({
    name: `types of ${name}`,
    script: packageBin('typescript', 'tsc'),
    args: ['-p', `tsconfig.${name}.json`],
  })),
  {
    name: 'types of pages',
    script: packageBin('svelte-check'),
    args: ['--tsconfig', './tsconfig.pages.json', '--fail-on-warnings', '--output', 'human'],
  },
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
