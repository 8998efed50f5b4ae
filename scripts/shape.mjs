// npm run shape: the figures of the structure, to be watched.
import { readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { command, setup } from './setup.mjs'
import { inRoot, ROOT } from './lib/paths.mjs'

const SMALL = 40
const LARGE = [250, 400]
const FUNCTION_LINES = 40
const COUNT_ALL = { skipBlankLines: true, skipComments: true }

/** A parser and two rules, without types: lines are counted by the rule that limits them. */
async function linter() {
  const [{ ESLint }, { default: svelte }, { default: ts }] = await Promise.all([
    import('eslint'),
    import('eslint-plugin-svelte'),
    import('typescript-eslint'),
  ])
  return new ESLint({
    cwd: ROOT,
    overrideConfigFile: true,
    allowInlineConfig: false,
    overrideConfig: [
      ...svelte.configs.base,
      { files: ['**/*.ts'], languageOptions: { parser: ts.parser } },
      { files: ['**/*.svelte'], languageOptions: { parserOptions: { parser: ts.parser } } },
      {
        rules: {
          'max-lines': ['error', { max: 0, ...COUNT_ALL }],
          'max-lines-per-function': ['error', { max: FUNCTION_LINES, ...COUNT_ALL }],
        },
      },
    ],
  })
}

/** @param {string[]} files */
async function counted(files) {
  const results = await (await linter()).lintFiles(files)
  const broken = results.find(({ fatalErrorCount }) => fatalErrorCount > 0)
  if (broken !== undefined) throw new Error(`${broken.filePath} cannot be parsed`)
  const all = results.flatMap(({ messages }) => messages)
  // An empty file has no message, and no lines.
  const code = results.map(({ messages }) => {
    const found = messages.find(({ ruleId }) => ruleId === 'max-lines')
    return Number(/\((\d+)\)/.exec(found?.message ?? '')?.[1] ?? 0)
  })
  return { code, longFunctions: all.filter(({ ruleId }) => ruleId === 'max-lines-per-function').length }
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}

/** An alias counts like an interface. @param {string} text */
const portsIn = (text) => text.match(/^(?:export )?(?:interface|type) \w*Ports\b/gm)?.length ?? 0

/**
 * @param {string} name
 * @param {(number | string)[]} figures
 */
const print = (name, ...figures) =>
  console.log([name.padEnd(24), ...figures.map((figure) => String(figure).padStart(7))].join(''))

await command(async () => {
  await setup({})
  const { productFiles } = await import('./lib/products.mjs')
  const { circlesOf } = await import('./lib/imports.mjs')
  const files = productFiles()
  const texts = files.map((file) => readFileSync(inRoot(file), 'utf8'))
  const all = texts.map((text) => text.split('\n').length - 1)
  const { code, longFunctions } = await counted(files)
  const circles = circlesOf(files.map((file) => inRoot(file)))
  const both = (/** @type {(lines: number[]) => number} */ figure) => [figure(all), figure(code)]
  const over = (/** @type {number} */ limit) => both((lines) => lines.filter((count) => count > limit).length)
  print('product files', files.length)
  print('circles of imports', circles.length)
  print(
    '*Ports interfaces',
    texts.reduce((sum, text) => sum + portsIn(text), 0),
  )
  print(`functions over ${FUNCTION_LINES} lines`, longFunctions)
  // As an editor numbers them, and as lint counts them: without blank lines and comments.
  print('\nlines in a file', 'all', 'code')
  print('median', ...both(median))
  print(`files under ${SMALL}`, ...both((lines) => lines.filter((count) => count < SMALL).length))
  for (const limit of LARGE) print(`files over ${limit}`, ...over(limit))
  for (const circle of circles)
    console.log(`\ncircle: ${circle.map((file) => relative(ROOT, file).split(sep).join('/')).join(' ')}`)
  return 0
})
