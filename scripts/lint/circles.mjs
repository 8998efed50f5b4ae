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
    /** Each import of ours with the file that it names. @type {[any, string][]} */
    const imports = []
    /** @param {any} node */
    const keep = (node) => {
      const from = node.source?.value
      const target = typeof from === 'string' ? resolveImport(filename, from) : undefined
      if (target !== undefined) imports.push([node, target])
    }
    /** @param {any} node @param {string} target */
    const check = (node, target) => {
      const way = wayBetween([target], filename)
      if (way === undefined) return
      const names = way.map((file) => nameOf(cwd, file))
      if (KNOWN_CIRCLES.some((circle) => names.every((name) => circle.includes(name)))) return
      context.report({ node, messageId: 'circle', data: { way: [own, ...names].join(' -> ') } })
    }
    return {
      ImportDeclaration: keep,
      ImportExpression: keep,
      ExportNamedDeclaration: keep,
      ExportAllDeclaration: keep,
      TSImportType: keep,
      'Program:exit': () => {
        // One walk for all of them: mostly none leads back, and a walk for each took a fifth of what linting takes.
        const targets = imports.map(([, target]) => target)
        if (wayBetween(targets, filename) === undefined) return
        for (const [node, target] of imports) check(node, target)
      },
    }
  },
}
