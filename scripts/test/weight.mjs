// The phone's page is loaded over whatever Wi-Fi there is, before anything works: it has a budget.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { inRoot } from '../lib/paths.mjs'

export const BUDGET_BYTES = 60_000

/** Everything that the page may load, each file compressed by itself. */
export function phonePageWeight() {
  const folder = inRoot('out/phone')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => inRoot('out/phone', name))
    .filter((file) => statSync(file).isFile())
    .reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0)
}
