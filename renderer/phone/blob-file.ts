import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { Sink } from '#transfer/sink.ts'
import type { Source } from '#transfer/source.ts'
import { PickedFile } from './picked-file.ts'

/** Bytes. The browser takes a picture apart whole, which a phone has no memory for when it is very large. */
const IMAGE_BYTES_MAX = 30_000_000

export const mayHaveThumbnail = (file: File): boolean => file.type.startsWith('image/') && file.size <= IMAGE_BYTES_MAX

/** Makes a small JPEG of a picture; may come late or never. */
export type Thumbnail = (file: File) => Promise<Uint8Array | null>

/** A file that a person picked, read piece by piece. */
export function blobSource(file: File, thumbnail: Thumbnail, mtime = file.lastModified): Source {
  return {
    name: file.name,
    size: file.size,
    mtime,
    mime: file.type.slice(0, 255),
    ...(mayHaveThumbnail(file) && { thumbnail: () => thumbnail(file) }),
    open: () => Promise.resolve(new PickedFile(file)),
  }
}

/** Blocks kept in this page before the browser's store gets them: each Blob makes Chrome wait for another process. */
const KEEP_BLOCKS = 8

/** A file that is arriving. It stays here when the other side goes away, so that it can go on. */
export class BlobFile {
  readonly name: string
  /** Each block, in the browser's blob store or still here. */
  readonly #blocks: (Blob | Uint8Array<ArrayBuffer> | undefined)[] = []
  readonly #hashes: (string | undefined)[] = []
  #fresh: number[] = []
  /** Where blocks are that are still here, one after the other. */
  #room: Uint8Array<ArrayBuffer> | null = null
  readonly #landed: (file: Blob) => void

  constructor(name: string, landed: (file: Blob) => void) {
    this.name = name
    this.#landed = landed
  }

  /** Where it goes on. `over`: it will not, and need not be kept. */
  sink(over: () => void): Sink {
    return {
      name: this.name,
      have: [...this.#hashes],
      write: (index, bytes) => {
        this.#put(index, bytes)
        return Promise.resolve()
      },
      keep: (index, hash) => {
        this.#hashes[index] = hash
      },
      finish: () => {
        // Never with the sender's type: a blob of text/html would run as a page of the hub's.
        this.#landed(new Blob(this.#blocks as BlobPart[], { type: 'application/octet-stream' }))
        over()
        return Promise.resolve({ name: this.name })
      },
      suspend: () => Promise.resolve(),
      discard: () => {
        over()
        return Promise.resolve()
      },
    }
  }

  #put(index: number, bytes: Uint8Array<ArrayBuffer>): void {
    this.#blocks[index] = this.#copyOf(bytes)
    this.#hashes[index] = undefined
    this.#fresh.push(index)
    if (this.#fresh.length < KEEP_BLOCKS) return
    this.#store(this.#fresh)
    this.#fresh = []
  }

  /** Copies a block, which is filled again once it is written, to memory that is used again as soon as a Blob has it. */
  #copyOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (bytes.length < BLOCK_BYTES) return bytes.slice()
    this.#room ??= new Uint8Array(KEEP_BLOCKS * BLOCK_BYTES)
    const at = this.#fresh.length * BLOCK_BYTES
    const copy = this.#room.subarray(at, at + bytes.length)
    copy.set(bytes)
    return copy
  }

  /** Blocks in a row become one Blob, cut into slices, which cost nothing. */
  #store(indexes: readonly number[]): void {
    const parts = indexes.map((i) => this.#blocks[i] as Uint8Array<ArrayBuffer>)
    const whole = new Blob(parts)
    let at = 0
    indexes.forEach((index, i) => {
      const end = at + (parts[i]?.byteLength ?? 0)
      this.#blocks[index] = whole.slice(at, end)
      at = end
    })
  }
}
