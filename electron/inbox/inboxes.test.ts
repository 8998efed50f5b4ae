import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { Inboxes } from './inboxes.ts'
import { complete, content, give, offerOf, PHONE } from './testing/stage.ts'

let base = ''
let folders: [string, ...string[]]
let target = ''
const opened: Inboxes[] = []
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'lanyard-inboxes-')))
  await mkdir(at('one'))
  folders = [at('one')]
  target = at('one')
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
  await rm(base, { recursive: true, force: true })
})

const at = (name: string): string => join(base, name)
function open(): Inboxes {
  const inboxes = new Inboxes({ data: at('data'), folders: () => folders, folderFor: () => target })
  opened.push(inboxes)
  return inboxes
}
function pick(name: string): void {
  target = at(name)
  folders = [target]
}

const FILE = content(2 * BLOCK_BYTES + 9)

test('files land where they belong from the next one on, also in a folder that was not there', async () => {
  const inboxes = open()
  const first = offerOf(FILE)
  await complete(await inboxes.open(PHONE, first), FILE)
  pick('two/deep')
  const second = offerOf(FILE)
  await complete(await inboxes.open(PHONE, second), FILE)
  expect([await readdir(at('one')), await readdir(at('two/deep'))]).toEqual([['film.bin'], ['film.bin']])
  expect(Buffer.compare(await readFile(at('two/deep/film.bin')), Buffer.from(FILE))).toBe(0)
  expect(inboxes.landed(PHONE, first.id)?.path).toBe(at('one/film.bin'))
  expect(inboxes.landed(PHONE, second.id)?.path).toBe(at('two/deep/film.bin'))
  expect([inboxes.rootOf(at('one/a/b')), inboxes.rootOf(at('two/deep/x')), inboxes.rootOf(at('two'))]).toEqual([
    ...[at('one'), at('two/deep'), null],
  ])
})

test('what is not whole in a folder of before goes on there, also in a later run', async () => {
  const offer = offerOf(FILE)
  let inboxes = open()
  const sink = await inboxes.open(PHONE, offer)
  await give(sink, FILE, 0)
  await inboxes.close()
  pick('two')
  inboxes = open()
  await inboxes.start()
  expect(inboxes.parts().map(({ id }) => id)).toEqual([offer.id])
  const again = await inboxes.open(PHONE, offer)
  expect(again.have.flatMap((hash, i) => (hash === undefined ? [] : [i]))).toEqual([0])
  await complete(again, FILE)
  expect(await readdir(at('one'))).toEqual(['film.bin'])
})

test('a file whose folder is gone lands anew in the one that is picked instead', async () => {
  const offer = offerOf(FILE)
  const inboxes = open()
  const sink = await inboxes.open(PHONE, offer)
  await give(sink, FILE, 0)
  await sink.suspend()
  await rm(at('one'), { recursive: true })
  await expect(inboxes.missing(1, PHONE, offer.id)).rejects.toThrow('disk-error')
  pick('two')
  expect(await inboxes.missing(1, PHONE, offer.id)).toBe(0)
  await complete(await inboxes.open(PHONE, offer), FILE)
  expect(await readdir(at('two'))).toEqual(['film.bin'])
})
