import {
  centralBytes,
  centralRecord,
  descriptor,
  descriptorBytes,
  endBytes,
  endRecords,
  isZip64,
  localBytes,
  localRecord,
  type ZipMember,
} from './zip-records.ts'

/** Which bytes of a member stand at some place of the zip, and how far in. */
export interface Part {
  /** The member's number; -1 = behind all of them, in the list at the end. */
  readonly n: number
  readonly part: 'local' | 'content' | 'descriptor' | 'list'
  readonly at: number
  /** Bytes of this part from there on. */
  readonly left: number
}

/** Where everything in a zip of uncompressed files stands: known from names and sizes, before any of them is read. */
export class ZipLayout {
  readonly members: readonly ZipMember[]
  /** Bytes. */
  readonly size: number
  readonly #starts: Float64Array
  readonly #listAt: number
  readonly #listBytes: number
  readonly #is64: boolean

  constructor(members: readonly ZipMember[]) {
    this.members = members
    this.#starts = new Float64Array(members.length)
    let at = 0
    let listBytes = 0
    for (const [n, member] of members.entries()) {
      this.#starts[n] = at
      listBytes += centralBytes(member, at)
      at += localBytes(member) + member.size + descriptorBytes(member)
    }
    this.#listAt = at
    this.#listBytes = listBytes
    this.#is64 = isZip64(members, at)
    this.size = at + listBytes + endBytes(this.#is64)
  }

  /** Returns what stands at the offset. */
  partAt(offset: number): Part {
    if (offset >= this.#listAt) return { n: -1, part: 'list', at: offset - this.#listAt, left: this.size - offset }
    const n = this.#memberAt(offset)
    const member = this.members[n]
    if (member === undefined) throw new RangeError('no member there')
    let at = offset - (this.#starts[n] ?? 0)
    for (const [part, bytes] of [
      ['local', localBytes(member)],
      ['content', member.size],
    ] as const) {
      // prettier-ignore
      if (at < bytes) return { n, part, at, left: bytes - at }
      at -= bytes
    }
    return { n, part: 'descriptor', at, left: descriptorBytes(member) - at }
  }

  /** Returns how many bytes there are from the member on. */
  bytesFrom(n: number): number {
    return this.size - (this.#starts[n] ?? 0)
  }

  /** Returns the bytes before those of the member's content. */
  local(n: number): Buffer {
    return localRecord(this.#member(n))
  }

  /** Returns the bytes behind them. */
  descriptor(n: number, crc: number): Buffer {
    return descriptor(this.#member(n), crc)
  }

  /**
   * Returns all from the list on. `crcs`: of each member, null for one that is not to be listed: whoever unpacks the zip then sees
   * nothing of it. As much of nothing goes before the list, as before the list of a signed Android package, so that
   * everything stays as long as it was.
   */
  list(crcs: readonly (number | null)[]): Buffer {
    const records = this.members.flatMap((member, n) => {
      const crc = crcs[n] ?? null
      return crc === null ? [] : [centralRecord(member, crc, this.#starts[n] ?? 0)]
    })
    const bytes = records.reduce((sum, { length }) => sum + length, 0)
    const gap = this.#listBytes - bytes
    const end = endRecords({ count: records.length, at: this.#listAt + gap, bytes }, this.#is64)
    return Buffer.concat([Buffer.alloc(gap), ...records, end])
  }

  #member(n: number): ZipMember {
    const member = this.members[n]
    if (member === undefined) throw new RangeError('no such member')
    return member
  }

  /** The last one that begins at or before the offset. */
  #memberAt(offset: number): number {
    let [low, high] = [0, this.#starts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}
