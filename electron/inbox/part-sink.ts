import { blockCount, blockLength } from '#protocol/blocks.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Landed, Sink } from '#transfer/sink.ts'
import { isFull, refusal } from './disk.ts'
import { rootFrom, type CompletedPart, type PartFile } from './part-file.ts'
import { keptBytes, type ResumablePart } from './part-journal.ts'
import type { InboxFolder } from './inbox-folders.ts'
import type { Reservation } from './disk-space.ts'
import type { PartProgress } from './part-progress.ts'
import type { InboxContext } from './inbox-context.ts'

/** Bytes that are written and not durable, above which a write waits: a slow disk must not fall behind without end. */
const UNDURABLE_MAX = 134_217_728

interface PartSinkOptions {
  readonly progress: PartProgress
  readonly part: PartFile
  readonly folder: InboxFolder
  readonly reservation: Reservation
  /** Called when the sink is no longer in use, with what can be resumed. */
  readonly over: (kept: ResumablePart | null) => void
}

/** Receives a file of more than one block into a hidden part file beside its final name, from which it can be resumed. */
export class PartSink implements Sink {
  readonly name: string
  readonly have: readonly (string | undefined)[]
  readonly #progress: PartProgress
  readonly #part: PartFile
  readonly #folder: InboxFolder
  readonly #reservation: Reservation
  readonly #onOver: (kept: ResumablePart | null) => void
  readonly #context: InboxContext
  readonly #here: Set<number>
  /** Whether all blocks are right and the whole is not: nothing of the file is to be used again. */
  #rotten = false
  #over: Promise<void> | null = null

  constructor({ progress, part, folder, reservation, over }: PartSinkOptions, context: InboxContext) {
    this.name = progress.journal.name
    this.have = [...progress.hashes]
    this.#progress = progress
    this.#part = part
    this.#folder = folder
    this.#reservation = reservation
    this.#onOver = over
    this.#context = context
    this.#here = new Set(this.have.flatMap((hash, i) => (hash === undefined ? [] : i)))
  }

  /** Settles once the part file is closed or gone; null as long as the sink is in use. */
  get leaving(): Promise<void> | null {
    return this.#over
  }

  async write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { size } = this.#progress.journal
    const fits = Number.isSafeInteger(index) && index >= 0 && index < blockCount(size)
    if (!fits || bytes.byteLength !== blockLength(size, index)) throw new TransferError('overrun')
    this.#check()
    try {
      if (!this.#here.delete(index)) this.#reservation.filled(bytes.byteLength)
      if (this.#progress.claims(index)) await this.#progress.unkeep(index)
      await this.#part.write(index, bytes, (i) => this.#here.has(i))
    } catch (error) {
      throw isFull(error) ? await this.#context.space.full(this.#left(), error) : refusal(error)
    }
    this.#here.add(index)
    if (this.#progress.undurableBytes >= UNDURABLE_MAX) await this.#progress.save()
  }

  keep(index: number, hash: string): void {
    if (!this.#here.has(index)) throw new TransferError('malformed')
    this.#progress.keep(index, hash)
  }

  async finish(root?: string): Promise<Landed> {
    this.#check()
    const { size, mtime, device, id, folders, name, part } = this.#progress.journal
    const hashes = this.#progress.hashes.filter((hash) => hash !== undefined)
    if (hashes.length !== blockCount(size)) throw new TransferError('corrupt')
    const ours = rootFrom(size, hashes)
    this.#rotten = root !== undefined && root !== ours
    if (this.#rotten) throw new TransferError('corrupt')
    await this.#progress.stop()
    this.#check()
    const { info, sha256, kept } = await this.#complete(mtime)
    const line = { t: 'part', device, id, folders, name, part, size } as const
    const landed = await this.#context.landing.land({
      line,
      folder: this.#folder,
      info: () => Promise.resolve(info),
      root: ours,
      sha256,
      times: kept === null ? null : { mtime, kept },
    })
    this.#over = this.#context.journals.remove(this.#progress.journal)
    await this.#over
    this.#end(null)
    return landed
  }

  suspend(): Promise<void> {
    if (this.#rotten || !this.#progress.hashes.some((hash) => hash !== undefined)) return this.discard()
    this.#over ??= this.#suspend()
    return this.#over
  }

  discard(): Promise<void> {
    this.#over ??= this.#discard()
    return this.#over
  }

  async #complete(mtime: number): Promise<CompletedPart> {
    try {
      return await this.#part.complete(mtime)
    } catch (error) {
      throw this.#progress.fail(isFull(error) ? await this.#context.space.full(0, error) : error)
    }
  }

  async #suspend(): Promise<void> {
    await this.#progress.stop()
    await this.#progress.save()
    const info = await this.#part.close()
    const sure = this.#isSound() ? info : null
    this.#end({ journal: this.#progress.journal, info: sure })
  }

  async #discard(): Promise<void> {
    await this.#progress.stop()
    await this.#part.close()
    await this.#context.journals.remove(this.#progress.journal)
    await this.#context.landing.drop(this.#folder, this.#progress.journal.part)
    this.#end(null)
  }

  #end(kept: ResumablePart | null): void {
    this.#reservation.release()
    this.#onOver(kept)
  }

  #isSound(): boolean {
    try {
      this.#progress.check()
      return true
    } catch {
      return false
    }
  }

  #check(): void {
    if (this.#over !== null) throw new TransferError('failed')
    this.#progress.check()
  }

  #left(): number {
    const { size } = this.#progress.journal
    return size - keptBytes({ size, hashes: this.#progress.hashes.map((hash) => hash ?? null) })
  }
}
