import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const SECOND = 1000

const AREAS = ['protocol', 'transfer', 'electron', 'renderer', 'messages', 'scripts', 'tests/unit', 'tests/hostile']
// By `npm run test:soak` alone.
if (process.env['LANYARD_SOAK'] !== undefined) AREAS.push('tests/soak')

const FILES = AREAS.flatMap((area) =>
  readdirSync(join(import.meta.dirname, area), { recursive: true, encoding: 'utf8' }).map(
    (name) => `${area}/${name.replaceAll('\\', '/')}`,
  ),
).filter((file) => /\.test\.(ts|mjs)$/.test(file) && !file.startsWith('messages/compiled/'))

/** What a file does that others in its process would feel, or that others would disturb. */
const ALONE = [
  // It replaces a module, a global, the clocks or the language, which others may have been loaded with.
  /\bvi\.(mock|doMock|stubGlobal|stubEnv|useFakeTimers|resetModules)\(|\bspeak\(|\bprocess\.(chdir|umask|on)\(|#hub\/testing\/page\.ts/,
  // It measures what the process holds.
  /\bprocess\.(memoryUsage|getActiveResourcesInfo)\b/,
]
/**
 * Hostile ones leave a process with what nobody else should meet, conversations of the core go on for a moment after their
 * test, conformance waits for programs of its own, and scripts load large tools.
 */
const ALONE_AREAS = /^(tests|scripts|electron\/core)\//
const isAlone = (file: string): boolean =>
  ALONE_AREAS.test(file) || ALONE.some((sign) => sign.test(readFileSync(join(import.meta.dirname, file), 'utf8')))

export default defineConfig({
  // For modules with runes (*.svelte.ts); components are tested in real browsers.
  plugins: [svelte()],
  test: {
    environment: 'node',
    // Without this one core of two rests.
    maxWorkers: '100%',
    // Bounds for something that hangs, far above what any test needs.
    testTimeout: 120 * SECOND,
    hookTimeout: 120 * SECOND,
    teardownTimeout: 30 * SECOND,
    expect: { poll: { timeout: 60 * SECOND } },
    passWithNoTests: true,
    // Each of the two processes that files share loads a module once: that took a fifth of the processor's time.
    projects: [
      { extends: true, test: { name: 'alone', include: FILES.filter(isAlone) } },
      { extends: true, test: { name: 'shared', include: FILES.filter((file) => !isAlone(file)), isolate: false } },
    ],
  },
})
