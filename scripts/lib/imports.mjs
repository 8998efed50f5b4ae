// The import graph of our own files, types included. `npm run shape`, the rule against circles and the cache of lint use it.
import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'
import { ROOT, inRoot, readJson } from './paths.mjs'

/** Package names that begin with # and where they lead: the longest first, because the first that fits is taken. */
const SUBPATHS = Object.entries(/** @type {Record<string, string>} */ (readJson(inRoot('package.json')).imports)).sort(
  ([a], [b]) => b.length - a.length,
)

/**
 * Returns the file that a specifier names, or undefined for a package. Our specifiers spell out the extension.
 * @param {string} from the importing file
 * @param {string} specifier
 */
export function resolveImport(from, specifier) {
  const [path = ''] = specifier.split('?')
  if (path.startsWith('.')) return resolve(dirname(from), path)
  for (const [name, target] of SUBPATHS) {
    if (name === path) return join(ROOT, target)
    const prefix = name.slice(0, -1)
    if (name.endsWith('*') && path.startsWith(prefix)) return join(ROOT, target.replace('*', path.slice(prefix.length)))
  }
  return undefined
}

/** @param {ts.Node} node */
function specifierOf(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0]
  return undefined
}

/**
 * Returns the specifiers that a module names: imports and re-exports, of values and of types, at once or later.
 * @param {string} file its name tells the language
 * @param {string} text
 */
export function specifiersIn(file, text) {
  const isComponent = file.endsWith('.svelte')
  const code = isComponent ? scriptsOf(text) : text
  const source = ts.createSourceFile(isComponent ? `${file}.ts` : file, code, ts.ScriptTarget.Latest)
  /** @type {Set<string>} */
  const found = new Set()
  const visit = (/** @type {ts.Node} */ node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.add(specifier.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return [...found]
}

/** @param {string} component */
const scriptsOf = (component) =>
  [...component.matchAll(/<script\b[^>]*>(.*?)<\/script>/gs)].map(([, code = '']) => code).join('\n')

/** What was read, by file: an editor keeps the linter for hours, in which files change. @type {Map<string, { at: number, size: number, imports: readonly string[] }>} */
const known = new Map()

/**
 * Returns the files of ours that a file imports. One that is not there imports nothing.
 * @param {string} file
 * @returns {readonly string[]}
 */
export function importsOf(file) {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile()) return []
  const before = known.get(file)
  if (before !== undefined && before.at === stat.mtimeMs && before.size === stat.size) return before.imports
  const imports = [...new Set(specifiersIn(file, readFileSync(file, 'utf8')).map((name) => resolveImport(file, name)))]
  const ours = imports.filter((target) => target !== undefined)
  known.set(file, { at: stat.mtimeMs, size: stat.size, imports: ours })
  return ours
}

/**
 * Returns the shortest way of imports from one of some files to another, both included, or undefined.
 * @param {readonly string[]} from
 * @param {string} to
 */
export function wayBetween(from, to) {
  /** @type {Map<string, string | undefined>} */
  const cameFrom = new Map(from.map((file) => [file, undefined]))
  for (const file of cameFrom.keys()) {
    if (file === to) {
      const way = []
      for (let at = /** @type {string | undefined} */ (to); at !== undefined; at = cameFrom.get(at)) way.unshift(at)
      return way
    }
    for (const next of importsOf(file)) if (!cameFrom.has(next)) cameFrom.set(next, file)
  }
  return undefined
}

/**
 * Returns the circles among files: those that reach each other, each file once.
 * @param {readonly string[]} files
 * @param {(file: string) => readonly string[]} imports
 */
export function circlesOf(files, imports = importsOf) {
  const reach = new Map(
    files.map((file) => {
      const reached = new Set(imports(file))
      for (const one of reached) for (const next of imports(one)) reached.add(next)
      return [file, reached]
    }),
  )
  /** @type {Set<string>} */
  const done = new Set()
  return files.flatMap((file) => {
    const reached = reach.get(file)
    if (reached === undefined || !reached.has(file) || done.has(file)) return []
    const circle = files.filter((other) => reached.has(other) && reach.get(other)?.has(file))
    circle.forEach((one) => done.add(one))
    return [circle]
  })
}
