import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

/**
 * Our hub speaks WebSocket, and every phone does. Leaving out Socket.IO's other transports saves some 2 kB of the 60
 * that the page may weigh. The page's own `transports: ['websocket']` keeps the empty ones from being asked for.
 */
const webSocketOnly: Plugin = {
  name: 'lanyard:websocket-only',
  enforce: 'pre',
  resolveId(source, importer) {
    const isOther = /\/(polling-xhr|polling-fetch|webtransport)(\.node)?\.js$/.test(source)
    return isOther && importer?.includes('engine.io-client') === true ? '\0no-transport' : null
  },
  load(id) {
    return id === '\0no-transport' ? 'export const XHR = undefined, Fetch = undefined, WT = undefined' : null
  },
}

export default defineConfig({
  root: 'renderer/phone',
  base: '/',
  plugins: [webSocketOnly, svelte({ configFile: resolve('svelte.config.js') })],
  server: { fs: { allow: [resolve('.')] } },
  worker: { format: 'es' },
  build: {
    // Whatever phone is at hand: about four years back. Safari 15 would cost 2 kB for its missing class fields.
    target: ['es2022', 'safari16', 'chrome100', 'firefox102'],
    outDir: resolve('out/phone'),
    emptyOutDir: true,
    // The hub serves this page with `script-src 'self'`: nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: resolve('renderer/phone/index.html') },
      // They have none, but do not say so.
      treeshake: { moduleSideEffects: [{ test: /[\\/](engine|socket)\.io-/, sideEffects: false }] },
    },
  },
})
