import { createHash } from 'node:crypto'
import { TransferError } from '#transfer/errors.ts'
import type { OpenSource, Source } from '#transfer/source.ts'

/** Bytes of pasted images that are kept, in case they are to be sent once more. The oldest go first. */
const KEPT_BYTES = 134_217_728

/** By their first bytes: what came over the clipboard says nothing else that could be believed. */
const IMAGES: readonly (readonly [string, readonly number[]])[] = [
  ['png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['jpg', [0xff, 0xd8, 0xff]],
  ['gif', [0x47, 0x49, 0x46, 0x38]],
]

/** Images that were pasted: they are in no file, and are sent from memory. */
export class Pasted {
  #kept: PastedSource[] = []

  /** Throws TransferError `bad-name` for what is no image. `label`: the name without its ending. */
  source(bytes: Uint8Array, label: string): Source {
    const [ending] = IMAGES.find(([, magic]) => magic.every((byte, i) => bytes[i] === byte)) ?? []
    if (ending === undefined) throw new TransferError('bad-name')
    const source = new PastedSource(`${label}.${ending}`, bytes)
    this.#kept.push(source)
    this.#prune()
    return source
  }

  #prune(): void {
    let bytes = this.#kept.reduce((sum, { size }) => sum + size, 0)
    for (const oldest of this.#kept.slice(0, -1)) {
      if (bytes <= KEPT_BYTES) return
      bytes -= oldest.size
      oldest.forget()
      this.#kept = this.#kept.filter((one) => one !== oldest)
    }
  }
}

class PastedSource implements Source {
  readonly name: string
  readonly size: number
  readonly mtime = Date.now()
  readonly mime = ''
  #bytes: Uint8Array | null

  constructor(name: string, bytes: Uint8Array) {
    this.name = name
    this.size = bytes.length
    this.#bytes = bytes
  }

  forget(): void {
    this.#bytes = null
  }

  open(): Promise<OpenSource> {
    const bytes = this.#bytes
    if (bytes === null) return Promise.reject(new TransferError('source-changed'))
    return Promise.resolve({
      // A copy: whoever sends it may give the buffer away.
      read: (offset, length) => Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length))),
      finish: () => Promise.resolve({ sha256: createHash('sha256').update(bytes).digest('hex') }),
      close: () => Promise.resolve(),
    })
  }
}
