// A rule of our own: files that import each other in a circle, be it for types only, are one thing in several files. The
// usual plugins pass over imports of types, and all of our circles were made of those.
import { relative, sep } from 'node:path'
import { resolveImport, wayBetween } from '../lib/imports.mjs'

/**
 * Circles that are still there, each with its files: an import inside one is let pass. None may be added.
 *
 * @type {readonly (readonly string[])[]}
 */
export const KNOWN_CIRCLES = []

/**
 * @param {string} root
 * @param {string} file
 */
const nameOf = (root, file) => relative(root, file).split(sep).join('/')

/** @type {import('eslint').Rule.RuleModule} */
export const noCircle = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { circle: 'this import closes a circle: {{way}}' },
  },
  create(context) {
    const { cwd, filename } = context
    const own = nameOf(cwd, filename)
    /** @param {any} node */
    const check = (node) => {
      const from = node.source?.value
      const target = typeof from === 'string' ? resolveImport(filename, from) : undefined
      const way = target === undefined ? undefined : wayBetween(target, filename)
      if (way === undefined) return
      const names = way.map((file) => nameOf(cwd, file))
      if (KNOWN_CIRCLES.some((circle) => names.every((name) => circle.includes(name)))) return
      context.report({ node, messageId: 'circle', data: { way: [own, ...names].join(' -> ') } })
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    }
  },
}
