import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { blockCount } from '#protocol/blocks.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Landed, Sink } from '#transfer/sink.ts'
import { writeAll } from './disk.ts'
import { isFull, onDisk } from './disk-errors.ts'
import type { PartLine } from './ledger.ts'
import { rootFrom } from './offered.ts'
import { settle } from './part-names.ts'
import type { InboxFolder } from './inbox-folders.ts'
import type { Reservation } from './disk-space.ts'
import type { InboxContext } from './inbox-context.ts'

type SmallPorts = Pick<InboxContext, 'disk' | 'inboxFolders' | 'space' | 'ledger' | 'landing'> & {
  /** It is over, one way or the other. */
  over(): void
}

/**
 * A file of one block, or none: it stays in memory until it is whole, and then takes all steps at once, side by side with
 * others. There is nothing to resume, so it needs no journal.
 */
export class SmallSink implements Sink {
  readonly name: string
  readonly have: readonly (string | undefined)[] = []
  readonly #line: PartLine
  readonly #folder: InboxFolder
  readonly #mtime: number
  readonly #reservation: Reservation
  readonly #ports: SmallPorts
  #bytes: Uint8Array | null = null
  #hash: string | null = null
  #told: Promise<void> | null = null
  /** The part is whole and durable. */
  #made = false
  /** The time that the disk has put in the place of the offered one. */
  #kept: number | null = null

  constructor(line: PartLine, folder: InboxFolder, mtime: number, reservation: Reservation, ports: SmallPorts) {
    this.name = line.name
    this.#line = line
    this.#folder = folder
    this.#mtime = mtime
    this.#reservation = reservation
    this.#ports = ports
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
      const info = () => this.#ports.disk.lstat(join(this.#folder.path, this.#line.part))
      const times = this.#kept === null ? null : { mtime: this.#mtime, kept: this.#kept }
      const whole = { line: this.#line, folder: this.#folder, info, root: ours, sha256, times }
      const landed = await this.#ports.landing.land(whole)
      this.#end()
      return landed
    } catch (error) {
      if (!isFull(error instanceof TransferError ? error.cause : error)) throw error
      throw await this.#ports.space.full(this.#line.size, error)
    }
  }

  /** Nothing is safe before it is whole. */
  suspend(): Promise<void> {
    return this.discard()
  }

  async discard(): Promise<void> {
    this.#bytes = null
    this.#hash = null
    await this.#ports.landing.drop(this.#folder, this.#line.part)
    this.#end()
  }

  #end(): void {
    this.#reservation.release()
    this.#ports.over()
  }

  /** Before the part is made, it is written down that it may be there: while the bytes are still on their way. */
  #tell(): Promise<void> {
    this.#told = this.#ports.ledger.say(this.#line)
    this.#told.catch(() => {
      this.#told = null
    })
    return this.#told
  }

  /** The part, whole and durable. Once: what failed after it can be tried again. */
  async #make(bytes: Uint8Array): Promise<void> {
    if (this.#made) return
    const { disk, inboxFolders, landing } = this.#ports
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
