import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const PARTS: readonly (readonly [importer: string, source: RegExp, code: string])[] = [
  [
    'engine.io-client',
    /\/(polling-xhr|polling-fetch|webtransport)(\.node)?\.js$/,
    'export const XHR = undefined, Fetch = undefined, WT = undefined',
  ],
  [
    // Browsers of the target take an address apart by themselves.
    'engine.io-client',
    /\/parseuri\.js$/,
    `export const parse = (text) => {
      const { protocol, hostname: host, port, pathname: path, search } = new URL(text)
      return { protocol: protocol.slice(0, -1), host, port, path, query: search.slice(1), source: text }
    }`,
  ],
  [
    'socket.io-parser',
    /\/(is-)?binary\.js$/,
    `export const hasBinary = () => false, isBinary = hasBinary, deconstructPacket = undefined
export const reconstructPacket = () => { throw new Error("no binary here") }`,
  ],
]

/**
 * Our hub speaks WebSocket and JSON, and every phone does. Leaving out Socket.IO's other transports and its binary
 * packets saves some 3 kB of the 60 that the page may weigh. The page's own `transports: ['websocket']` keeps the empty
 * ones from being asked for; the parser drops a packet that it can't read.
 */
const jsonOverWebSocket: Plugin = {
  name: 'lanyard:json-over-websocket',
  enforce: 'pre',
  resolveId(source, importer = '') {
    const at = PARTS.findIndex(([from, part]) => importer.includes(from) && part.test(source))
    return at < 0 ? null : `\0left-out-${at}`
  },
  load(id) {
    const at = /^\0left-out-(\d)$/.exec(id)?.[1]
    return at === undefined ? null : (PARTS[Number(at)]?.[2] ?? null)
  },
}

export default defineConfig({
  root: 'renderer/phone',
  base: '/',
  plugins: [jsonOverWebSocket, svelte({ configFile: resolve('svelte.config.js') })],
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
