// Two linters share the rules. Together they must be as strict as ESLint alone with all of its rules, and they must bite:
// a rule that is on and finds nothing looks the same as clean code.
import { ESLint } from 'eslint'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript-eslint'
import { afterAll, beforeAll, expect, test } from 'vitest'
import config from '../../eslint.config.js'
import { inRoot, packageBin, readJson, ROOT } from '../lib/paths.mjs'
import { RULE, strangers } from './instances.mjs'
import { BESIDE, eslintNames, OF_OXLINT } from './oxlint.mjs'

/**
 * The rules that are on for a file, with all of their options.
 * @param {import('eslint').Linter.Config[]} configs
 * @param {string} file
 * @returns {Promise<Record<string, unknown[]>>}
 */
async function rulesOf(configs, file) {
  const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: true, overrideConfig: configs })
  const { rules = {} } = (await eslint.calculateConfigForFile(inRoot(file))) ?? {}
  return Object.fromEntries(Object.entries(rules).filter(([, [severity]]) => severity !== 0))
}

/** What oxlint does, said to ESLint, which knows what goes for which file and what is meant by no options. */
function oxlintConfigs() {
  const { rules, overrides, ignorePatterns } = readJson(inRoot('.oxlintrc.json'))
  /** @param {Record<string, any>} some @returns {import('eslint').Linter.RulesRecord} */
  const named = (some = {}) =>
    Object.fromEntries(Object.entries(some).flatMap(([name, value]) => eslintNames(name).map((one) => [one, value])))
  const ignores = ignorePatterns.map((/** @type {string} */ pattern) => pattern.replace(/^\//, ''))
  const all = [{ rules }, ...overrides].map((one) => ({
    ...(one.files && { files: one.files }),
    rules: named(one.rules),
  }))
  return [{ ignores }, { plugins: { '@typescript-eslint': ts.plugin } }, ...all]
}

const withoutOxlint = config.filter(({ name }) => name !== OF_OXLINT)

test.each([
  ['electron/inbox/inbox.ts', 150],
  ['electron/inbox/inbox.test.ts', 145],
  ['transfer/session.ts', 150],
  ['tests/support/app.ts', 145],
  ['tests/looks/fake-phone.svelte.ts', 145],
  ['scripts/lint.mjs', 90],
  ['scripts/lint/rules.test.mjs', 90],
  ['tests/support/quit-witness.cjs', 90],
  ['eslint.config.js', 90],
  ['renderer/desktop/App.svelte', 150],
  ['renderer/phone/transfers.svelte.ts', 150],
  ['renderer/ui/format.ts', 150],
])('%s is held to every rule by one of the two, with the same options', async (file, atLeast) => {
  const [wanted, here, there] = await Promise.all([
    rulesOf(withoutOxlint, file),
    rulesOf(config, file),
    rulesOf(oxlintConfigs(), file),
  ])
  expect(Object.keys(wanted).length).toBeGreaterThan(atLeast)
  const held = Object.entries({ ...there, ...here }).filter(([name]) => name in wanted)
  const beside = Object.entries(wanted).filter(([name]) => BESIDE.includes(name))
  expect({ ...Object.fromEntries(beside), ...Object.fromEntries(held) }).toEqual(wanted)
})

/** What breaks a rule, by the rule. */
const BREAKS = {
  'await-thenable': `export const f = async () => { await 1 }`,
  'no-array-delete': `export const f = (a: number[]) => { delete a[0] }`,
  'no-base-to-string': `export const f = (a: object) => String(a)`,
  'no-confusing-void-expression': `const v = (): void => undefined\nexport const f = () => { return v() }`,
  'no-deprecated': `/** @deprecated */\nconst old = () => 1\nexport const f = () => old()`,
  'no-duplicate-type-constituents': `export type T = 'a' | 'b' | 'a'`,
  'no-floating-promises': `export const f = () => { Promise.resolve(1) }`,
  'no-for-in-array': `export const f = (a: number[]) => { for (const i in a) f([Number(i)]) }`,
  'no-meaningless-void-operator': `const v = (): void => undefined\nexport const f = () => { void v() }`,
  'no-misused-promises': `export const f = (p: Promise<number>) => { if (p) f(p) }`,
  'no-misused-spread': `export const f = (a: () => void) => ({ ...a })`,
  'no-redundant-type-constituents': `export type T = unknown | 'a'`,
  'no-unnecessary-boolean-literal-compare': `export const f = (a: boolean) => a === true`,
  'no-unnecessary-condition': `export const f = (a: { b: number }) => a?.b`,
  'no-unnecessary-template-expression': 'export const f = (a: string) => `${a}`',
  'no-unnecessary-type-assertion': `export const f = (a: string) => (a as string).length`,
  'no-unnecessary-type-parameters': `export const f = <T>(a: T) => { String(a) }`,
  'no-unsafe-argument': `const g = (a: string) => a\nexport const f = (a: any) => g(a)`,
  'no-unsafe-assignment': `export const f = (a: any) => { const b = a\n  return String(b) }`,
  'no-unsafe-call': `export const f = (a: any) => { a() }`,
  'no-unsafe-enum-comparison': `enum E { A = 1 }\nexport const f = (e: E) => e === 1`,
  'no-unsafe-member-access': `export const f = (a: any) => { String(a.b) }`,
  'no-unsafe-return': `export const f = (a: any): string => a`,
  'only-throw-error': `export const f = () => { throw 'a' }`,
  'prefer-find': `export const f = (a: number[]) => a.filter((b) => b > 1)[0]`,
  'prefer-includes': `export const f = (a: string) => a.indexOf('b') !== -1`,
  'prefer-nullish-coalescing': `export const f = (a: string | null) => a || 'b'`,
  'prefer-optional-chain': `export const f = (a: { b?: { c: number } }) => a.b && a.b.c`,
  'prefer-promise-reject-errors': `export const f = () => Promise.reject('a')`,
  'prefer-reduce-type-parameter': `export const f = (a: number[]) => a.reduce((b, c) => b.concat(c), [] as number[])`,
  'prefer-regexp-exec': `export const f = (a: string) => a.match(/b/)`,
  'prefer-string-starts-ends-with': `export const f = (a: string) => a[0] === 'b'`,
  'require-await': `export const f = async () => 1`,
  'restrict-plus-operands': `export const f = (a: string, b: number) => a + b`,
  'restrict-template-expressions': 'export const f = (a: Date | null) => `${a}`',
  'return-await': `export const f = async (a: Promise<number>) => { try { return a } finally { String(a) } }`,
  'switch-exhaustiveness-check': `export const f = (a: 'b' | 'c') => { switch (a) { case 'b': return 1 }\n  return 2 }`,
  'unbound-method': `class A { m() { return this } }\nexport const f = (a: A) => a.m`,
  'use-unknown-in-catch-callback-variable': `export const f = (p: Promise<void>) => p.catch((e: Error) => { String(e.name) })`,
  'consistent-type-imports': `import { Buffer } from 'node:buffer'\nexport type T = Buffer`,
  'no-explicit-any': `export type T = any`,
  'no-non-null-assertion': `export const f = (a: string | null) => a!.length`,
  'array-type': `export type T = Array<number>`,
  eqeqeq: `export const f = (a: unknown) => a == 1`,
  'no-unused-vars': `const a = 1\nexport const f = () => 1`,
  'max-lines-per-function': `export const f = () => [\n${'  1,\n'.repeat(40)}]`,
  'no-useless-assignment': `export const f = () => { let a = 1\n  a = 2\n  return a }`,
}

/** What our options let pass. */
const FINE = [
  'export const f = (a: number, b: boolean) => `${a} ${b}`',
  `export const f = (a: 'b' | 'c') => { switch (a) { case 'b': return 1\n  default: return 2 } }`,
  `const v = (): void => undefined\nexport const f = () => v()`,
  `export const f = (_a: string) => 1`,
  `export const f = (a: string) => [...a]`,
]

/** @type {string} */
let folder
/** The rules that object, by file. @type {Map<string, string[]>} */
const found = new Map()
const fileOf = (/** @type {string} */ rule) => `breaks-${rule}.ts`

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-lint-')))
  copyFileSync(inRoot('.oxlintrc.json'), join(folder, '.oxlintrc.json'))
  const compilerOptions = { strict: true, target: 'ES2023', module: 'ESNext', types: [], noEmit: true }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['.'] }))
  for (const [rule, code] of Object.entries(BREAKS)) writeFileSync(join(folder, fileOf(rule)), `${code}\n`)
  FINE.forEach((code, index) => writeFileSync(join(folder, `fine-${index}.ts`), `${code}\n`))
  const unused = `// eslint-disable-next-line no-control-regex\nexport const f = 1\n`
  const used = `// eslint-disable-next-line @typescript-eslint/no-floating-promises\nPromise.resolve(1)\nexport {}\n`
  writeFileSync(join(folder, 'unused.ts'), unused)
  writeFileSync(join(folder, 'used.ts'), used)
  // It looks for its checker beside the files.
  const name = `@oxlint-tsgolint/${process.platform}-${process.arch}/tsgolint${process.platform === 'win32' ? '.exe' : ''}`
  const env = {
    ...process.env,
    OXLINT_TSGOLINT_PATH: createRequire(packageBin('oxlint-tsgolint', 'tsgolint')).resolve(name),
  }
  const options = /** @type {const} */ ({ cwd: folder, encoding: 'utf8' })
  const { stdout } = spawnSync(process.execPath, [packageBin('oxlint'), '-f', 'json'], { ...options, env })
  for (const { filename, code, message } of JSON.parse(stdout).diagnostics)
    found.set(filename, [...(found.get(filename) ?? []), code ?? message])
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(Object.keys(BREAKS))('oxlint objects by %s', (rule) => {
  expect(found.get(fileOf(rule))).toEqual(expect.arrayContaining([expect.stringContaining(`(${rule})`)]))
})

test('oxlint lets pass what our options let pass', () => {
  expect(FINE.map((_, index) => found.get(`fine-${index}.ts`) ?? [])).toEqual(FINE.map(() => []))
})

test('a disabled rule is silent, and a comment that disables nothing is told', () => {
  expect(found.get('used.ts')).toBeUndefined()
  expect(found.get('unused.ts')).toEqual([expect.stringMatching(/^Unused eslint-disable directive/)])
})

test('an object that only looks like an instance is found', () => {
  const file = join(folder, 'instance.ts').replaceAll('\\', '/')
  const code = `class A { constructor(readonly b: number) {} }\nconst f = (a: A) => a.b\nf(new A(1))\nf({ b: 1 })\n`
  writeFileSync(file, code)
  expect(strangers([file])).toEqual([expect.stringMatching(new RegExp(`instance\\.ts:4: .*\`A\`.*\\[${RULE}\\]$`))])
})

test('what is asked beside oxlint is what oxlint does not know', () => {
  const { stdout } = spawnSync(process.execPath, [packageBin('oxlint'), '--rules', '-f', 'json'], { encoding: 'utf8' })
  /** @type {string[]} */
  const known = JSON.parse(stdout).map((/** @type {{ value: string }} */ { value }) => value)
  expect(known).toContain('no-floating-promises')
  expect(BESIDE.filter((name) => known.includes(name.replace('@typescript-eslint/', '')))).toEqual([])
})
