import { toBase64Url } from '#protocol/base64url.ts'
import { blockCount, blockLength, encodePart } from '#protocol/blocks.ts'
import type { Reason } from '#protocol/errors.ts'
import type { Frame } from '#protocol/frames.ts'
import { BLOCK_BYTES, BLOCK_HEADER_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { TransferError } from './errors.ts'
import { rootOf, type Sha256 } from './hashing.ts'
import type { Lane } from './lane.ts'
import type { OpenSource, Source } from './source.ts'
import { Turn } from './turn.ts'

export interface SenderPorts {
  readonly lane: Lane
  readonly sha256: Sha256
  frame(frame: Frame): void
  /** Bytes at the receiver, or the phase, changed. */
  changed(): void
  /** The receiver wants it: it may start when it is its turn. */
  accepted(): void
  /** All bytes are on their way: the next file may start while this one is checked. */
  handedOver(): void
}

/**
 * Blocks whose hash is not there yet. Hashing runs beside the lane and may trail it, but each of these blocks is held in
 * memory: a phone that hashes more slowly than it sends must not collect the whole file.
 */
const HASHING_MAX = 16

/** Sends one file: offer, wait for the answer, blocks as credit allows, then wait for the final word. */
export class Sender {
  readonly direction = 'out'
  readonly n: number
  readonly id: string
  readonly source: Source
  phase: 'queued' | 'waiting' | 'sending' | 'checking' = 'queued'
  acked = 0
  #sent = 0
  #hashing = 0
  #offered = false
  #shown = false
  #accepted = false
  #root = ''
  #confirmed: string | null = null
  readonly #turn = new Turn()
  readonly #ports: SenderPorts
  /** Every frame is made here, one after the other. */
  #room = new Uint8Array(0)

  constructor(n: number, id: string, source: Source, ports: SenderPorts) {
    this.n = n
    this.id = id
    this.source = source
    this.#ports = ports
  }

  get offered(): boolean {
    return this.#offered
  }

  /** The receiver said that it wants it. */
  get wanted(): boolean {
    return this.#accepted
  }

  /** Asks the receiver whether it wants it. */
  offer(): void {
    const { n, id, source } = this
    const { name, size, mtime, mime } = source
    this.#offered = true
    this.#enter('waiting')
    this.#ports.frame({ t: 'offer', n, id, name, size, mtime, mime, ...(source.thumbnail && { thumb: true }) })
  }

  /** For a wanted one. Resolves after the receiver's final word. Throws TransferError, or what the source threw. */
  async run(): Promise<{ sha256?: string }> {
    const { n, source } = this
    this.#enter('sending')
    this.#room = new Uint8Array(Math.min(this.#ports.lane.maxMessage, BLOCK_HEADER_BYTES + source.size))
    const open = await source.open()
    try {
      await this.#sendBlocks(open)
      const result = await open.finish()
      this.#enter('checking')
      this.#ports.handedOver()
      this.#ports.frame({ t: 'end', n, root: this.#root })
      await this.#turn.until(() => this.#confirmed !== null)
      if (this.#confirmed !== this.#root) throw new TransferError('corrupt')
      return result
    } finally {
      await open.close()
    }
  }

  receive(frame: Frame): void {
    if (frame.t === 'accept') this.#accept()
    else if (frame.t === 'look') void this.#show()
    else if (frame.t === 'done') this.#confirmed = frame.root
    else if (frame.t === 'ack') this.#credit(frame.bytes)
    this.#turn.wake()
  }

  /** Ends it here; the caller tells the other side where that is needed. */
  stop(code: Reason): void {
    this.#turn.fail(new TransferError(code))
  }

  #accept(): void {
    if (this.#accepted || !this.#offered) return
    this.#accepted = true
    this.#ports.accepted()
    // Another one is being sent.
    if (this.phase === 'waiting') this.#enter('queued')
  }

  /** Once: making one costs a phone some work. Without it the question is the same. */
  async #show(): Promise<void> {
    if (this.#shown || this.phase !== 'waiting') return
    this.#shown = true
    const jpeg = await this.source.thumbnail?.().catch(() => null)
    // Answered meanwhile: nobody looks any more.
    if (!jpeg || this.wanted) return
    this.#ports.frame({ t: 'thumb', n: this.n, data: toBase64Url(jpeg) })
  }

  #credit(bytes: number): void {
    // A receiver can't have more than was sent, and what it has it keeps.
    this.acked = Math.max(this.acked, Math.min(bytes, this.#sent))
    this.#ports.changed()
  }

  #enter(phase: Sender['phase']): void {
    this.phase = phase
    this.#ports.changed()
  }

  async #sendBlocks(open: OpenSource): Promise<void> {
    const { size } = this.source
    const count = blockCount(size)
    const hashes: Promise<string>[] = []
    const read = (i: number) => (i < count ? open.read(i * BLOCK_BYTES, blockLength(size, i)) : null)
    // One block is read ahead, so that the lane never waits for the disk.
    let next = read(0)
    for (let i = 0; i < count; i++) {
      const block = await next
      if (block === null) break
      next = read(i + 1)
      next?.catch(() => undefined) // told by the await above, unless the loop ends before it
      await this.#turn.until(() => this.#sent + block.byteLength - this.acked <= CREDIT_BYTES)
      await this.#turn.until(() => this.#hashing < HASHING_MAX)
      await this.#sendParts(i, block)
      const hash = this.#tellHash(i, block)
      hash.catch(() => undefined) // told by the await below, unless the loop ends before it
      hashes.push(hash)
    }
    this.#root = await rootOf(this.#ports.sha256, size, await Promise.all(hashes))
  }

  async #sendParts(block: number, bytes: Uint8Array): Promise<void> {
    const step = this.#ports.lane.maxMessage - BLOCK_HEADER_BYTES
    for (let offset = 0; offset < bytes.byteLength; offset += step) {
      await this.#turn.pass(this.#ports.lane.ready())
      const payload = bytes.subarray(offset, offset + step)
      this.#ports.lane.send(encodePart({ n: this.n, block, offset, payload }, this.#room))
      this.#sent += payload.byteLength
    }
  }

  async #tellHash(i: number, block: Uint8Array<ArrayBuffer>): Promise<string> {
    this.#hashing++
    try {
      const hash = await this.#ports.sha256(block)
      this.#ports.frame({ t: 'block', n: this.n, i, hash })
      return hash
    } finally {
      this.#hashing--
      this.#turn.wake()
    }
  }
}
