// A rule of our own: a relative import stays inside its area, and in its own folder; the rest has a # name (#protocol/...).
// The built-in rule cannot say this, because how many `..` lead out of an area depends on where the file lies.
import { dirname, relative, resolve, sep } from 'node:path'

// The longest first: the first that holds a file is its area.
const AREA_FOLDERS = [
  'electron/hub',
  'electron/inbox',
  'electron/store',
  'electron/core',
  'renderer/peer',
  'renderer/ui',
  'renderer/phone',
  'renderer/desktop',
  'electron',
  'protocol',
  'transfer',
  'messages',
]

/**
 * @param {string} root
 * @param {string} file
 */
function areaOf(root, file) {
  const path = relative(root, file).split(sep).join('/')
  return AREA_FOLDERS.find((folder) => path.startsWith(`${folder}/`))
}

/** @type {import('eslint').Rule.RuleModule} */
export const ownArea = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      leaves: '{{from}} reaches out of its area by a relative path; import it by its # name',
      upwards: '{{from}} is not of this folder or one in it; import it by its # name',
    },
  },
  create(context) {
    const area = areaOf(context.cwd, context.filename)
    if (area === undefined) return {}
    const isTest = /\.test\.|\/testing\//.test(context.filename)
    /** @param {any} node */
    const check = (node) => {
      const from = node.source?.value
      if (typeof from !== 'string' || !from.startsWith('.')) return
      const target = resolve(dirname(context.filename), from)
      if (areaOf(context.cwd, target) !== area) context.report({ node, messageId: 'leaves', data: { from } })
      else if (from.startsWith('../') && !isTest) context.report({ node, messageId: 'upwards', data: { from } })
    }
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    }
  },
}
