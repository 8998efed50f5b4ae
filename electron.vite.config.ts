import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'

// Build for the OLDEST runtime the bundle must run on: the fallback, Electron 33. Without this electron-vite would
// take the targets of the electron in node_modules.
const NODE_TARGET = 'node20.18'
const CHROME_TARGET = 'chrome130'

/** SQLite looks for its program beside the file that it is bundled into. */
const sqliteBeside = {
  name: 'lanyard:sqlite-beside',
  async generateBundle(this: { emitFile(file: { type: 'asset'; fileName: string; source: Uint8Array }): void }) {
    const fileName = 'node-sqlite3-wasm.wasm'
    const source = await readFile(createRequire(import.meta.url).resolve(`node-sqlite3-wasm/dist/${fileName}`))
    this.emitFile({ type: 'asset', fileName, source })
  },
}

export default defineConfig({
  main: {
    plugins: [sqliteBeside],
    build: {
      target: NODE_TARGET,
      outDir: 'out/main',
      // Everything is bundled, so a package needs no node_modules.
      externalizeDeps: false,
      rolldownOptions: {
        input: {
          main: resolve('electron/main.ts'),
          // The hub alone, for plain Node.
          hub: resolve('electron/hub/cli.ts'),
          // A worker thread of either, found by its name.
          'seal-worker': resolve('electron/hub/seal-worker.ts'),
        },
        // Optional native helpers of ws, which does well without them.
        external: ['bufferutil', 'utf-8-validate'],
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: NODE_TARGET,
      outDir: 'out/preload',
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: resolve('electron/preload.ts') },
        // A sandboxed preload is one CommonJS file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer/desktop',
    plugins: [svelte({ configFile: resolve('svelte.config.js') })],
    server: {
      host: '127.0.0.1',
      port: 5173,
      // The page imports from protocol/, transfer/, renderer/ui and messages/.
      fs: { allow: [resolve('.')] },
    },
    build: {
      target: CHROME_TARGET,
      outDir: 'out/renderer',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: { index: resolve('renderer/desktop/index.html') } },
    },
  },
})
