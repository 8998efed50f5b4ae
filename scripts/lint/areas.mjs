// Who may import whom: the table of the architecture, as ESLint understands it. `table.test.mjs` proves that it bites.
// Patterns are written as `regex`: in a `group`, which is a gitignore pattern, a leading # starts a comment.

/**
 * @typedef {object} Area
 * @property {string} name
 * @property {string[]} files
 * @property {string[]} [ignores]
 * @property {string[]} allowed prefixes of subpath imports
 * @property {string[]} [allowedTypes] subpath imports that may be imported as types only
 * @property {'anywhere' | 'node' | 'electron' | 'page'} runs
 */

const ENGINE = ['#protocol/', '#transfer/']
const PLAIN_NODE = ['hub', 'inbox', 'store']
const WORDS = '#messages'

/** @type {Area[]} */
export const AREAS = [
  { name: 'protocol', files: ['protocol/**'], allowed: ['#protocol/'], runs: 'anywhere' },
  { name: 'transfer', files: ['transfer/**'], allowed: ENGINE, runs: 'anywhere' },
  .../** @type {Area[]} */ (
    PLAIN_NODE.map((area) => ({
      name: `electron/${area}`,
      files: [`electron/${area}/**`],
      allowed: [...ENGINE, `#${area}/`],
      runs: 'node',
    }))
  ),
  {
    name: 'electron',
    files: ['electron/**'],
    ignores: PLAIN_NODE.map((area) => `electron/${area}/**`),
    allowed: [...ENGINE, '#hub/', '#inbox/', '#store/', '#core/', '#electron/', WORDS],
    runs: 'electron',
  },
  { name: 'renderer/peer', files: ['renderer/peer/**'], allowed: [...ENGINE, '#peer/'], runs: 'page' },
  { name: 'renderer/ui', files: ['renderer/ui/**'], allowed: [...ENGINE, '#ui/', WORDS], runs: 'page' },
  {
    name: 'renderer/phone',
    files: ['renderer/phone/**'],
    allowed: [...ENGINE, '#peer/', '#ui/', '#phone/', WORDS],
    runs: 'page',
  },
  {
    name: 'renderer/desktop',
    files: ['renderer/desktop/**'],
    allowed: [...ENGINE, '#peer/', '#ui/', '#desktop/', WORDS],
    allowedTypes: ['#electron/window-api.ts', '#electron/app-state.ts'],
    runs: 'page',
  },
]

/** @param {string} text */
const literal = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** @param {Area} area */
function ownPatterns({ name, allowed, allowedTypes = [] }) {
  const either = (/** @type {string[]} */ list) => list.map(literal).join('|')
  const patterns = [
    {
      regex: `^#(?!${either([...allowed, ...allowedTypes].map((prefix) => prefix.slice(1)))})`,
      message: `${name} may import only: ${[...allowed, ...allowedTypes].join(', ')}`,
    },
  ]
  if (allowedTypes.length === 0) return patterns
  return [
    ...patterns,
    { regex: `^(${either(allowedTypes)})$`, allowTypeImports: true, message: `${name} may import this as a type only` },
  ]
}

/** @param {Area} area */
function runtimePatterns({ name, runs }) {
  const patterns = []
  if (runs !== 'electron') patterns.push({ regex: '^electron(/|$)', message: `${name} runs without Electron` })
  if (runs === 'anywhere' || runs === 'page')
    patterns.push({ regex: '^node:', message: `${name} runs in a browser page too` })
  return patterns
}

/**
 * Tests are free to reach for what they need.
 * @param {Area} area
 * @returns {import('eslint').Linter.Config}
 */
export const importRules = (area) => ({
  name: `lanyard/imports/${area.name}`,
  files: area.files,
  ignores: [...(area.ignores ?? []), '**/*.test.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: [...ownPatterns(area), ...runtimePatterns(area)] },
    ],
  },
})
