import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A folder of this test's own; gone with `remove`. */
export async function scratch(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'lanyard-test-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** `size` bytes that are the same for the same seed, and differ anywhere for another. */
export function bytesOf(size: number, seed: number): Buffer {
  const out = Buffer.alloc(size)
  let state = (seed * 2_654_435_761 + 1) >>> 0
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    out[i] = state >>> 24
  }
  return out
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

export interface TestFile {
  readonly name: string
  readonly path: string
  readonly sha256: string
  readonly size: number
}

export async function makeFile(folder: string, name: string, size: number, seed = size + 1): Promise<TestFile> {
  const path = join(folder, name)
  const bytes = bytesOf(size, seed)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, bytes)
  return { name, path, size, sha256: sha256(bytes) }
}

/** Names in a folder, hidden ones too, sorted. */
export const listing = async (folder: string): Promise<string[]> => (await readdir(folder)).sort()
