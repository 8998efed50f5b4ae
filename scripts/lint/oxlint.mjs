// Which rules are oxlint's: ESLint leaves them out where oxlint goes.
import ts from 'typescript-eslint'
import { inRoot, readJson } from '../lib/paths.mjs'

const OWN = '@typescript-eslint/'
const { rules: known } = /** @type {import('eslint').ESLint.Plugin & { rules: object }} */ (ts.plugin)
export const OF_OXLINT = 'lanyard/of-oxlint'

/** @typedef {{ rules: Record<string, unknown> }} Rules */

/** Rules with types that oxlint's own checker of types knows and oxlint does not pass on. */
export const BESIDE = ['@typescript-eslint/no-unsafe-class-instance-assignment']

/** Returns the names that ESLint has for a rule of oxlint, which knows a rule and its TypeScript variant by one. @param {string} name */
export const eslintNames = (name) =>
  name.startsWith('typescript/') ? [name.replace('typescript/', OWN)] : [name, ...(name in known ? [OWN + name] : [])]

/** Returns the names of all rules that oxlint has on somewhere, as ESLint has them. */
export function oxlintRules() {
  const { rules, overrides } = /** @type {Rules & { overrides: Partial<Rules>[] }} */ (
    readJson(inRoot('.oxlintrc.json'))
  )
  return [...new Set([{ rules }, ...overrides].flatMap((one) => Object.keys(one.rules ?? {})).flatMap(eslintNames))]
}

/**
 * @param {string[]} ignores files that are ESLint's alone
 * @returns {import('eslint').Linter.Config}
 */
export const ofOxlint = (ignores) => ({
  name: OF_OXLINT,
  files: ['**/*.ts', '**/*.js', '**/*.mjs', '**/*.cjs'],
  ignores,
  // oxlint tells which are unused; those of its own rules ESLint would take for unused.
  linterOptions: { reportUnusedDisableDirectives: 'off' },
  rules: Object.fromEntries([...oxlintRules(), ...BESIDE].map((name) => [name, 'off'])),
})
