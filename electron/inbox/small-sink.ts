import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { blockCount } from '#protocol/blocks.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Landed, Sink } from '#transfer/sink.ts'
import { isFull, onDisk, writeAll } from './disk.ts'
import type { Reservation } from './disk-space.ts'
import type { InboxContext } from './inbox-context.ts'
import type { InboxFolder } from './inbox-folders.ts'
import type { PartLine } from './ledger.ts'
import { rootFrom, settle } from './part-file.ts'

interface SmallSinkOptions {
  readonly line: PartLine
  readonly folder: InboxFolder
  readonly mtime: number
  readonly reservation: Reservation
  /** Called when the sink is no longer in use. */
  readonly over: () => void
}

/**
 * Receives a file of at most one block: in memory until it is whole, then through all steps at once, side by side with
 * others. There is nothing to resume, so it needs no journal.
 */
export class SmallSink implements Sink {
  readonly name: string
  readonly have: readonly (string | undefined)[] = []
  readonly #line: PartLine
  readonly #folder: InboxFolder
  readonly #mtime: number
  readonly #reservation: Reservation
  readonly #onOver: () => void
  readonly #context: InboxContext
  #bytes: Uint8Array | null = null
  #hash: string | null = null
  #told: Promise<void> | null = null
  /** Whether the part file is whole and durable. */
  #made = false
  /** The time that the disk has put in the place of the offered one. */
  #kept: number | null = null

  constructor({ line, folder, mtime, reservation, over }: SmallSinkOptions, context: InboxContext) {
    this.name = line.name
    this.#line = line
    this.#folder = folder
    this.#mtime = mtime
    this.#reservation = reservation
    this.#onOver = over
    this.#context = context
    if (line.size === 0) this.#bytes = new Uint8Array(0)
    void this.#tell()
  }

  write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (index !== 0 || this.#line.size === 0 || bytes.byteLength !== this.#line.size) {
      return Promise.reject(new TransferError('overrun'))
    }
    this.#bytes = bytes.slice()
    this.#hash = null
    return Promise.resolve()
  }

  keep(index: number, hash: string): void {
    if (index !== 0 || this.#bytes === null || this.#line.size === 0) throw new TransferError('malformed')
    this.#hash = hash
  }

  async finish(root?: string): Promise<Landed> {
    const bytes = this.#bytes
    const hashes = this.#hash === null ? [] : [this.#hash]
    if (bytes === null || hashes.length !== blockCount(this.#line.size)) throw new TransferError('corrupt')
    const ours = rootFrom(this.#line.size, hashes)
    if (root !== undefined && root !== ours) throw new TransferError('corrupt')
    try {
      await onDisk(() => this.#make(bytes))
      const sha256 = this.#hash ?? createHash('sha256').digest('hex')
      const info = () => this.#context.disk.lstat(join(this.#folder.path, this.#line.part))
      const times = this.#kept === null ? null : { mtime: this.#mtime, kept: this.#kept }
      const whole = { line: this.#line, folder: this.#folder, info, root: ours, sha256, times }
      const landed = await this.#context.landing.land(whole)
      this.#end()
      return landed
    } catch (error) {
      if (!isFull(error instanceof TransferError ? error.cause : error)) throw error
      throw await this.#context.space.full(this.#line.size, error)
    }
  }

  /** Discards the file: nothing is durable before it is whole. */
  suspend(): Promise<void> {
    return this.discard()
  }

  async discard(): Promise<void> {
    this.#bytes = null
    this.#hash = null
    await this.#context.landing.drop(this.#folder, this.#line.part)
    this.#end()
  }

  #end(): void {
    this.#reservation.release()
    this.#onOver()
  }

  /** Writes into the ledger, while the bytes are still in flight, that there may be a part file. */
  #tell(): Promise<void> {
    this.#told = this.#context.ledger.say(this.#line)
    this.#told.catch(() => {
      this.#told = null
    })
    return this.#told
  }

  /** Creates the part file, whole and durable. Once: what failed after that can be tried again. */
  async #make(bytes: Uint8Array): Promise<void> {
    if (this.#made) return
    const { disk, inboxFolders, landing } = this.#context
    await inboxFolders.confirm(this.#folder)
    await (this.#told ?? this.#tell())
    const file = await disk.create(join(this.#folder.path, this.#line.part))
    try {
      await writeAll(file, bytes, 0)
      this.#kept = await settle(file, this.#mtime)
      this.#made = true
    } finally {
      await file.close()
      if (!this.#made) await landing.drop(this.#folder, this.#line.part)
    }
  }
}
