import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'
import { sqliteWasm } from './scripts/lib/sqlite-wasm.mjs'
import { trayIcons } from './scripts/lib/tray-icons.mjs'

// Build for the OLDEST runtime the bundle must run on: the fallback, Electron 33. Without this electron-vite would
// take the targets of the electron in node_modules.
const NODE_TARGET = 'node20.18'
const CHROME_TARGET = 'chrome130'

export default defineConfig({
  main: {
    plugins: [sqliteWasm(), trayIcons()],
    // An optional helper of ws, which is compiled code: what we need of it is ours.
    resolve: { alias: { bufferutil: resolve('electron/hub/ws-unmask.ts') } },
    build: {
      target: NODE_TARGET,
      outDir: 'out/main',
      // Everything is bundled, so a package needs no node_modules.
      externalizeDeps: false,
      rolldownOptions: {
        input: {
          main: resolve('electron/main.ts'),
          // The hub alone, for plain Node.
          hub: resolve('electron/hub/main.ts'),
          // A worker thread of either, found by its name.
          'cipher-worker': resolve('electron/hub/cipher-worker.ts'),
        },
        // An optional native helper of ws, which does well without it.
        external: ['utf-8-validate'],
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
