import { crc32 } from 'node:zlib'
import { TransferError } from '#transfer/errors.ts'
import type { OpenSource } from '#transfer/source.ts'
import type { ZipLayout } from './zip-format.ts'

/** A file of a zip that is being read. */
export type OpenEntry = Pick<OpenSource, 'read' | 'close'> & {
  /** Called after the last read. Throws TransferError `source-changed` when the file is not what was offered any more. */
  finish(): Promise<unknown>
}

/** A file that goes into a zip, or a folder, which is not opened. */
export interface ZipContent {
  readonly size: number
  open?(): Promise<OpenEntry>
}

const PIECE_BYTES = 1_048_576
/** Zeros that may travel in place of files that are gone: a second or so. */
const FOR_NOTHING_BYTES = 16 * PIECE_BYTES

/** Zeros in place of what can't be read. */
const NOTHING: OpenEntry = {
  read: (_offset, length) => Promise.resolve(new Uint8Array(length)),
  finish: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

/**
 * Knows the files of a zip for all its readers: their checksums as they were read, and which failed. What failed once has
 * failed for good, so that the zip is the same for whoever reads it from here or from there.
 */
export class ZipContents {
  readonly layout: ZipLayout
  readonly #contents: readonly ZipContent[]
  readonly #crcs = new Map<number, number>()
  readonly #failed = new Set<number>()
  /** The file that was found to be there when another failed. */
  #seen = 0
  /** All from the list on, as it was handed out; nothing can fail any more then. */
  #list: Buffer | null = null

  constructor(layout: ZipLayout, contents: readonly ZipContent[]) {
    this.layout = layout
    this.#contents = contents
  }

  /** The numbers of the files that failed, in their order. */
  get failed(): readonly number[] {
    return [...this.#failed].sort((a, b) => a - b)
  }

  crc(n: number): number | undefined {
    return this.#crcs.get(n)
  }

  setCrc(n: number, crc: number): void {
    if (!this.#crcs.has(n)) this.#crcs.set(n, crc)
  }

  get list(): Buffer | null {
    return this.#list
  }

  makeList(): Buffer {
    const crcs = this.#contents.map((_, n) => (this.#failed.has(n) ? null : (this.#crcs.get(n) ?? null)))
    return (this.#list ??= this.layout.list(crcs))
  }

  async open(n: number): Promise<OpenEntry> {
    if (this.#failed.has(n)) return NOTHING
    return (await this.#contents[n]?.open?.()) ?? NOTHING
  }

  /**
   * Leaves the file out. Throws what it failed with when the list has it already, when no file is left, or when all of them
   * are gone, as with their drive, and much would still have to travel for nothing.
   */
  async fail(n: number, error: unknown): Promise<OpenEntry> {
    if (this.#failed.has(n)) return NOTHING
    const files = this.#contents.filter((one) => one.open !== undefined).length
    if (this.#list !== null || this.#failed.size + 1 >= files) throw error
    this.#failed.add(n)
    if (this.layout.bytesFrom(n) > FOR_NOTHING_BYTES && !(await this.#anyIsThere(n))) throw error
    return NOTHING
  }

  /** Returns whether any file is there; looks first at the one that was there last time, then at those to come. */
  async #anyIsThere(after: number): Promise<boolean> {
    const all = [...this.#contents.keys()]
    for (const n of [this.#seen, ...all.slice(after), ...all.slice(0, after)]) {
      if (!(await this.#isThere(n))) continue
      this.#seen = n
      return true
    }
    return false
  }

  async #isThere(n: number): Promise<boolean> {
    if (this.#failed.has(n)) return false
    try {
      const open = await this.#contents[n]?.open?.()
      await open?.close()
      return open !== undefined
    } catch {
      return false
    }
  }
}

/** The file being read, with the checksum of what was read so far from its start on. */
interface Current {
  readonly n: number
  open: OpenEntry
  /** Bytes from the start that are in the checksum. */
  at: number
  crc: number
}

/** Reads the files of a zip for one reader: one at a time, each as far as it is wanted. */
export class ZipReading {
  readonly #of: ZipContents
  #current: Current | null = null
  #isClosed = false

  constructor(of: ZipContents) {
    this.#of = of
  }

  /** Returns `length` bytes of a file, or fewer. */
  async content(n: number, at: number, length: number): Promise<Uint8Array> {
    const current = await this.#open(n)
    return this.#read(current, at, Math.min(length, PIECE_BYTES))
  }

  /** Returns the checksum of a file. What was not read from its start on is read for that. */
  async crc(n: number): Promise<number> {
    const { size } = this.#of.layout.members[n] ?? { size: 0 }
    for (;;) {
      const known = this.#of.crc(n)
      // A file read once more from its start to its end is checked once more.
      if (known !== undefined && (this.#current?.n !== n || this.#current.at < size)) return known
      const current = await this.#open(n)
      if (current.at < size) await this.#read(current, current.at, Math.min(PIECE_BYTES, size - current.at))
      else await this.#finish(current)
    }
  }

  /** Closes the reader; a read under way fails. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#closeCurrent()
  }

  async #open(n: number): Promise<Current> {
    this.#check()
    if (this.#current?.n === n) return this.#current
    await this.#closeCurrent()
    const open = await this.#of.open(n).catch((error: unknown) => this.#failed(n, error))
    this.#current = { n, open, at: 0, crc: 0 }
    // Closed while the disk took its time.
    if (this.#isClosed) await this.#closeCurrent()
    this.#check()
    return this.#current
  }

  async #read(current: Current, at: number, length: number): Promise<Uint8Array> {
    let bytes: Uint8Array
    try {
      bytes = await current.open.read(at, length)
      if (bytes.length !== length) throw new TransferError('source-changed')
    } catch (error) {
      current.open = await this.#replace(current, error)
      bytes = await current.open.read(at, length)
    }
    this.#check()
    if (at === current.at) {
      current.crc = crc32(bytes, current.crc)
      current.at += length
    }
    return bytes
  }

  /** Checks that a file which was read to its end is still what was offered. */
  async #finish(current: Current): Promise<void> {
    try {
      await current.open.finish()
    } catch (error) {
      current.open = await this.#replace(current, error)
    }
    this.#check()
    this.#of.setCrc(current.n, current.crc)
    await this.#closeCurrent()
  }

  /** Replaces a file that failed: its rest is zeros. */
  async #replace(current: Current, error: unknown): Promise<OpenEntry> {
    const nothing = await this.#failed(current.n, error)
    await current.open.close()
    return nothing
  }

  #failed(n: number, error: unknown): Promise<OpenEntry> {
    // A file closed during a read may throw anything.
    this.#check()
    return this.#of.fail(n, error)
  }

  async #closeCurrent(): Promise<void> {
    const current = this.#current
    this.#current = null
    await current?.open.close()
  }

  #check(): void {
    if (this.#isClosed) throw new Error('the zip was closed')
  }
}
