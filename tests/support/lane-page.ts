import { join } from 'node:path'
import { build } from 'vite'

/** Builds a page that can open sealed sockets and does nothing by itself, as the phone's page is built. */
export async function buildLanePage(outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: join(process.cwd(), 'tests/support/lane-page'),
    base: '/',
    logLevel: 'error',
    worker: { format: 'es' },
    build: {
      target: ['es2022', 'safari16', 'chrome100', 'firefox102'],
      outDir,
      emptyOutDir: false,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  })
}
