import { blockCount, blockLength } from '#protocol/blocks.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Landed, Sink } from '#transfer/sink.ts'
import type { Info } from './disk.ts'
import { isFull, refusal } from './disk-errors.ts'
import { keptBytes, type Journal } from './journal.ts'
import { rootFrom } from './offered.ts'
import type { PartFile, Sealed } from './part-file.ts'
import type { Place } from './places.ts'
import type { Promised } from './room.ts'
import type { Safe } from './safe.ts'
import type { Tools } from './tools.ts'

/** Bytes that are written and not safe, above which a write waits for the disk: a slow one must not fall behind without end. */
const UNSAFE_MAX = 134_217_728

/** What can go on later. `info`: the part as it was let go, null when nobody can vouch for it. */
export interface Kept {
  readonly journal: Journal
  readonly info: Info | null
}

type PartPorts = Pick<Tools, 'room' | 'journals' | 'landing'> & {
  /** It is over; what is kept, can go on. */
  over(kept: Kept | null): void
}

/** A file of more than one block on its way: written as a hidden part beside its final place, and resumed from there. */
export class PartSink implements Sink {
  readonly name: string
  readonly have: readonly (string | undefined)[]
  readonly #safe: Safe
  readonly #part: PartFile
  readonly #place: Place
  readonly #promised: Promised
  readonly #ports: PartPorts
  readonly #here: Set<number>
  /** All blocks are right and the whole is not: nothing of it is to be used again. */
  #rotten = false
  #over: Promise<void> | null = null

  constructor(safe: Safe, part: PartFile, place: Place, promised: Promised, ports: PartPorts) {
    this.name = safe.journal.name
    this.have = [...safe.hashes]
    this.#safe = safe
    this.#part = part
    this.#place = place
    this.#promised = promised
    this.#ports = ports
    this.#here = new Set(this.have.flatMap((hash, i) => (hash === undefined ? [] : i)))
  }

  /** Settled once it is let go of; null as long as it is in use. */
  get leaving(): Promise<void> | null {
    return this.#over
  }

  async write(index: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { size } = this.#safe.journal
    const fits = Number.isSafeInteger(index) && index >= 0 && index < blockCount(size)
    if (!fits || bytes.byteLength !== blockLength(size, index)) throw new TransferError('overrun')
    this.#check()
    try {
      if (!this.#here.delete(index)) this.#promised.filled(bytes.byteLength)
      if (this.#safe.claims(index)) await this.#safe.unkeep(index)
      await this.#part.write(index, bytes, (i) => this.#here.has(i))
    } catch (error) {
      throw isFull(error) ? await this.#ports.room.full(this.#left(), error) : refusal(error)
    }
    this.#here.add(index)
    if (this.#safe.unsafeBytes >= UNSAFE_MAX) await this.#safe.save()
  }

  keep(index: number, hash: string): void {
    if (!this.#here.has(index)) throw new TransferError('malformed')
    this.#safe.keep(index, hash)
  }

  async finish(root?: string): Promise<Landed> {
    this.#check()
    const { size, mtime, device, id, folders, name, part } = this.#safe.journal
    const hashes = this.#safe.hashes.filter((hash) => hash !== undefined)
    if (hashes.length !== blockCount(size)) throw new TransferError('corrupt')
    const ours = rootFrom(size, hashes)
    this.#rotten = root !== undefined && root !== ours
    if (this.#rotten) throw new TransferError('corrupt')
    await this.#safe.stop()
    this.#check()
    const { info, sha256, kept } = await this.#seal(mtime)
    const line = { t: 'part', device, id, folders, name, part, size } as const
    const landed = await this.#ports.landing.land({
      line,
      place: this.#place,
      info: () => Promise.resolve(info),
      root: ours,
      sha256,
      times: kept === null ? null : { mtime, kept },
    })
    this.#over = this.#ports.journals.remove(this.#safe.journal)
    await this.#over
    this.#end(null)
    return landed
  }

  suspend(): Promise<void> {
    if (this.#rotten || !this.#safe.hashes.some((hash) => hash !== undefined)) return this.discard()
    this.#over ??= this.#suspend()
    return this.#over
  }

  discard(): Promise<void> {
    this.#over ??= this.#discard()
    return this.#over
  }

  async #seal(mtime: number): Promise<Sealed> {
    try {
      return await this.#part.seal(mtime)
    } catch (error) {
      throw this.#safe.fail(isFull(error) ? await this.#ports.room.full(0, error) : error)
    }
  }

  async #suspend(): Promise<void> {
    await this.#safe.stop()
    await this.#safe.save()
    const info = await this.#part.close()
    const sure = this.#isSound() ? info : null
    this.#end({ journal: this.#safe.journal, info: sure })
  }

  async #discard(): Promise<void> {
    await this.#safe.stop()
    await this.#part.close()
    await this.#ports.journals.remove(this.#safe.journal)
    await this.#ports.landing.drop(this.#place, this.#safe.journal.part)
    this.#end(null)
  }

  #end(kept: Kept | null): void {
    this.#promised.release()
    this.#ports.over(kept)
  }

  #isSound(): boolean {
    try {
      this.#safe.check()
      return true
    } catch {
      return false
    }
  }

  #check(): void {
    if (this.#over !== null) throw new TransferError('failed')
    this.#safe.check()
  }

  #left(): number {
    const { size } = this.#safe.journal
    return size - keptBytes({ size, hashes: this.#safe.hashes.map((hash) => hash ?? null) })
  }
}
