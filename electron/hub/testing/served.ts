import { createHash } from 'node:crypto'
import { request, type Agent, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { Offered } from '#hub/download.ts'
import type { Served } from '#hub/response-body.ts'

const MIB = 1_048_576

/** The byte at any place of a file of any size: every eight bytes are their number, so that none is like another. */
export function bytesAt(offset: number, length: number): Uint8Array<ArrayBuffer> {
  const from = Math.floor(offset / 8)
  const words = Math.ceil((offset + length) / 8) - from
  const view = new DataView(new ArrayBuffer(words * 8))
  for (let n = 0; n < words; n++) view.setFloat64(n * 8, (from + n) * 1.000_1)
  return new Uint8Array(view.buffer, offset - from * 8, length).slice()
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** What became of an offer, in order: `done`, `gone REASON`; progress apart. */
export interface Fate {
  readonly said: string[]
  readonly progress: number[]
  opened: number
  closed: number
}

/** A file that is on no disk. */
export function synthetic(size: number, more: Partial<Offered> = {}): { offered: Offered; fate: Fate } {
  const fate: Fate = { said: [], progress: [], opened: 0, closed: 0 }
  const inner: Offered['open'] =
    more.open ?? (async () => ({ read: async (at, length) => bytesAt(at, length), close: async () => {} }))
  const open = async (): Promise<Served> => {
    const source = await inner()
    const check = source.check?.bind(source)
    fate.opened++
    const close = async () => {
      fate.closed++
      await source.close()
    }
    const read: Served['read'] = (at, length) => source.read(at, length)
    return { read, close, ...(check && { check }) }
  }
  const offered: Offered = {
    deviceId: 'phone',
    name: 'film.mp4',
    size,
    mtime: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    etag: 'a1b2',
    onProgress: (bytes) => fate.progress.push(bytes),
    onDone: () => fate.said.push('done'),
    onGone: (reason) => fate.said.push(`gone ${reason}`),
    ...more,
    open,
  }
  return { offered, fate }
}

/** The same block again and again, as fast as it can be had. */
export function endless(size: number): Partial<Offered> {
  const block = bytesAt(0, MIB)
  const read = async (_offset: number, length: number) => block.slice(0, length)
  return { size, open: async () => ({ read, close: async () => {} }) }
}

export interface Fetched {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: number
  readonly sha256: string
  /** All that was announced came. */
  readonly isWhole: boolean
}

export interface FetchOptions {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly agent?: Agent
  /** Source address. */
  readonly from?: string
  /** Hears every part; false = hang up. */
  readonly onData?: (part: Buffer, soFar: number, res: IncomingMessage) => boolean
  /** Whether to hash, which costs more time than the rest. */
  readonly hash?: boolean
}

/** One request whose body is looked at and not kept. */
export function fetchFile(port: number, path: string, options: FetchOptions = {}): Promise<Fetched> {
  const { method = 'GET', headers = {}, agent = false, from, onData = () => true, hash = true } = options
  return new Promise((resolve) => {
    let isAnswered = false
    const localAddress = from === undefined ? {} : { localAddress: from }
    const req = request({ host: '127.0.0.1', port, path, method, headers, agent, ...localAddress }, (res) => {
      isAnswered = true
      const digest = createHash('sha256')
      let bytes = 0
      res.on('data', (part: Buffer) => {
        bytes += part.length
        if (hash) digest.update(part)
        if (!onData(part, bytes, res)) req.destroy()
      })
      res.on('error', () => {
        // Cut off; `close` follows.
      })
      res.on('close', () => {
        const { statusCode: status = 0, headers: got, complete: isWhole } = res
        resolve({ status, headers: got, bytes, sha256: digest.digest('hex'), isWhole })
      })
    })
    req.on('error', () => {
      // Without an answer: status 0. With one, its `close` follows.
      if (!isAnswered) resolve({ status: 0, headers: {}, bytes: 0, sha256: '', isWhole: false })
    })
    req.end()
  })
}

/** Bytes of a body, for small ones. */
export async function bodyOf(port: number, path: string, options: FetchOptions = {}): Promise<Buffer> {
  const parts: Buffer[] = []
  await fetchFile(port, path, { ...options, onData: (part) => parts.push(part) > 0 })
  return Buffer.concat(parts)
}
