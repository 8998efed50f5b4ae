import { createCipheriv, createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A folder of this test's own; gone with `remove`. */
export async function scratch(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'lanyard-test-'))
  // Processes that an app has left behind write for a moment more.
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 10 }) }
}

/** `size` bytes that are the same for the same seed, and differ anywhere for another. */
export function bytesOf(size: number, seed: number): Buffer {
  const key = createHash('sha256').update(String(seed)).digest().subarray(0, 16)
  // The quickest source of bytes that are the same each time: a cipher's keystream.
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
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

/** A file that only has to take long, of zeros that take no room on the disk: for transfers that are not to end. */
export async function makeLongFile(folder: string, name: string, size: number): Promise<Omit<TestFile, 'sha256'>> {
  const path = join(folder, name)
  const file = await open(path, 'w')
  await file.truncate(size)
  await file.close()
  return { name, path, size }
}

/** Names in a folder, hidden ones too, sorted. */
export const listing = async (folder: string): Promise<string[]> => (await readdir(folder)).sort()
