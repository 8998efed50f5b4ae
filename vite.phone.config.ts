import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, normalizePath, type Plugin } from 'vite'
import project from './project.inlang/settings.json' with { type: 'json' }

const PARTS: readonly (readonly [source: RegExp, code: string])[] = [
  [
    // The page has $state.raw alone. Svelte's proxies, for $state of objects, come along with any state: 700 bytes.
    /\/proxy\.js$/,
    'export const proxy = () => { throw new Error("$state.raw only, see vite.phone.config.ts") }, is = Object.is, get_proxied_value = undefined',
  ],
  [
    // A component of ours is never a custom element; the part defines one as it is loaded, so it would stay.
    /\/custom-element\.js$/,
    'export const create_custom_element = undefined',
  ],
  [
    // No component here asks to be told of errors or waits for a promise. What is left of the boundary around the page is
    // its branch, without which an $effect would run before what is in the template is bound.
    /\/boundary\.js$/,
    `import { branch } from ${JSON.stringify(normalizePath(resolve('node_modules/svelte/src/internal/client/reactivity/effects.js')))}
    export const boundary = (node, props, children) => branch(() => children(node)), pending = undefined`,
  ],
  [
    // No server has rendered anything here that Svelte could take over, which it asks about at every element.
    /\/hydration\.js$/,
    `export const hydrating = false, hydrate_node = null
    const nothing = () => {}
    export { nothing as set_hydrating, nothing as set_hydrate_node, nothing as hydrate_next, nothing as reset }
    export { nothing as hydrate_template, nothing as next, nothing as skip_nodes, nothing as read_hydration_instruction }`,
  ],
]

/**
 * What is asked for later (talk.ts) and its styles. By another address each time: browsers before 2026 remember that a
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

/** Svelte's errors and warnings, each a function that names a page of its site: here errors are one, and warnings none. */
const COMPLAINTS = /\/svelte\/src\/internal\/(?:client|shared)\/(errors|warnings)\.js$/

function withoutWords(code: string, kind: string): string {
  const names = [...code.matchAll(/^export function (\w+)/gm)].map(([, name = '']) => name)
  const others = code.match(/^export \*\s+from .*$/gm) ?? []
  const body = kind === 'errors' ? '{ throw Error("Svelte") }' : '{}'
  return [
    ...others,
    `const complain = () => ${body}`,
    `export { ${names.map((name) => `complain as ${name}`).join()} }`,
  ].join('\n')
}

/** Whole parts of Svelte that this page never reaches; it may weigh 60 kB. */
const leaveOut: Plugin = {
  name: 'lanyard:leave-out',
  enforce: 'pre',
  resolveId(source, importer = '') {
    const at = PARTS.findIndex(([part]) => importer.includes('svelte') && part.test(source))
    return at < 0 ? null : `\0left-out-${at}`
  },
  load(id) {
    if (id.includes('vite/preload-helper')) return ASK_LATER
    const at = /^\0left-out-(\d)$/.exec(id)?.[1]
    return at === undefined ? null : (PARTS[Number(at)]?.[1] ?? null)
  },
  transform(code, id) {
    const kind = COMPLAINTS.exec(id)?.[1]
    return kind === undefined ? null : { code: withoutWords(code, kind), map: null }
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
  resolveId(source, importer = '') {
    // Words that talk/ alone has come with it: as a module of their own, since a module is in one script.
    const later = source === '#messages' && importer.includes('/renderer/phone/talk/')
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
    },
  },
}))
