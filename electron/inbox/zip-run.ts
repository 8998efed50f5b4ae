import { makeZip } from 'client-zip'
import { TransferError } from '#transfer/errors.ts'
import type { OpenSource } from '#transfer/source.ts'

export interface OpenEntry extends Pick<OpenSource, 'read' | 'close'> {
  /** Throws TransferError `source-changed` when it is not what was offered any more. */
  check?(): Promise<void>
}

export interface ZipMember {
  /** Its whole path within the zip. */
  readonly name: string
  readonly size: number
  readonly lastModified: Date
  open(): Promise<OpenEntry>
}

/** Bytes that go between those of the library, where it has made `at` of them. */
export interface Insert {
  readonly at: number
  readonly bytes: Uint8Array
}

const PIECE_BYTES = 1_048_576
const NOTHING = new Uint8Array(0)

/** One making of the zip, from its first byte on. */
export class ZipRun {
  readonly #chunks: AsyncGenerator<Uint8Array, void>
  /** The rest of a chunk that was not asked for yet. */
  #rest: Uint8Array = NOTHING
  #at = 0
  /** The file that is being read. Not left to the library: it does not let go of it when it is stopped in the middle. */
  #open: OpenEntry | null = null
  #isClosed = false

  constructor(members: readonly ZipMember[], insert: Insert | null) {
    const inputs = members.map((member) => ({ ...member, input: { [Symbol.asyncIterator]: () => this.#read(member) } }))
    this.#chunks = inserted(makeZip(inputs), insert)
  }

  /** Where the next byte is. */
  get at(): number {
    return this.#at
  }

  /** `offset` is not behind us. */
  async skipTo(offset: number): Promise<void> {
    while (this.#at < offset) await this.#some(offset - this.#at)
  }

  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const out = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      const some = await this.#some(length - filled)
      out.set(some, filled)
      filled += some.length
    }
    return out
  }

  /** Whatever is being read then fails. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#open !== null) await this.#letGo(this.#open)
  }

  /** At least one byte, at most so many. */
  async #some(max: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      this.#checkOpen()
      const { done, value } = await this.#chunks.next()
      // Beyond the end, or the files are not what they were.
      if (done === true) throw new TransferError('source-changed')
      this.#rest = value
    }
    const some = this.#rest.subarray(0, max)
    this.#rest = this.#rest.subarray(some.length)
    this.#at += some.length
    return some
  }

  async *#read(member: ZipMember): AsyncGenerator<Uint8Array> {
    this.#checkOpen()
    const source = await member.open()
    this.#open = source
    try {
      for (let at = 0; at < member.size; at += PIECE_BYTES) yield await this.#piece(source, at, member.size)
    } finally {
      await this.#letGo(source)
    }
  }

  async #letGo(source: OpenEntry): Promise<void> {
    if (this.#open !== source) return
    this.#open = null
    await source.close()
  }

  async #piece(source: OpenEntry, at: number, size: number): Promise<Uint8Array> {
    this.#checkOpen()
    const length = Math.min(PIECE_BYTES, size - at)
    const bytes = await source.read(at, length)
    await source.check?.()
    if (bytes.length !== length) throw new TransferError('source-changed')
    return bytes
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error('the zip was closed')
  }
}

async function* inserted(chunks: AsyncIterable<Uint8Array>, insert: Insert | null): AsyncGenerator<Uint8Array, void> {
  let made = 0
  for await (const chunk of chunks) {
    if (made === insert?.at) yield insert.bytes
    made += chunk.length
    yield chunk
  }
}
