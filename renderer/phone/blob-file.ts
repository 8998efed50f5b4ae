import { TransferError } from '#transfer/errors.ts'
import type { Sink } from '#transfer/sink.ts'
import type { Source } from '#transfer/source.ts'

/** A file that a person picked, read piece by piece. */
export function blobSource(file: File): Source {
  // A slice of a File asks the browser for the file's state each time, and waits; a slice of a slice does not.
  const whole = file.slice()
  return {
    name: file.name,
    size: file.size,
    mtime: file.lastModified,
    mime: file.type.slice(0, 255),
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

/**
 * Collects a file in the browser's blob store, which keeps large ones outside this page. Never with the
 * sender's type: a blob of text/html would run as a page of the hub's.
 */
export function blobSink(name: string, landed: (file: Blob) => void): Sink {
  let parts: Blob[] = []
  return {
    name,
    write: (bytes) => {
      parts.push(new Blob([bytes]))
      return Promise.resolve()
    },
    finish: () => {
      landed(new Blob(parts, { type: 'application/octet-stream' }))
      parts = []
      return Promise.resolve({ name })
    },
    discard: () => {
      parts = []
      return Promise.resolve()
    },
  }
}
