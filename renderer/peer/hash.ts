import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { TransferError } from '#transfer/errors.ts'
import type { Sha256 } from '#transfer/hashing.ts'

const inPage: Sha256 = (bytes) => Promise.resolve(bytesToHex(sha256(bytes)))

/** Bytes that cost less to hash here than to send to a worker and wait for: a small file, the hashes of a few blocks. */
const SMALL_BYTES = 4_096

/** What the worker says of some bytes, and their memory. */
interface Answer {
  readonly hash: string | null
  readonly bytes?: Uint8Array<ArrayBuffer>
}

/**
 * SHA-256 for a page on plain http, where the browser's own is missing: in a worker, in this page where
 * workers can't start.
 */
export function startHashing(): Sha256 {
  let worker: Worker
  try {
    worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { type: 'module' })
  } catch {
    return inPage
  }
  const waiting = new Map<number, (answer: Answer) => void>()
  let next = 0
  let broken = false
  let proven = false
  worker.onmessage = ({ data: { id, ...answer } }: MessageEvent<Answer & { id: number }>) => {
    proven = answer.hash !== null
    waiting.get(id)?.(answer)
    waiting.delete(id)
  }
  worker.onerror = () => {
    broken = true
    for (const tell of waiting.values()) tell({ hash: null })
    waiting.clear()
  }
  return async (bytes, giveBack) => {
    if (broken || bytes.byteLength <= SMALL_BYTES) return inPage(bytes)
    // A copy until the worker has shown that it can: should it fail to start, the bytes are still here.
    const given = proven
    const id = next++
    const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve))
    worker.postMessage({ id, bytes }, given ? [bytes.buffer] : [])
    const { hash, bytes: back } = await answer
    if (given && back !== undefined) giveBack?.(back.buffer)
    if (hash === null && given) throw new TransferError('failed')
    return hash ?? inPage(bytes)
  }
}
