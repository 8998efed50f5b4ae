import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { BufferPool } from '#transfer/buffer-pool.ts'
import { FrameReader } from './frame-reader.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Bytes that one read of the socket takes at most. */
const READ_BYTES = 131_072

type OnData = (this: Duplex, chunk: Uint8Array) => void

interface MessageSocketOptions {
  readonly ws: WebSocket
  readonly socket: Duplex
  /** Listeners of the socket's data that were there before `ws`. */
  readonly before: readonly unknown[]
  readonly pool: BufferPool
  /** Bytes of the largest message, until `expectRecords`. */
  readonly limit: number
}

/**
 * A WebSocket whose binary messages come in memory of a pool. `ws` has made the handshake, sends, and gets the control frames; of
 * other frames it sees none. Made in the turn of the handshake, before anything has come.
 */
export class MessageSocket {
  readonly ws: WebSocket
  /** Called for each binary message, whose memory is the listener's to give back to the pool; null: it is text, of which nothing is kept. */
  onMessage: (message: Bytes | null) => void = () => undefined
  readonly #socket: Duplex
  readonly #reader: FrameReader
  /** Has the socket read into memory that is used again; false: not now, or not in this Node. */
  #readOn: (() => boolean) | null = null

  constructor({ ws, socket, before, pool, limit }: MessageSocketOptions) {
    this.ws = ws
    this.#socket = socket
    const ofWs = socket.listeners('data').find((listener) => !before.includes(listener)) as OnData | undefined
    if (ofWs === undefined) throw new Error('ws reads its socket in a way that is not known')
    this.#reader = new FrameReader(pool, limit, {
      onMessage: (message) => {
        this.onMessage(message)
      },
      onText: () => {
        this.onMessage(null)
      },
      onControl: (frame) => {
        ofWs.call(socket, Buffer.from(frame.buffer))
      },
      onViolation: (code) => {
        ws.close(code)
        // What answers it would not be understood.
        socket.end()
      },
    })
    socket.off('data', ofWs)
    socket.on('data', (chunk: Buffer) => {
      this.#reader.read(chunk)
      if (this.#readOn?.() === true) this.#readOn = null
    })
  }

  /** Takes messages of so many bytes from the next one on, and reads them into memory that is used again. */
  expectRecords(limit: number): void {
    this.#reader.limit = limit
    const memory = new Uint8Array(READ_BYTES)
    this.#readOn = () =>
      readInto(this.#socket, memory, (bytes) => {
        this.#reader.read(memory.subarray(0, bytes))
      })
  }

  /** Keeps none of the messages that come from now on. */
  skip(): void {
    this.#reader.skip()
  }
}

/** As much of a socket's insides as is needed here. They are not public: what is missing is missed below. */
interface Insides {
  readonly _handle?: { readonly useUserBuffer?: (memory: Uint8Array) => void } | null
  [symbol: symbol]: unknown
}

/** What `net.connect` does with its option `onread`; the sockets of a server have the same without a name for it. */
const PARTS = ['kBuffer', 'kBufferGen', 'kBufferCb'] as const

/**
 * Has a socket read into this memory from now on, and tell how many bytes came, instead of making 64 KiB anew for each read: with
 * giving it back that is a fifth of what receiving a file takes. Returns false where this Node does not do it; then the
 * socket goes on with 'data'. Nothing may be left in the socket's own buffer.
 */
export function readInto(socket: Duplex, memory: Uint8Array, onRead: (bytes: number) => void): boolean {
  const insides = socket as unknown as Insides
  const symbols = Object.getOwnPropertySymbols(socket)
  const [buffer, made, told] = PARTS.map((name) => symbols.find(({ description }) => description === name))
  const { _handle: handle } = insides
  if (buffer === undefined || made === undefined || told === undefined) return false
  const isFree = insides[buffer] === null && insides[made] === null && insides[told] === null
  if (!isFree || typeof handle?.useUserBuffer !== 'function' || socket.readableLength > 0) return false
  insides[buffer] = memory
  insides[told] = (bytes: number) => {
    onRead(bytes)
    return true
  }
  handle.useUserBuffer(memory)
  return true
}
