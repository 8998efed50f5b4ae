import { crc32 } from 'node:zlib'
import { TransferError } from '#transfer/errors.ts'
import type { OpenSource } from '#transfer/source.ts'
import type { ZipLayout } from './zip-layout.ts'

/** A file of a zip while it is read. */
export type OpenEntry = Pick<OpenSource, 'read' | 'close'> & {
  /** After the last read. Throws TransferError `source-changed` when it is not what was offered any more. */
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
 * What is known of a zip's files, by all who read it: their checksums as they were read, and which failed. What failed
 * once has failed for good, so that the zip is the same for whoever reads it from here or from there.
 */
export class ZipContents {
  readonly layout: ZipLayout
  readonly #contents: readonly ZipContent[]
  readonly #crcs = new Map<number, number>()
  readonly #failed = new Set<number>()
  /** The one that was found to be there when another failed. */
  #seen = 0
  /** All from the list on, as it is given away; nothing can fail any more then. */
  #list: Buffer | null = null

  constructor(layout: ZipLayout, contents: readonly ZipContent[]) {
    this.layout = layout
    this.#contents = contents
  }

  /** Numbers of those that failed, in their order. */
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

  /** Looks first at the one that was there last time, then at those to come: whoever is done may have gone. */
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

/** One file being read from its start on, with the checksum of what was read so far. */
interface Going {
  readonly n: number
  open: OpenEntry
  /** Bytes from the start that are in the checksum. */
  at: number
  crc: number
}

/** Reads the files of a zip for one reader: one at a time, each as far as it is wanted. */
export class ZipReading {
  readonly #of: ZipContents
  #going: Going | null = null
  #isClosed = false

  constructor(of: ZipContents) {
    this.#of = of
  }

  /** `length` bytes of a file, or fewer. */
  async content(n: number, at: number, length: number): Promise<Uint8Array> {
    const going = await this.#go(n)
    return this.#read(going, at, Math.min(length, PIECE_BYTES))
  }

  /** The checksum of a file. What was not read from its start on is read for it. */
  async crc(n: number): Promise<number> {
    const { size } = this.#of.layout.members[n] ?? { size: 0 }
    for (;;) {
      const known = this.#of.crc(n)
      // Read once more from its start to its end, it is looked at once more.
      if (known !== undefined && (this.#going?.n !== n || this.#going.at < size)) return known
      const going = await this.#go(n)
      if (going.at < size) await this.#read(going, going.at, Math.min(PIECE_BYTES, size - going.at))
      else await this.#finish(going)
    }
  }

  /** Whatever is being read then fails. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#letGo()
  }

  async #go(n: number): Promise<Going> {
    this.#check()
    if (this.#going?.n === n) return this.#going
    await this.#letGo()
    const open = await this.#of.open(n).catch((error: unknown) => this.#failed(n, error))
    this.#going = { n, open, at: 0, crc: 0 }
    // Closed while the disk took its time.
    if (this.#isClosed) await this.#letGo()
    this.#check()
    return this.#going
  }

  async #read(going: Going, at: number, length: number): Promise<Uint8Array> {
    let bytes: Uint8Array
    try {
      bytes = await going.open.read(at, length)
      if (bytes.length !== length) throw new TransferError('source-changed')
    } catch (error) {
      going.open = await this.#replace(going, error)
      bytes = await going.open.read(at, length)
    }
    this.#check()
    if (at === going.at) {
      going.crc = crc32(bytes, going.crc)
      going.at += length
    }
    return bytes
  }

  /** All of it was read: is it still what was offered? */
  async #finish(going: Going): Promise<void> {
    try {
      await going.open.finish()
    } catch (error) {
      going.open = await this.#replace(going, error)
    }
    this.#check()
    this.#of.setCrc(going.n, going.crc)
    await this.#letGo()
  }

  /** The rest of it is nothing. */
  async #replace(going: Going, error: unknown): Promise<OpenEntry> {
    const nothing = await this.#failed(going.n, error)
    await going.open.close()
    return nothing
  }

  #failed(n: number, error: unknown): Promise<OpenEntry> {
    // Closed under a read it may say anything.
    this.#check()
    return this.#of.fail(n, error)
  }

  async #letGo(): Promise<void> {
    const going = this.#going
    this.#going = null
    await going?.open.close()
  }

  #check(): void {
    if (this.#isClosed) throw new Error('the zip was closed')
  }
}
