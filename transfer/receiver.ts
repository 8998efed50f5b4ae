import { fromBase64Url } from '#protocol/base64url.ts'
import { blockCount, blockLength, type Part } from '#protocol/blocks.ts'
import type { Reason } from '#protocol/errors.ts'
import type { Frame, OfferFile } from '#protocol/frames.ts'
import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { TransferError } from './errors.ts'
import { rootOf, type Sha256 } from './hashing.ts'
import type { Landed, Sink } from './sink.ts'
import { Turn } from './turn.ts'

/**
 * Asks the sender for a thumbnail of the file, for the person who decides. Calls back once or never, and not after the
 * answer. What comes is anything that the other side likes: to be checked before it is shown.
 */
export type Look = (seen: (jpeg: Uint8Array) => void) => void

export interface ReceiverPorts {
  readonly sha256: Sha256
  /** Whether the file is wanted; it may take a person to say so. Absent = every file is. */
  readonly mayTake?: ((offer: OfferFile, look: Look) => Promise<boolean>) | undefined
  /** Waits until another file may be open here; resolves to what lets the next one in. */
  enter(): Promise<() => void>
  openSink(offer: OfferFile): Promise<Sink>
  frame(frame: Frame): void
  /** Bytes written, or the phase, changed. */
  changed(): void
}

/** Receives one file: parts into blocks, blocks into the sink, every block and the whole checked. */
export class Receiver {
  readonly direction = 'in'
  readonly n: number
  readonly id: string
  readonly offer: OfferFile
  phase: 'waiting' | 'sending' | 'checking' = 'waiting'
  /** The name it will have here; the offered one until the sink has decided. */
  name: string
  written = 0
  /** The file is whole and gets its name now: too late to cancel. */
  landing = false
  #received = 0
  #block = new Uint8Array(0)
  /** Blocks that are written and hashed, to be filled again; at most as many as the credit lets be under way. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = []
  /** Writes and checks, one after the other. */
  #work: Promise<void> = Promise.resolve()
  readonly #hashes: string[] = []
  readonly #announced: string[] = []
  #root: string | null = null
  #sink: Sink | null = null
  /** Who waits for a thumbnail. */
  #seen: ((jpeg: Uint8Array) => void) | null = null
  readonly #turn = new Turn()
  readonly #ports: ReceiverPorts

  constructor(offer: OfferFile, ports: ReceiverPorts) {
    this.n = offer.n
    this.id = offer.id
    this.name = offer.name
    this.offer = offer
    this.#ports = ports
  }

  /** Resolves when the file is whole, checked and under its final name. Else leaves nothing behind. */
  async run(): Promise<Landed> {
    await this.#beWanted()
    const entry = this.#ports.enter()
    try {
      await this.#turn.pass(entry.then(() => undefined))
      return await this.#land()
    } finally {
      void entry.then((leave) => {
        leave()
      })
    }
  }

  /** A person may take all day; a sender that cancels or leaves ends it at once. */
  async #beWanted(): Promise<void> {
    const { mayTake } = this.#ports
    if (mayTake === undefined) return
    const said = { yes: false }
    const look: Look = (seen) => {
      this.#look(seen)
    }
    const answer = mayTake(this.offer, look).then((yes) => {
      said.yes = yes
    })
    await this.#turn.pass(answer).finally(() => {
      this.#seen = null
    })
    if (!said.yes) throw new TransferError('not-allowed')
  }

  #look(seen: (jpeg: Uint8Array) => void): void {
    if (this.offer.thumb !== true) return
    this.#seen = seen
    this.#ports.frame({ t: 'look', n: this.n })
  }

  #show(data: string): void {
    const seen = this.#seen
    this.#seen = null
    const jpeg = fromBase64Url(data)
    if (jpeg !== null) seen?.(jpeg)
  }

  async #land(): Promise<Landed> {
    let sink: Sink | null = null
    try {
      sink = await this.#ports.openSink(this.offer)
      this.#turn.check()
      this.#begin(sink)
      await this.#turn.until(() => this.#root !== null && this.#hashes.length === blockCount(this.offer.size))
      return await this.#finish(sink)
    } catch (error) {
      await this.#work.catch(() => undefined)
      await sink?.discard()
      throw error
    }
  }

  receive(frame: Frame): void {
    if (frame.t === 'end') this.#root = frame.root
    else if (frame.t === 'block') this.#announce(frame.i, frame.hash)
    else if (frame.t === 'thumb') this.#show(frame.data)
    if (frame.t === 'end' && this.#received < this.offer.size) this.stop('corrupt')
    this.#turn.wake()
  }

  /** Throws TransferError for a part that does not follow the one before it. */
  part(part: Part): void {
    const index = Math.floor(this.#received / BLOCK_BYTES)
    const inOrder = part.block === index && part.offset === this.#received % BLOCK_BYTES
    if (this.#sink === null || !inOrder) throw new TransferError('malformed')
    const after = this.#received + part.payload.byteLength
    if (after > this.offer.size || after - this.written > CREDIT_BYTES) throw new TransferError('overrun')
    if (part.offset === 0) this.#block = this.#blockOf(blockLength(this.offer.size, index))
    if (part.offset + part.payload.byteLength > this.#block.byteLength) throw new TransferError('malformed')
    this.#block.set(part.payload, part.offset)
    this.#received = after
    if (part.offset + part.payload.byteLength === this.#block.byteLength) this.#take(index, this.#block)
  }

  stop(code: Reason): void {
    this.#turn.fail(new TransferError(code))
  }

  #begin(sink: Sink): void {
    this.#sink = sink
    this.name = sink.name
    this.phase = 'sending'
    this.#ports.changed()
    this.#ports.frame({ t: 'accept', n: this.n })
  }

  #blockOf(length: number): Uint8Array<ArrayBuffer> {
    const spare = length === BLOCK_BYTES ? this.#spare.pop() : undefined
    return spare ?? new Uint8Array(length)
  }

  #take(index: number, block: Uint8Array<ArrayBuffer>): void {
    this.#work = this.#work.then(() => this.#store(index, block))
    this.#work.catch((error: unknown) => {
      this.#turn.fail(error instanceof Error ? error : new TransferError('failed'))
    })
  }

  async #store(index: number, block: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#turn.check()
    const length = block.byteLength
    await this.#sink?.write(block)
    this.written += length
    this.#ports.frame({ t: 'ack', n: this.n, bytes: this.written })
    this.#ports.changed()
    this.#hashes[index] = await this.#ports.sha256(block)
    if (block.byteLength === BLOCK_BYTES) this.#spare.push(block)
    this.#compare(index)
    this.#turn.wake()
  }

  #announce(index: number, hash: string): void {
    // A block's hash follows its bytes; one that is ahead of them would be kept for nothing.
    if (index * BLOCK_BYTES >= this.#received) {
      this.stop('malformed')
      return
    }
    this.#announced[index] = hash
    this.#compare(index)
  }

  #compare(index: number): void {
    const ours = this.#hashes[index]
    const theirs = this.#announced[index]
    if (ours !== undefined && theirs !== undefined && ours !== theirs) this.stop('corrupt')
  }

  async #finish(sink: Sink): Promise<Landed> {
    this.phase = 'checking'
    this.#ports.changed()
    const root = await rootOf(this.#ports.sha256, this.offer.size, this.#hashes)
    if (root !== this.#root) throw new TransferError('corrupt')
    this.#turn.check()
    this.landing = true
    const landed = await sink.finish()
    this.name = landed.name
    this.#ports.frame({ t: 'done', n: this.n, root })
    return landed
  }
}
