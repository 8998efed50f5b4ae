// The parser of what components and rune modules say in TypeScript. typescript-eslint asks a project service, which makes
// a new program at each component that it opens and so forgets what it knew about types: most of what linting the pages
// took. A run of the command line makes one program of all of them; an editor, where texts change, keeps the service.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import svelte from 'eslint-plugin-svelte'
import ts from 'typescript'
import { parser } from 'typescript-eslint'
import { inRoot } from '../lib/paths.mjs'

/** @typedef {{ filePath?: string, projectService?: unknown, [option: string]: unknown }} Options */

const typed = /** @type {{ parseForESLint: (code: string, options: Options) => unknown }} */ (parser)

const SVELTE = /\.svelte(\.ts)?$/
const CONFIG = inRoot('renderer/tsconfig.json')
const isCommandLine = /eslint[\\/]bin[\\/]eslint\.js$|\.bin[\\/]eslint$/.test(process.argv[1] ?? '')

const componentParser = /** @type {any} */ (
  svelte.configs.base.map(({ languageOptions }) => languageOptions?.parser).find(Boolean)
)

/**
 * Returns the TypeScript that stands for a component: what its parser hands on when it asks for types.
 * @param {string} filePath
 * @param {Options} options
 */
function scriptOf(filePath, options) {
  let script = ''
  const listening = {
    ...typed,
    parseForESLint: (/** @type {string} */ code, /** @type {Options} */ { projectService, ...plain }) => {
      if (projectService !== undefined) script = code
      return typed.parseForESLint(code, { ...plain, extraFileExtensions: [] })
    },
  }
  componentParser.parseForESLint(readFileSync(filePath, 'utf8'), { ...options, filePath, parser: listening })
  return script
}

/** @param {Options} options */
function programOfPages(options) {
  const { config } = ts.readConfigFile(CONFIG, ts.sys.readFile)
  const extra = [{ extension: '.svelte', isMixedContent: false, scriptKind: ts.ScriptKind.Deferred }]
  const { fileNames, options: compiler } = ts.parseJsonConfigFileContent(
    config,
    ts.sys,
    join(CONFIG, '..'),
    undefined,
    CONFIG,
    undefined,
    extra,
  )
  const compilerOptions = { ...compiler, allowNonTsExtensions: true, noEmit: true }
  const host = ts.createCompilerHost(compilerOptions, true)
  const ofDisk = host.getSourceFile
  host.getSourceFile = (name, languageVersion, ...rest) =>
    SVELTE.test(name)
      ? ts.createSourceFile(name, scriptOf(name, options), languageVersion, true, ts.ScriptKind.TS)
      : ofDisk(name, languageVersion, ...rest)
  return ts.createProgram(
    fileNames.filter((name) => /\.svelte(\.ts)?$|\.d\.ts$/.test(name)),
    compilerOptions,
    host,
  )
}

/** @type {ts.Program | undefined} */
let program

export const pagesParser = {
  ...typed,
  /**
   * @param {string} code
   * @param {Options} options
   */
  parseForESLint(code, options) {
    if (!isCommandLine || options.projectService === undefined) return typed.parseForESLint(code, options)
    program ??= programOfPages(options)
    const known = program.getSourceFile(options.filePath ?? '')
    if (known?.text !== code) return typed.parseForESLint(code, options)
    const given = { ...options, projectService: undefined, extraFileExtensions: [], programs: [program] }
    return typed.parseForESLint(code, given)
  },
}
