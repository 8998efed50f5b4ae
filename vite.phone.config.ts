import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, normalizePath, type Plugin } from 'vite'
import project from './project.inlang/settings.json' with { type: 'json' }

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
  [
    'engine.io-parser',
    /\/base64-arraybuffer\.js$/,
    'export const decode = () => { throw new Error("no binary here") }',
  ],
  [
    // The page has $state.raw alone. Svelte's proxies, for $state of objects, come along with any state and weigh 700 bytes.
    'svelte',
    /\/proxy\.js$/,
    'export const proxy = () => { throw new Error("$state.raw only, see vite.phone.config.ts") }, is = Object.is, get_proxied_value = undefined',
  ],
  [
    // A component of ours is never a custom element; the part defines one as it is loaded, so it would stay.
    'svelte',
    /\/custom-element\.js$/,
    'export const create_custom_element = undefined',
  ],
]

/**
 * Whole parts of libraries that this page never reaches; some 5 kB of the 60 that it may weigh. Our hub speaks WebSocket
 * and JSON, and every phone does, so Socket.IO's other transports and its binary packets are not needed. The page's own
 * `transports: ['websocket']` keeps the empty ones from being asked for; the parser drops a packet that it can't read.
 */
const leaveOut: Plugin = {
  name: 'lanyard:leave-out',
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

const compiled = (file: string): string => normalizePath(resolve('messages/compiled', file))

/**
 * The page in one language, so that no phone loads the words of another: in place of paraglide's functions, which choose
 * as they run, are those of the language itself. All languages share a folder, where files that are the same in all of
 * them are there once. The hub (electron/hub/page.ts) picks between index.html, which is English, and
 * index.LANGUAGE.html.
 */
const inLanguage = (locale: string): Plugin => ({
  name: 'lanyard:in-language',
  enforce: 'pre',
  load(id) {
    if (id === compiled('messages.js')) return `export * as m from './messages/${locale}.js'`
    return id === compiled('runtime.js') ? `export const getLocale = () => '${locale}'` : null
  },
  transformIndexHtml: (html) => html.replace('<html lang="en">', `<html lang="${locale}">`),
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const page = bundle['index.html']
      if (page !== undefined && locale !== project.baseLocale) page.fileName = `index.${locale}.html`
    },
  },
})

const localeOf = (mode: string): string => project.locales.find((locale) => locale === mode) ?? project.baseLocale

export default defineConfig(({ mode }) => ({
  root: 'renderer/phone',
  base: '/',
  plugins: [leaveOut, inLanguage(localeOf(mode)), svelte({ configFile: resolve('svelte.config.js') })],
  server: { fs: { allow: [resolve('.')] } },
  worker: { format: 'es' },
  build: {
    // Whatever phone is at hand: about four years back. Safari 15 would cost 2 kB for its missing class fields.
    target: ['es2022', 'safari16', 'chrome100', 'firefox102'],
    outDir: resolve('out/phone'),
    // The other languages are there too. Before a build all of out/ is taken away.
    emptyOutDir: false,
    // The hub serves this page with `script-src 'self'`: nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: resolve('renderer/phone/index.html') },
      // Constants of other modules too, such as Svelte's flags.
      optimization: { inlineConst: { mode: 'all', pass: 3 } },
      // They have none, but do not say so.
      treeshake: { moduleSideEffects: [{ test: /[\\/](engine|socket)\.io-/, sideEffects: false }] },
    },
  },
}))
