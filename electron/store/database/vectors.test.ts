import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Records } from '#protocol/records.ts'
import { openMemoryStore } from './open-store.ts'

/** The protocol's own cases of merging, which anyone else's keeper has to pass, too. */
interface Row {
  what: string
  pages: Records[]
  cursor: string
  there: Record<string, string>
}
const file = new URL('../../../protocol/vectors/records.json', import.meta.url)
const { merged } = JSON.parse(readFileSync(file, 'utf8')) as { merged: Row[] }

test.each(merged)('$what', ({ pages, cursor, there }) => {
  const store = openMemoryStore()
  for (const page of pages) store.records.keep('phone', page)
  const { rows } = store.records.find({ sort: 'title', offset: 0, limit: 200 })
  expect(Object.fromEntries(rows.map(({ id, title }) => [id, title]))).toEqual(there)
  expect(store.records.cursor('phone')).toBe(cursor)
  store.close()
})
