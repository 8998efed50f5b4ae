import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { markAs, nodeDisk } from './node-disk.ts'

const POSIX = process.platform !== 'win32'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-disk-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('D69 on Windows, files get the stream that says they came from elsewhere', async () => {
  // Elsewhere a stream is a file of that name.
  await markAs('win32', [join(folder, 'a'), join(folder, 'b')])
  for (const name of ['a', 'b']) {
    expect(await readFile(join(folder, `${name}:Zone.Identifier`), 'utf8')).toBe('[ZoneTransfer]\r\nZoneId=3\r\n')
  }
})

test('D69 a disk that takes no mark, or a system without its tool, is no reason to fail', async () => {
  await markAs('win32', [join(folder, 'gone', 'a')])
  await markAs('darwin', [join(folder, 'gone')])
  await markAs('linux', [join(folder, 'gone')])
})

test('says how much is free, for a folder that is there', async () => {
  expect(await nodeDisk.free(folder)).toBeGreaterThan(0)
  await expect(nodeDisk.free(join(folder, 'gone'))).rejects.toMatchObject({ code: 'ENOENT' })
})

if (POSIX) {
  test('D68 neither makes nor opens a file through a link', async () => {
    const [target, link] = [join(folder, 'target'), join(folder, 'link')]
    await symlink(target, link)
    await expect(nodeDisk.create(link)).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(nodeDisk.append(link)).rejects.toMatchObject({ code: 'ELOOP' })
    await writeFile(target, 'mine')
    await expect(nodeDisk.reopen(link)).rejects.toMatchObject({ code: 'ELOOP' })
    expect(await readFile(target, 'utf8')).toBe('mine')
  })
}
