import { blockLength } from '#protocol/blocks.ts'
import type { Reason } from '#protocol/errors.ts'
import type { Transfile } from '#protocol/hub-events.ts'
import { CREDIT_BYTES, LEGACY_PIECE_BYTES } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Sha256 } from '#transfer/hashing.ts'
import type { Landed, Sink } from '#transfer/sink.ts'
import { Condition } from '#transfer/concurrency.ts'

export interface LegacyReceiverPorts {
  /** Whether the file is wanted; it may take a person to say so. Absent = every file is. */
  readonly mayTake: ((file: Transfile) => Promise<boolean>) | undefined
  /** What it will be called here. Absent = as it is announced. */
  readonly landsAs: ((file: Transfile) => string) | undefined
  openSink(file: Transfile): Promise<Sink>
  readonly sha256: Sha256
  /** Tells the sender how many bytes have come, in all. */
  report(bytes: number): void
  changed(): void
}

/** Receives one file of a 2018 app: bytes without a header, counted until `size`; what comes beyond belongs to another. */
export class LegacyReceiver {
  readonly direction = 'in'
  readonly id: string
  readonly file: Transfile
  name: string
  written = 0
  /** The file is whole and gets its name now: too late to cancel. */
  landing = false
  #received = 0
  #queued = 0
  #over = false
  #asking: boolean
  readonly #pieces: Uint8Array[] = []
  readonly #condition = new Condition()
  readonly #ports: LegacyReceiverPorts

  constructor(id: string, file: Transfile, ports: LegacyReceiverPorts) {
    this.id = id
    this.file = file
    this.name = ports.landsAs?.(file) ?? file.name
    this.#ports = ports
    this.#asking = ports.mayTake !== undefined
  }

  get complete(): boolean {
    return this.#received >= this.file.size
  }

  /** Whether nothing of the file has come yet. */
  get untouched(): boolean {
    return this.#received === 0
  }

  /** Whether the file has ended, in whatever way; what still comes of it is not kept. */
  get over(): boolean {
    return this.#over
  }

  /** Whether a person has still to say if the file is wanted. */
  get asking(): boolean {
    return this.#asking && !this.#over
  }

  /** Bytes held in memory. */
  get held(): number {
    return this.#queued
  }

  async run(): Promise<Landed> {
    try {
      const { mayTake } = this.#ports
      if (mayTake !== undefined) await this.#beWanted(mayTake(this.file))
      return await this.#take(await this.#ports.openSink(this.file))
    } finally {
      this.#over = true
      this.#pieces.length = 0
      // The app can't be told to stop: it gets its numbers until it is through with the file.
      if (this.written < this.#received) this.#ports.report(this.#received)
    }
  }

  /** Waits until the file is wanted. The app can't be told to wait: what it sends meanwhile is held, and its pace keeps that small. */
  async #beWanted(asked: Promise<boolean>): Promise<void> {
    const said = { yes: false }
    const answer = asked.then(
      (yes) => {
        said.yes = yes
      },
      (error: unknown) => {
        this.#condition.fail(error instanceof Error ? error : new TransferError('failed'))
      },
    )
    await this.#condition.pass(answer)
    if (!said.yes) throw new TransferError('not-allowed')
    this.#asking = false
  }

  /** Takes the next bytes. */
  piece(bytes: Uint8Array): void {
    const fits = bytes.subarray(0, this.file.size - this.#received)
    this.#received += fits.byteLength
    if (this.#over) {
      this.#ports.report(this.#received)
      return
    }
    this.#queued += weightOf(fits)
    if (this.#queued > CREDIT_BYTES) this.stop('overrun')
    else this.#pieces.push(fits)
    this.#condition.wake()
  }

  stop(code: Reason): void {
    this.#condition.fail(new TransferError(code))
  }

  async #take(sink: Sink): Promise<Landed> {
    try {
      this.name = sink.name
      this.#ports.changed()
      await this.#drain(sink)
      this.landing = true
      const landed = await sink.finish()
      this.name = landed.name
      return landed
    } catch (error) {
      await sink.discard()
      throw error
    }
  }

  /** Reports what is written or about to be: the app paces itself by it, so that a slow disk slows it down. */
  async #drain(sink: Sink): Promise<void> {
    const blocks = new Blocks(this.file.size, sink, this.#ports.sha256)
    while (this.written < this.file.size) {
      await this.#condition.until(() => this.#pieces.length > 0)
      for (const piece of this.#pieces.splice(0)) {
        await blocks.add(piece)
        this.#queued -= weightOf(piece)
        this.written += piece.byteLength
      }
      this.#ports.report(this.written)
      this.#ports.changed()
    }
    this.#condition.check()
  }
}

/** Bytes of memory that a piece takes at least, however small it is. */
const PIECE_BYTES_MIN = 256
const weightOf = ({ byteLength }: Uint8Array): number => Math.max(byteLength, PIECE_BYTES_MIN)

/** Cuts bytes into blocks for a sink. Nobody says what they should be: they are kept as they came. */
class Blocks {
  readonly #size: number
  readonly #sink: Sink
  readonly #sha256: Sha256
  #index = 0
  #block = new Uint8Array(0)
  #filled = 0

  constructor(size: number, sink: Sink, sha256: Sha256) {
    this.#size = size
    this.#sink = sink
    this.#sha256 = sha256
  }

  /** Adds bytes; resolves once the blocks that they complete are written. */
  async add(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.byteLength;) {
      if (this.#filled === 0) this.#block = new Uint8Array(blockLength(this.#size, this.#index))
      const fits = piece.subarray(at, at + this.#block.byteLength - this.#filled)
      this.#block.set(fits, this.#filled)
      this.#filled += fits.byteLength
      at += fits.byteLength
      if (this.#filled < this.#block.byteLength) continue
      await this.#complete()
    }
  }

  async #complete(): Promise<void> {
    const index = this.#index++
    await this.#sink.write(index, this.#block)
    this.#sink.keep(index, await this.#sha256(this.#block))
    this.#filled = 0
  }
}

/**
 * Holds pieces that came while no file was announced. A 2018 app's `transfile` travels another way than its
 * bytes, so the first pieces may overtake it; and it may send the last partial piece twice. A piece that
 * repeats the last one of the file before is therefore kept aside: it counts only if nothing else comes.
 */
export class EarlyPieces {
  #held: Uint8Array[] = []
  #bytes = 0
  #doubtful: Uint8Array | null = null
  #last: Uint8Array | null = null

  /** Adds a piece; returns false when there is more than a sender could rightly have in flight. */
  hold(bytes: Uint8Array): boolean {
    if (this.#held.length === 0 && this.#doubtful === null && this.repeats(bytes)) {
      this.#doubtful = bytes
      return true
    }
    this.#held.push(bytes)
    this.#bytes += weightOf(bytes)
    return this.#bytes <= CREDIT_BYTES
  }

  /** Returns the pieces that certainly belong to the file that begins now. */
  take(): Uint8Array[] {
    const held = this.#held
    this.#held = []
    this.#bytes = 0
    return held
  }

  /** Returns the piece kept aside, if it could be the whole of a file of `size` bytes. */
  takeDoubtful(size: number): Uint8Array | null {
    const piece = this.#doubtful
    this.#doubtful = null
    return piece?.byteLength === size ? piece : null
  }

  /** Notes the last piece of the file that has just become whole. */
  ended(last: Uint8Array): void {
    this.#last = last
  }

  /** Whether a piece is the last one of the file before once more, or looks like it. */
  repeats(bytes: Uint8Array): boolean {
    const last = this.#last
    if (last?.byteLength !== bytes.byteLength || bytes.byteLength >= LEGACY_PIECE_BYTES) return false
    return last.every((byte, i) => byte === bytes[i])
  }
}
