import type { ServerResponse } from 'node:http'
import { TransferError } from '#transfer/errors.ts'
import type { OpenSource } from '#transfer/source.ts'
import type { ByteRange } from './download-headers.ts'

/** Bytes of one read and one write. Two of them are in memory at a time, whatever the size of the file. */
const PIECE_BYTES = 1_048_576

const GONE = 'the reader is gone'

export interface Served extends Pick<OpenSource, 'read' | 'close'> {
  /** Throws TransferError `source-changed` when the file is not what was offered any more. Called after every read. */
  check?(): Promise<void>
}

async function readPiece(source: Served, at: number, last: number): Promise<Uint8Array> {
  const length = Math.min(PIECE_BYTES, last + 1 - at)
  const bytes = await source.read(at, length)
  await source.check?.()
  // The length of the answer was said already.
  if (bytes.length !== length) throw new TransferError('source-changed')
  return bytes
}

/**
 * Sends the body of one answer. The body ends whole or with a broken connection, which is how a browser learns that
 * it has not got everything.
 */
export class ResponseBody {
  readonly #res: ServerResponse
  readonly #onTaken: (from: number, to: number) => void
  #giveUp: ((why: Error) => void) | null = null

  /** `stallMs` without a byte taken cuts the connection. `onTaken`: bytes left this program, `to` not included. */
  constructor(res: ServerResponse, stallMs: number, onTaken: (from: number, to: number) => void) {
    this.#res = res
    this.#onTaken = onTaken
    res.on('close', () => this.#giveUp?.(new Error(GONE)))
    // Node lets this pass as long as what waits in the socket gets less, so a slow reader is not a stalled one. Nor is a
    // reader that waits for the disk.
    res.setTimeout(stallMs, () => {
      if (this.#giveUp !== null) this.cut()
    })
  }

  /** Resolves when the socket took the last byte; rejects when the source failed or the connection ended. */
  async send(source: Served, { first, last }: ByteRange): Promise<void> {
    this.#check()
    let at = first
    let ahead = at <= last ? readPiece(source, at, last) : null
    while (ahead !== null) {
      const piece: Uint8Array = await ahead
      const end: number = at + piece.length
      // Disk and network at the same time.
      ahead = end <= last ? readPiece(source, end, last) : null
      // An error of the disk is met above. After one of the network nobody comes there any more.
      ahead?.catch(() => undefined)
      await this.#write(piece)
      this.#onTaken(at, end)
      at = end
    }
    await this.#end()
  }

  /** Breaks the connection in the middle of the body. */
  cut(): void {
    this.#res.destroy()
  }

  #write(piece: Uint8Array): Promise<void> {
    return this.#unlessClosed((done) => this.#res.write(piece, done))
  }

  #end(): Promise<void> {
    return this.#unlessClosed((done) => this.#res.end(done))
  }

  #check(): void {
    if (this.#res.destroyed) throw new Error(GONE)
  }

  async #unlessClosed(begin: (done: (error?: Error | null) => void) => void): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#giveUp = reject
        this.#check()
        begin((error) => (error ? reject(error) : resolve()))
      })
    } finally {
      this.#giveUp = null
    }
  }
}
