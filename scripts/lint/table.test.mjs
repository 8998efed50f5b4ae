// The import table is only worth something if it bites: a pattern that matches nothing looks the same as clean code.
import { ESLint } from 'eslint'
import { join } from 'node:path'
import ts from 'typescript-eslint'
import { expect, test } from 'vitest'
import { circlesOf } from '../lib/imports.mjs'
import { inRoot, ROOT } from '../lib/paths.mjs'
import { productFiles } from '../lib/products.mjs'
import { KNOWN_CIRCLES } from './circles.mjs'

// Only made-up files are linted here, and these have no types.
const untyped = { ...ts.configs.disableTypeChecked, files: ['**/*.ts', '**/*.svelte'] }
const eslint = new ESLint({ cwd: ROOT, overrideConfig: [untyped] })
const OURS = /no-restricted|own-area|no-circle/

/**
 * The rules of ours that object.
 * @param {string} file
 * @param {string} code
 */
async function objections(file, code) {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: join(ROOT, file) })
  const messages = result?.messages ?? []
  expect(messages.filter(({ fatal }) => fatal)).toEqual([])
  return messages.map(({ ruleId }) => ruleId ?? '').filter((rule) => OURS.test(rule))
}

const IMPORTS = '@typescript-eslint/no-restricted-imports'

test.each([
  ['protocol/made-up.ts', '#transfer/lane.ts'],
  ['protocol/made-up.ts', 'node:fs'],
  ['protocol/made-up.ts', 'electron'],
  ['transfer/made-up.ts', '#hub/hub.ts'],
  ['transfer/made-up.ts', '#ui/format.ts'],
  ['transfer/made-up.ts', '#messages'],
  ['transfer/deep/made-up.ts', '#inbox/inbox.ts'],
  ['transfer/made-up.ts', 'node:crypto'],
  ['electron/hub/made-up.ts', 'electron'],
  ['electron/hub/made-up.ts', 'electron/main'],
  ['electron/hub/made-up.ts', '#inbox/inbox.ts'],
  ['electron/hub/made-up.ts', '#electron/main.ts'],
  ['electron/hub/made-up.ts', '#peer/lanes.ts'],
  ['electron/inbox/made-up.ts', 'electron'],
  ['electron/inbox/made-up.ts', '#hub/hub.ts'],
  ['electron/store/made-up.ts', 'electron'],
  ['electron/main.ts', '#peer/lanes.ts'],
  ['electron/core/made-up.ts', '#ui/format.ts'],
  ['renderer/peer/made-up.ts', '#ui/format.ts'],
  ['renderer/peer/made-up.ts', '#messages'],
  ['renderer/peer/made-up.ts', '#hub/hub.ts'],
  ['renderer/peer/made-up.ts', 'node:events'],
  ['renderer/ui/made-up.ts', '#peer/lanes.ts'],
  ['renderer/ui/made-up.ts', 'electron'],
  ['renderer/phone/made-up.ts', '#electron/window-api.ts'],
  ['renderer/phone/made-up.ts', '#hub/hub.ts'],
  ['renderer/desktop/made-up.ts', '#electron/window-api.ts'],
  ['renderer/desktop/made-up.ts', '#electron/main.ts'],
  ['renderer/desktop/made-up.ts', '#store/settings.ts'],
  ['renderer/desktop/made-up.ts', 'electron'],
])('%s may not import %s', async (file, name) => {
  expect(await objections(file, `import { thing } from '${name}'\nthing()`)).toContain(IMPORTS)
})

test.each([
  ['renderer/desktop/made-up.ts', '#electron/main.ts'],
  ['renderer/phone/made-up.ts', '#electron/window-api.ts'],
  ['electron/hub/made-up.ts', 'electron'],
])('%s may not import %s even as a type', async (file, name) => {
  expect(await objections(file, `import type { Thing } from '${name}'\nexport type T = Thing`)).toContain(IMPORTS)
})

test.each([
  ['protocol/made-up.ts', '#protocol/limits.ts'],
  ['protocol/made-up.ts', './limits.ts'],
  ['protocol/made-up.ts', 'valibot'],
  ['transfer/made-up.ts', '#protocol/limits.ts'],
  ['transfer/made-up.ts', '#transfer/lane.ts'],
  ['electron/hub/made-up.ts', '#transfer/lane.ts'],
  ['electron/hub/made-up.ts', 'node:http'],
  ['electron/hub/deep/made-up.ts', '#hub/hub.ts'],
  ['electron/hub/testing/made-up.ts', '../hub.ts'],
  ['electron/hub/deep/made-up.test.ts', '../hub.ts'],
  ['electron/main.ts', 'electron'],
  ['electron/main.ts', '#hub/hub.ts'],
  ['electron/main.ts', '#messages'],
  ['electron/core/made-up.ts', '#store/settings.ts'],
  ['renderer/peer/made-up.ts', '#transfer/lane.ts'],
  ['renderer/ui/made-up.ts', '#messages'],
  ['renderer/phone/made-up.ts', '#peer/lanes.ts'],
  ['renderer/desktop/made-up.ts', '#ui/format.ts'],
])('%s may import %s', async (file, name) => {
  expect(await objections(file, `import { thing } from '${name}'\nthing()`)).toEqual([])
})

test.each([
  ['WindowApi', '#electron/window-api.ts'],
  ['AppState', '#electron/app-state.ts'],
])('the window may know %s as a type', async (type, name) => {
  const code = `import type { ${type} } from '${name}'\nexport type T = ${type}`
  expect(await objections('renderer/desktop/made-up.ts', code)).toEqual([])
})

test.each([
  ['protocol/made-up.ts', `import { a } from '../transfer/lane.ts'\na()`],
  ['transfer/deep/made-up.ts', `export * from '../../protocol/limits.ts'`],
  ['electron/main.ts', `import { a } from './hub/hub.ts'\na()`],
  ['electron/hub/made-up.ts', `export const a = () => import('../main.ts')`],
  ['renderer/phone/made-up.ts', `export { a } from '../desktop/a.ts'`],
  ['electron/hub/deep/made-up.ts', `import { a } from '../hub.ts'\na()`],
])('%s may not leave its folder, or its area, by a relative path', async (file, code) => {
  expect(await objections(file, code)).toEqual(['lanyard/own-area'])
})

const CIRCLE = 'lanyard/no-circle'

// transfer/lane.ts is imported by all of transfer, and itself needs only the protocol.
test.each([
  `import { Session } from './session.ts'\nSession()`,
  `import type { Session } from './session.ts'\nexport type T = Session`,
  `import { type Session } from '#transfer/session.ts'\nexport type T = Session`,
  `export * from './session.ts'`,
  `export type { Session } from './session.ts'`,
  `export type T = import('./session.ts').Session`,
  `export const a = () => import('#transfer/session.ts')`,
])('an import that closes a circle is found: %s', async (code) => {
  expect(await objections('transfer/lane.ts', code)).toEqual([CIRCLE])
})

test('a circle is told with its way, and so is one through a component', async () => {
  const code = `import App from './App.svelte'\nApp()`
  const filePath = join(ROOT, 'renderer/desktop/app-model.svelte.ts')
  const [result] = await eslint.lintText(`${code}\n`, { filePath })
  const { message } = result?.messages.find(({ ruleId }) => ruleId === CIRCLE) ?? {}
  expect(message).toMatch(
    /: renderer\/desktop\/app-model\.svelte\.ts -> renderer\/desktop\/App\.svelte -> .*app-model\.svelte\.ts$/,
  )
})

test('an import that closes no circle is none', async () => {
  expect(
    await objections('transfer/lane.ts', `import type { Lane } from '#protocol/frames.ts'\nexport type T = Lane`),
  ).toEqual([])
})

test('the circles that lint lets pass are those that there are', () => {
  const inOrder = (/** @type {readonly string[][]} */ circles) =>
    circles.map((circle) => circle.toSorted().join(' ')).sort()
  const files = productFiles().map((file) => inRoot(file))
  const known = KNOWN_CIRCLES.map((circle) => circle.map((file) => inRoot(file)))
  expect(inOrder(circlesOf(files))).toEqual(inOrder(known))
})

test('the table holds in components too', async () => {
  const code = `<script lang="ts">\n  import { thing } from '#hub/hub.ts'\n  thing()\n</script>`
  expect(await objections('renderer/phone/MadeUp.svelte', code)).toContain(IMPORTS)
})

test.each([
  ['protocol/made-up.ts', 'export const a = crypto.randomUUID()'],
  ['transfer/made-up.ts', 'export const a = crypto.subtle'],
  ['transfer/made-up.ts', 'export const a = globalThis.crypto.subtle'],
  ['renderer/peer/made-up.ts', 'export const a = navigator.serviceWorker'],
  ['renderer/peer/made-up.ts', 'export const a = () => navigator.storage.getDirectory()'],
  ['renderer/phone/made-up.ts', `export const a = () => navigator.clipboard.writeText('')`],
  ['renderer/phone/made-up.ts', `export const a = () => navigator.wakeLock.request('screen')`],
  ['renderer/phone/made-up.ts', 'export const a = () => showSaveFilePicker()'],
  ['renderer/phone/made-up.ts', 'const { subtle } = crypto\nexport const a = subtle'],
])('%s: plain http has no %s', async (file, code) => {
  expect((await objections(file, code)).length).toBeGreaterThan(0)
})

test('the window, a secure context, may use the clipboard', async () => {
  const code = `export const a = () => navigator.clipboard.writeText('')`
  expect(await objections('renderer/desktop/made-up.ts', code)).toEqual([])
})
