import { TransferError } from '#transfer/errors.ts'
import type { Sink } from '#transfer/sink.ts'
import type { Source } from '#transfer/source.ts'

/** Bytes. The browser takes a picture apart whole, which a phone has no memory for when it is very large. */
const IMAGE_BYTES_MAX = 30_000_000

export const mayHaveThumbnail = (file: File): boolean => file.type.startsWith('image/') && file.size <= IMAGE_BYTES_MAX

/** Makes a small JPEG of a picture; may come late or never. */
export type Thumbnail = (file: File) => Promise<Uint8Array | null>

/** A file that a person picked, read piece by piece. */
export function blobSource(file: File, thumbnail: Thumbnail, mtime = file.lastModified): Source {
  // Each slice makes the page wait for another process, 1.5 ms on a busy machine, and one of a File twice, as its state is
  // asked for each time. So a small file is read without any, and of a large one slices are cut from a slice.
  let whole: Blob | null = null
  const piece = (offset: number, length: number): Blob =>
    offset === 0 && length === file.size ? file : (whole ??= file.slice()).slice(offset, offset + length)
  return {
    name: file.name,
    size: file.size,
    mtime,
    mime: file.type.slice(0, 255),
    ...(mayHaveThumbnail(file) && { thumbnail: () => thumbnail(file) }),
    open: () =>
      Promise.resolve({
        read: async (offset, length) => {
          const bytes = await bufferOf(piece(offset, length)).catch(() => null)
          // The browser refuses to read a file that has changed since it was picked.
          if (bytes?.byteLength !== length) throw new TransferError('source-changed')
          return new Uint8Array(bytes)
        },
        finish: () => Promise.resolve({}),
        close: () => Promise.resolve(),
      }),
  }
}

/** Some engines inside other apps can read a Blob only so. */
const bufferOf = (blob: Blob): Promise<ArrayBuffer> =>
  'arrayBuffer' in blob ? blob.arrayBuffer() : new Response(blob).arrayBuffer()

/** Blocks kept in this page before the browser's store gets them: each Blob makes Chrome wait for another process. */
const KEEP_BLOCKS = 8

/** A file that is arriving. It stays here when the other side goes away, so that it can go on. */
export class BlobFile {
  readonly name: string
  /** Each block, in the browser's blob store or still here. */
  readonly #blocks: (Blob | Uint8Array<ArrayBuffer> | undefined)[] = []
  readonly #hashes: (string | undefined)[] = []
  #fresh: number[] = []
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
    // A copy: the block is filled again once it is written.
    this.#blocks[index] = bytes.slice()
    this.#hashes[index] = undefined
    this.#fresh.push(index)
    if (this.#fresh.length < KEEP_BLOCKS) return
    this.#store(this.#fresh)
    this.#fresh = []
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
