import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { bytesAt } from './served.ts'

/** A large file that takes little room: some real bytes every 16 MiB, and at its very end. Returns its SHA-256. */
export async function sparse(path: string, size: number): Promise<string> {
  const file = await open(path, 'wx')
  await file.truncate(size)
  for (let at = 0; at < size; at += 2 ** 24) await file.write(bytesAt(at, Math.min(4096, size - at)), 0, null, at)
  await file.write(bytesAt(size - 8, 8), 0, 8, size - 8)
  await file.close()
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash)
  return hash.digest('hex')
}
