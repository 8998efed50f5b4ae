import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, normalizePath, type Plugin } from 'vite'
import project from './project.inlang/settings.json' with { type: 'json' }

/**
 * What is asked for later (extras-loader.ts) and its styles. By another address each time: browsers before 2026 remember that a
 * script could not be had, and never ask again. What has no styles, such as the sealed socket, comes as it is. Vite's own
 * has more ways than are needed here.
 */
const ASK_LATER = `
let times = 0
export const __vitePreload = (load, [script, style] = []) => {
  if (!script) return load()
  document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: '/' + style }))
  return import(/* @vite-ignore */ '/' + script + '?' + times++)
}`

const askLater: Plugin = {
  name: 'lanyard:ask-later',
  enforce: 'pre',
  load: (id) => (id.includes('vite/preload-helper') ? ASK_LATER : null),
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
  resolveId(source, importer = '') {
    // Words that extras/ alone has come with it: as a module of their own, since a module is in one script.
    const later = source === '#messages' && importer.includes('/renderer/phone/extras/')
    return later ? `${compiled('messages.js')}?later` : null
  },
  load(id) {
    if (id === compiled('messages.js')) return `export * as m from './messages/${locale}.js'`
    if (id === `${compiled('messages.js')}?later`) return `export * as m from './messages/${locale}.js?later'`
    return id === compiled('runtime.js') ? `export const getLocale = () => '${locale}'` : null
  },
  transformIndexHtml: (html) =>
    html
      .replace('<html lang="en">', `<html lang="${locale}">`)
      .replace(/\{m\.(\w+)\}/g, (_, key: string) => plainText(locale, key)),
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const page = bundle['index.html']
      if (page !== undefined && locale !== project.baseLocale) page.fileName = `index.${locale}.html`
    },
  },
})

/** A message for the html itself, which is read where no script runs. */
function plainText(locale: string, key: string): string {
  const messages = JSON.parse(readFileSync(resolve('messages', `${locale}.json`), 'utf8')) as Record<string, unknown>
  const text = messages[key]
  if (typeof text !== 'string' || /[<&{]/.test(text)) throw new Error(`${locale}: ${key} can't be put into html`)
  return text
}

const localeOf = (mode: string): string => project.locales.find((locale) => locale === mode) ?? project.baseLocale

export default defineConfig(({ mode }) => ({
  root: 'renderer/phone',
  base: '/',
  plugins: [askLater, inLanguage(localeOf(mode)), svelte({ configFile: resolve('svelte.config.js') })],
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
    },
  },
}))
