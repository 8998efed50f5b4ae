import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compared, sizesOf } from './sizes.mjs'

test('an unpacked app weighs its files, and its archive is told apart', () => {
  const release = mkdtempSync(join(tmpdir(), 'sizes-'))
  try {
    const resources = join(release, 'linux-unpacked/resources')
    mkdirSync(resources, { recursive: true })
    writeFileSync(join(resources, 'app.asar'), Buffer.alloc(3_000))
    writeFileSync(join(release, 'linux-unpacked/lanyard'), Buffer.alloc(5_000))
    if (process.platform !== 'win32') symlinkSync('lanyard', join(release, 'linux-unpacked/link'))
    mkdirSync(join(release, '.icon-ico'))
    writeFileSync(join(release, 'lanyard.deb'), '')
    expect(sizesOf(release)).toEqual({ 'linux-unpacked': 8_000, 'linux-unpacked app.asar': 3_000 })
  } finally {
    rmSync(release, { recursive: true })
  }
})

test('what has changed is said, and what is new', () => {
  expect(compared({ a: 5_000, b: 2_000 }, { a: 7_000, b: 1_000, c: 1_000 })).toEqual([
    'a: 7 kB, +2 kB',
    'b: 1 kB, −1 kB',
    'c: 1 kB, new',
  ])
})
