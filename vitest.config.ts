import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

const SECOND = 1000

export default defineConfig({
  // For modules with runes (*.svelte.ts); components are tested in real browsers.
  plugins: [svelte()],
  test: {
    environment: 'node',
    // Without this one core of two rests.
    maxWorkers: '100%',
    include: [
      '{protocol,transfer,electron,renderer,messages,scripts}/**/*.test.{ts,mjs}',
      'tests/{unit,hostile}/**/*.test.ts',
      // By `npm run test:soak` alone.
      ...(process.env['LANYARD_SOAK'] === undefined ? [] : ['tests/soak/**/*.test.ts']),
    ],
    exclude: ['**/node_modules/**', 'messages/compiled/**', 'out/**', 'release/**'],
    // Bounds for something that hangs, far above what any test needs.
    testTimeout: 120 * SECOND,
    hookTimeout: 120 * SECOND,
    teardownTimeout: 30 * SECOND,
    expect: { poll: { timeout: 60 * SECOND } },
    passWithNoTests: true,
  },
})
