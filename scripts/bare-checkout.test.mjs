// On a bare checkout the commands are what installs the packages, so what they load at first may need none.
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { inRoot, readJson, ROOT } from './lib/paths.mjs'

/** What a module imports before it runs. @param {string} file */
function importsAtOnce(file) {
  const { statements } = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest)
  return statements.flatMap((one) => {
    if (!ts.isImportDeclaration(one) && !ts.isExportDeclaration(one)) return []
    return one.moduleSpecifier !== undefined && ts.isStringLiteral(one.moduleSpecifier)
      ? [one.moduleSpecifier.text]
      : []
  })
}

/** Packages that a command needs to be loaded at all, with the file that asks. @param {string} entry */
function packagesOf(entry) {
  const files = [entry]
  /** @type {string[]} */
  const found = []
  for (const file of files)
    for (const name of importsAtOnce(file)) {
      const target = join(dirname(file), name)
      if (!name.startsWith('.')) found.push(...(isBuiltin(name) ? [] : [`${relative(ROOT, file)} imports ${name}`]))
      else if (!files.includes(target)) files.push(target)
    }
  return found
}

/** @type {Record<string, string>} */
const commands = readJson(inRoot('package.json')).scripts
// A step of the build, which is run once packages are there.
const ENTRIES = Object.entries(commands).flatMap(([name, line]) => {
  const [, file] = /^node (\S+)$/.exec(line) ?? []
  return file === undefined || name === 'messages' ? [] : [{ name, file }]
})

test('there are commands to look at', () => {
  expect(ENTRIES.map(({ name }) => name)).toEqual(expect.arrayContaining(['start', 'test', 'dist', 'reference-phone']))
})

test.each(ENTRIES)('npm run $name needs no package to begin', ({ file }) => {
  expect(packagesOf(inRoot(file))).toEqual([])
})
