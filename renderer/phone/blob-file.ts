import { TransferError } from '#transfer/errors.ts'
import type { Sink } from '#transfer/sink.ts'
import type { Source } from '#transfer/source.ts'
import { mayHaveThumbnail, type Thumbnails } from './thumbnails.ts'

/** A file that a person picked, read piece by piece. */
export function blobSource(file: File, thumbnails: Thumbnails): Source {
  // A slice of a File asks the browser for the file's state each time, and waits; a slice of a slice does not.
  const whole = file.slice()
  return {
    name: file.name,
    size: file.size,
    mtime: file.lastModified,
    mime: file.type.slice(0, 255),
    ...(mayHaveThumbnail(file) && { thumbnail: () => thumbnails.make(file) }),
    open: () =>
      Promise.resolve({
        read: async (offset, length) => {
          const bytes = await whole
            .slice(offset, offset + length)
            .arrayBuffer()
            .catch(() => null)
          // The browser refuses to read a file that has changed since it was picked.
          if (bytes?.byteLength !== length) throw new TransferError('source-changed')
          return new Uint8Array(bytes)
        },
        finish: () => Promise.resolve({}),
        close: () => Promise.resolve(),
      }),
  }
}

/** Bytes kept in this page before the browser's store gets them: each Blob makes Chrome wait for another process. */
const KEEP_BYTES = 8_388_608

/**
 * Collects a file in the browser's blob store, which keeps large ones outside this page. Never with the
 * sender's type: a blob of text/html would run as a page of the hub's.
 */
export function blobSink(name: string, landed: (file: Blob) => void): Sink {
  let stored: Blob[] = []
  let kept: Uint8Array<ArrayBuffer>[] = []
  let keptBytes = 0
  return {
    name,
    write: (bytes) => {
      // A copy: the block is filled again once it is written.
      kept.push(bytes.slice())
      keptBytes += bytes.byteLength
      if (keptBytes >= KEEP_BYTES) {
        stored.push(new Blob(kept))
        kept = []
        keptBytes = 0
      }
      return Promise.resolve()
    },
    finish: () => {
      landed(new Blob([...stored, ...kept], { type: 'application/octet-stream' }))
      stored = []
      kept = []
      return Promise.resolve({ name })
    },
    discard: () => {
      stored = []
      kept = []
      return Promise.resolve()
    },
  }
}
