import type { BufferPool } from '#transfer/buffer-pool.ts'
import { unmask } from './ws-unmask.ts'

type Bytes = Uint8Array<ArrayBuffer>

export interface FrameEvents {
  /** Called for each binary message once it is whole. Its memory, of the pool, is the listener's to give back. */
  onMessage(message: Bytes): void
  /** Called once, where a message of text begins. Nothing of it is kept, nor of messages after it. */
  onText(): void
  /** Called for each control frame, whole and as it came; after one of type close nothing more is read. */
  onControl(frame: Bytes): void
  /** Called once for what is no WebSocket frame of a client, or too large, with the close code for it. Nothing more is read. */
  onViolation(code: number): void
}

/** RFC 6455, 5.2. */
const FINAL = 0x80
const RESERVED = 0x70
const MASKED = 0x80
const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PONG = 10
const CONTROL_BYTES_MAX = 125
const MASK_BYTES = 4
/** The two bytes that each frame begins with, then 0, 2 or 8 for a longer length, then the mask. */
const START_BYTES = 2
const HEAD_BYTES_MAX = START_BYTES + 8 + MASK_BYTES

const PROTOCOL_ERROR = 1002
const TOO_LARGE = 1009

/**
 * Reads the frames of a client's WebSocket, in whatever pieces they come, and joins messages straight in memory of a pool. `ws`
 * puts together each frame that spans two reads, and then each message that spans two frames, in fresh memory, which is 1.6 MB
 * for each MB that comes.
 */
export class FrameReader {
  readonly #pool: BufferPool
  readonly #events: FrameEvents
  /** Bytes of the largest message that is taken. */
  #limit: number
  readonly #head = new Uint8Array(HEAD_BYTES_MAX)
  #headBytes = 0
  #headNeeds = START_BYTES
  /** Of the frame that is being read: what is left of its payload, and where that begins in `#room`. */
  #left = 0
  #start = 0
  #opcode = CONTINUATION
  #isFinal = false
  /** A message has begun and its last frame has not. */
  #isWithin = false
  /** What is being filled: a message, or a control frame with its head; null for what is not kept. */
  #room: Bytes | null = null
  #filled = 0
  #message: Bytes | null = null
  #messageBytes = 0
  #skips = false
  #isOver = false

  constructor(pool: BufferPool, limit: number, events: FrameEvents) {
    this.#pool = pool
    this.#limit = limit
    this.#events = events
  }

  /** Takes messages of so many bytes from the next one on. */
  set limit(bytes: number) {
    this.#limit = bytes
  }

  /** Keeps no more messages, and gives back what was begun. Control frames are still read. */
  skip(): void {
    this.#skips = true
    if (this.#message !== null) this.#pool.giveBack(this.#message.buffer)
    if (this.#room === this.#message) this.#room = null
    this.#message = null
  }

  /** Reads what came. Its memory is the caller's again afterwards. */
  read(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length && !this.#isOver;) {
      at += this.#headBytes < this.#headNeeds ? this.#readHead(chunk, at) : this.#readPayload(chunk, at)
    }
  }

  /** Returns how many bytes it has used; so do the others. */
  #readHead(chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#headNeeds - this.#headBytes, chunk.length - at)
    this.#head.set(chunk.subarray(at, at + taken), this.#headBytes)
    this.#headBytes += taken
    if (this.#headBytes < this.#headNeeds) return taken
    if (this.#headNeeds === START_BYTES) this.#begin()
    else this.#open()
    return taken
  }

  /** Reads a frame's first two bytes. */
  #begin(): void {
    const [first = 0, second = 0] = this.#head
    const length = second & ~MASKED
    this.#opcode = first & ~(FINAL | RESERVED)
    this.#isFinal = (first & FINAL) !== 0
    if ((first & RESERVED) !== 0 || (second & MASKED) === 0 || !this.#isExpected(length)) this.#end(PROTOCOL_ERROR)
    else this.#headNeeds = START_BYTES + (length === 127 ? 8 : length === 126 ? 2 : 0) + MASK_BYTES
  }

  #isExpected(length: number): boolean {
    if (this.#opcode >= CLOSE) return this.#opcode <= PONG && this.#isFinal && length <= CONTROL_BYTES_MAX
    if (this.#opcode === CONTINUATION) return this.#isWithin
    return this.#opcode <= BINARY && !this.#isWithin
  }

  /** Reads the rest of a frame's head, and makes room for its payload. */
  #open(): void {
    const length = lengthOf(this.#head)
    this.#left = length
    if (this.#opcode >= CLOSE) this.#openControl(length)
    else this.#openData(length)
    if (this.#left === 0 && !this.#isOver) this.#finish()
  }

  #openControl(length: number): void {
    const frame = new Uint8Array(this.#headNeeds + length)
    frame.set(this.#head.subarray(0, this.#headNeeds))
    this.#room = frame
    this.#filled = this.#headNeeds
  }

  #openData(length: number): void {
    if (this.#opcode === TEXT && !this.#skips) {
      this.skip()
      this.#events.onText()
    }
    if (!this.#isWithin) this.#messageBytes = 0
    if (!Number.isSafeInteger(length) || (!this.#skips && this.#messageBytes + length > this.#limit)) {
      this.#end(TOO_LARGE)
      return
    }
    // How long a message of several frames will be nobody knows.
    if (!this.#skips) this.#message ??= this.#pool.take(this.#isFinal ? length : this.#limit)
    this.#isWithin = !this.#isFinal
    this.#room = this.#message
    this.#start = this.#messageBytes
    this.#filled = this.#messageBytes
    this.#messageBytes += length
  }

  #readPayload(chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#left, chunk.length - at)
    this.#room?.set(chunk.subarray(at, at + taken), this.#filled)
    this.#filled += taken
    this.#left -= taken
    if (this.#left === 0) this.#finish()
    return taken
  }

  #finish(): void {
    const mask = this.#head.slice(this.#headNeeds - MASK_BYTES, this.#headNeeds)
    this.#headBytes = 0
    this.#headNeeds = START_BYTES
    const room = this.#room
    this.#room = null
    if (room === null) return
    if (this.#opcode >= CLOSE) {
      if (this.#opcode === CLOSE) this.#stop()
      this.#events.onControl(room)
      return
    }
    unmask(room.subarray(this.#start, this.#filled), mask)
    if (this.#isWithin) return
    this.#message = null
    this.#events.onMessage(room.subarray(0, this.#filled))
  }

  #end(code: number): void {
    this.#stop()
    this.#events.onViolation(code)
  }

  #stop(): void {
    this.skip()
    this.#isOver = true
  }
}

function lengthOf(head: Uint8Array): number {
  const length = (head[1] ?? 0) & ~MASKED
  const view = new DataView(head.buffer, START_BYTES)
  if (length === 126) return view.getUint16(0)
  return length === 127 ? view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4) : length
}
