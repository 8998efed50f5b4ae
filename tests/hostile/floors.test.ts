import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** The oldest versions without known holes that reach us (trust.md, section 8). */
const FLOORS = { 'socket.io-parser': '4.2.6', 'engine.io': '6.6.9', ws: '8.21.0', 'dns-packet': '5.2.2' }

interface Lock {
  readonly packages: Record<string, { readonly version?: string; readonly dev?: boolean }>
}

const numbers = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10))

/** Negative, zero or positive, as a sort wants it. */
function compare(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)]
  return left.map((n, at) => n - (right[at] ?? 0)).find((difference) => difference !== 0) ?? 0
}

const lock = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8')) as Lock

/** Every copy of it that is shipped, wherever in the tree. */
const shipped = (name: string): string[] =>
  Object.entries(lock.packages)
    .filter(([path, { dev }]) => path.endsWith(`node_modules/${name}`) && dev !== true)
    .map(([, { version = '0' }]) => version)

test('versions are compared as numbers', () => {
  expect([compare('4.10.0', '4.9.9') > 0, compare('4.2.5', '4.2.6') < 0, compare('8.21.0', '8.21.0')]).toEqual([true, true, 0]) // prettier-ignore
})

test.each(Object.entries(FLOORS))('no shipped %s is older than %s', (name, floor) => {
  const versions = shipped(name)
  expect(versions).not.toEqual([])
  expect(versions.filter((version) => compare(version, floor) < 0)).toEqual([])
})
