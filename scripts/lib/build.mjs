// Messages and bundles, made only when their sources have changed.
import { readFileSync, rmSync } from 'node:fs'
import { assertHubIsPlain } from './hub-is-plain.mjs'
import { inRoot, packageBin } from './paths.mjs'
import { runNode } from './run.mjs'
import { say } from './say.mjs'
import { makeIfChanged } from './stamp.mjs'

const LIMIT_MS = 5 * 60_000
const MESSAGES = ['messages', 'project.inlang/settings.json', 'scripts/messages.mjs', 'package-lock.json']
const SOURCES = [
  ...MESSAGES,
  'protocol',
  'transfer',
  'electron',
  'renderer',
  'package.json',
  'svelte.config.js',
  'electron.vite.config.ts',
  'vite.phone.config.ts',
]

/**
 * @param {string} script
 * @param {string[]} [args]
 */
async function step(script, args) {
  // Whatever NODE_ENV a test runner has set, what we build is for use.
  const env = { NODE_ENV: 'production' }
  const { code, timedOut } = await runNode(script, args, { env, limitMs: LIMIT_MS, output: 'to-stderr' })
  if (code !== 0) throw new Error(timedOut ? 'the build took too long' : 'the build failed')
}

export const compileMessages = () =>
  makeIfChanged('messages/compiled/.stamp', MESSAGES, () => step(inRoot('scripts/messages.mjs')))

/** Vite's arguments for the phone's page: one build for each language. */
export function phoneBuilds() {
  /** @type {{ locales: string[] }} */
  const { locales } = JSON.parse(readFileSync(inRoot('project.inlang/settings.json'), 'utf8'))
  return locales.map((one) => ['build', '--config', 'vite.phone.config.ts', '--mode', one, '--logLevel', 'warn'])
}

export async function buildAll() {
  await compileMessages()
  await makeIfChanged('out/.stamp', SOURCES, async () => {
    say('building')
    rmSync(inRoot('out'), { recursive: true, force: true })
    await Promise.all([
      step(packageBin('electron-vite'), ['build', '--logLevel', 'warn']),
      ...phoneBuilds().map((args) => step(packageBin('vite'), args)),
    ])
    assertHubIsPlain()
  })
}
