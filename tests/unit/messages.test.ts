import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const BASE = 'en'
const OTHERS = ['zh-CN']

interface Variants {
  readonly declarations: readonly string[]
  readonly selectors: readonly string[]
  readonly match: Readonly<Record<string, string>>
}
type Message = string | readonly [Variants]
type Messages = Readonly<Record<string, Message>>

const read = (locale: string): Messages =>
  JSON.parse(readFileSync(join(ROOT, 'messages', `${locale}.json`), 'utf8')) as Messages

const texts = (message: Message): readonly string[] =>
  typeof message === 'string' ? [message] : Object.values(message[0].match)

/** What a caller must give: a text may leave some out, as "one file" does with a count. */
function inputs(message: Message): string[] {
  const named = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name ?? '')
  const declared =
    typeof message === 'string'
      ? []
      : message[0].declarations.flatMap((line) => (line.startsWith('input ') ? [line.slice('input '.length)] : []))
  return [...new Set([...declared, ...texts(message).flatMap(named)])].sort()
}

function sources(folder: string): string {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => /\.(ts|svelte|html)$/u.test(file) && !file.includes('.test.') && !file.startsWith('compiled'))
    .map((file) => readFileSync(join(ROOT, folder, file), 'utf8'))
    .join('\n')
}

const base = read(BASE)
const keys = Object.keys(base)

test('keys are snake_case', () => {
  expect(keys.filter((key) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/u.test(key))).toEqual([])
})

test('every message is used', () => {
  const code = ['renderer', 'electron', 'messages'].map(sources).join('\n')
  const used = new Set([...code.matchAll(/\bm(?:\.|\[['"])(\w+)/gu)].map(([, key]) => key))
  expect(keys.filter((key) => !used.has(key))).toEqual([])
})

test('no text is empty or has spaces around it', () => {
  for (const locale of [BASE, ...OTHERS])
    for (const [key, message] of Object.entries(read(locale)))
      for (const text of texts(message)) {
        expect(text, `${locale} ${key}`).not.toBe('')
        expect(text.trim(), `${locale} ${key}`).toBe(text)
      }
})

describe.each(OTHERS)('%s', (locale) => {
  const other = read(locale)

  test('has the same messages', () => {
    expect(keys.filter((key) => !(key in other))).toEqual([])
    expect(Object.keys(other).filter((key) => !(key in base))).toEqual([])
  })

  test('has the same placeholders', () => {
    const wrong = keys.filter((key) => {
      const here = other[key]
      const there = base[key]
      return here !== undefined && there !== undefined && inputs(here).join() !== inputs(there).join()
    })
    expect(wrong).toEqual([])
  })
})
