import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { Disk, DiskFile } from './disk.ts'
import { Inbox } from './inbox.ts'
import { nodeDisk } from './node-disk.ts'
import { offerOf, PHONE, sha256 } from './testing/stage.ts'

let scratch = ''
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lanyard-slow-'))
  await Promise.all(['inbox', 'data'].map((name) => mkdir(join(scratch, name))))
})
afterEach(() => rm(scratch, { recursive: true, force: true }))

/** The real disk, on which parts become safe only when the test says so. */
function slowDisk() {
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow = (file: DiskFile): DiskFile => ({ ...file, sync: () => gate.then(() => file.sync()) })
  const create = async (path: string): Promise<DiskFile> => {
    const file = await nodeDisk.create(path)
    return path.endsWith('.part') ? slow(file) : file
  }
  const disk: Disk = { ...nodeDisk, create }
  return { disk, release }
}

test('H113 a disk that is slower than the sender holds it back, and does not fall behind without end', async () => {
  const { disk, release } = slowDisk()
  const inbox = new Inbox({ folder: join(scratch, 'inbox'), data: join(scratch, 'data'), disk })
  const block = new Uint8Array(BLOCK_BYTES)
  const blocks = 256
  const sink = await inbox.open(PHONE, { ...offerOf(block), size: blocks * BLOCK_BYTES })
  let written = 0
  const all = (async () => {
    for (let i = 0; i < blocks; i++) {
      await sink.write(i, block)
      written++
      sink.keep(i, sha256(block))
    }
    await sink.finish()
  })()
  let before = -1
  await expect
    .poll(
      () => {
        const stands = before === written
        before = written
        return stands
      },
      { timeout: 60_000, interval: 500 },
    )
    .toBe(true)
  // Those of the save under way, and as many again as may wait for the next.
  expect(written).toBeGreaterThan(64)
  expect(written).toBeLessThanOrEqual(64 + 128 + 1)
  release()
  await all
  expect(written).toBe(blocks)
  await inbox.close()
})
