import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Source } from '#transfer/source.ts'
import { sendPaths } from './outgoing.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-outgoing-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function sent(paths: readonly string[]): Promise<string[]> {
  const names: string[] = []
  const send = (id: string, sources: readonly Source[]): boolean => {
    names.push(...sources.map(({ name }) => `${id} ${name}`))
    return true
  }
  await sendPaths({ send }, 'phone', paths)
  return names
}

test('plain files are sent, and what is none does not keep them back', async () => {
  await writeFile(join(folder, 'a'), 'x')
  await mkdir(join(folder, 'b'))
  expect(await sent(['a', 'b', 'gone'].map((name) => join(folder, name)))).toEqual(['phone a'])
})

test('nothing that can be sent is an error, nothing chosen is none', async () => {
  await expect(sent([join(folder, 'gone')])).rejects.toMatchObject({ code: 'source-changed' })
  expect(await sent([])).toEqual([])
})
