import { defineConfig } from '@playwright/test'
import { QUIET_MS } from './tests/support/patience.ts'

const SECOND = 1000

export default defineConfig({
  globalSetup: './tests/global-setup.ts',
  outputDir: 'test-results/playwright',
  // For two cores: a worker waits two fifths of its time. Each has an app, a phone's browser and a screen to itself
  // (tests/support/fixtures.ts).
  workers: 3,
  fullyParallel: false,
  // A test that passes on the second try has found something.
  retries: 0,
  forbidOnly: true,
  // For what hangs only: waits end by themselves once nothing moves (tests/support/patience.ts), on however slow a machine.
  timeout: 300 * SECOND,
  expect: { timeout: QUIET_MS },
  reporter: [['line'], ['json', { outputFile: process.env['LANYARD_REPORT'] ?? 'test-results/playwright.json' }]],
  // A trace costs an eighth of the processor time of each test: LANYARD_TRACE=1 keeps those of tests that fail.
  use: { trace: process.env['LANYARD_TRACE'] === undefined ? 'off' : 'retain-on-failure' },
  projects: [
    // The app as it is built, a phone's browser, one machine.
    { name: 'e2e', testDir: 'tests/e2e' },
    // Desktop and phone in two network namespaces.
    { name: 'lan', testDir: 'tests/lan', workers: 1 },
    // All in one network namespace, whose networks come and go.
    { name: 'network', testDir: 'tests/network', workers: 1 },
    // The unpacked package with its fuses set.
    { name: 'packaged', testDir: 'tests/packaged', workers: 1 },
  ],
})
