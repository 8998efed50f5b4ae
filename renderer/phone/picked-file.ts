import { TransferError } from '#transfer/errors.ts'
import type { OpenSource } from '#transfer/source.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Bytes after which the browser is asked anew whether the file is still the one that was picked. Whole blocks. */
const LOOK_EVERY_BYTES = 67_108_864
/** Bytes that are read at once where a browser's streams don't take memory: each time costs as much as 3 MB. Whole blocks. */
const SLICE_BYTES = 8_388_608

interface Stream {
  readonly reader: ReadableStreamBYOBReader
  /** Where the next byte of it is in the file, and where it ends. */
  at: number
  readonly end: number
}

/**
 * Reads a file that a person picked. Each slice that is read has the browser open the file, make a pipe, and give memory that is
 * used once: 31 ms of processor time for a MB on a slow machine, where one stream into memory that is used again takes 5.
 */
export class PickedFile implements OpenSource {
  readonly #file: File
  /** Slices are cut from a slice: of a File the state is asked for each time. */
  #whole: Blob | null = null
  #stream: Stream | null = null
  /** What was read ahead, by browsers without such streams. */
  #ahead: { readonly at: number; readonly bytes: Bytes } | null = null
  #canStream = true
  /** Settles with the last read. One stream serves them one by one. */
  #reading: Promise<unknown> = Promise.resolve()

  constructor(file: File) {
    this.#file = file
  }

  async read(offset: number, length: number, room?: Bytes): Promise<Bytes> {
    // Of a small file there is no slice to be made.
    if (offset === 0 && length === this.#file.size) return checked(await bytesOf(this.#file), length)
    const bytes = this.#reading.then(() => this.#next(offset, length, room ?? new Uint8Array(length)))
    this.#reading = bytes.catch(() => undefined)
    return bytes
  }

  /** Throws TransferError `source-changed` where the file is another one by now. */
  async finish(): Promise<object> {
    await this.#reading
    if (this.#whole !== null) checked(await bytesOf(this.#whole.slice(-1)), 1)
    return {}
  }

  async close(): Promise<void> {
    await this.#reading
    this.#leave()
    this.#ahead = null
  }

  async #next(offset: number, length: number, room: Bytes): Promise<Bytes> {
    // A block that is wanted again must not cost the stream its place.
    const isBehind = offset < (this.#stream?.at ?? this.#ahead?.at ?? 0)
    if (isBehind) return checked(await bytesOf(this.#slice(offset, length)), length)
    const stream = this.#canStream ? this.#streamAt(offset, length) : null
    return stream === null ? this.#fromSlice(offset, length, room) : this.#fill(stream, room)
  }

  /** Returns the stream that is there or one that begins there; null where this browser has none that take memory. */
  #streamAt(offset: number, length: number): Stream | null {
    const old = this.#stream
    if (old?.at === offset && offset + length <= old.end) return old
    this.#leave()
    const end = Math.min(this.#file.size, offset + LOOK_EVERY_BYTES)
    try {
      const reader = this.#slice(offset, end - offset)
        .stream()
        .getReader({ mode: 'byob' })
      return (this.#stream = { reader, at: offset, end })
    } catch {
      this.#canStream = false
      return null
    }
  }

  async #fill(stream: Stream, room: Bytes): Promise<Bytes> {
    const { length } = room
    let memory = room.buffer
    for (let filled = 0; filled < length;) {
      // The memory goes along and comes back: a view of the old array is empty afterwards.
      const { value } = await stream.reader.read(new Uint8Array(memory, filled, length - filled)).catch(changed)
      if (value === undefined || value.length === 0) return changed()
      memory = value.buffer
      filled += value.length
    }
    stream.at += length
    return new Uint8Array(memory, 0, length)
  }

  async #fromSlice(offset: number, length: number, room: Bytes): Promise<Bytes> {
    const end = offset + length
    if (this.#ahead === null || offset < this.#ahead.at || end > this.#ahead.at + this.#ahead.bytes.length) {
      const wanted = Math.max(length, Math.min(SLICE_BYTES, this.#file.size - offset))
      this.#ahead = { at: offset, bytes: checked(await bytesOf(this.#slice(offset, wanted)), wanted) }
    }
    const { at, bytes } = this.#ahead
    room.set(bytes.subarray(offset - at, end - at))
    return room
  }

  #slice(offset: number, length: number): Blob {
    return (this.#whole ??= this.#file.slice()).slice(offset, offset + length)
  }

  #leave(): void {
    void this.#stream?.reader.cancel().catch(() => undefined)
    this.#stream = null
  }
}

/** The browser refuses to read a file that has changed since it was picked. */
function changed(): never {
  throw new TransferError('source-changed')
}

/** Some engines inside other apps can read a Blob only by way of a Response. */
const bytesOf = async (blob: Blob): Promise<Bytes> =>
  new Uint8Array(await ('arrayBuffer' in blob ? blob.arrayBuffer() : new Response(blob).arrayBuffer()).catch(changed))

function checked(bytes: Bytes, length: number): Bytes {
  return bytes.length === length ? bytes : changed()
}
