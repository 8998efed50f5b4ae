/** A file or a folder of a zip. */
export interface ZipMember {
  /** The whole path within the zip; of a folder with a `/` at the end. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** The time as every program reads it: local, in steps of two seconds, from 1980 to 2107. */
  readonly modified: Date
  /** Seconds since 1970, for programs that know the extended timestamp; null = not known, or more than its 32 bits. */
  readonly stamp: number | null
}

/** Which bytes of a member stand at some offset of the zip, and how far in. */
export interface ZipSection {
  /** The member's number; -1 = behind all of them, in the list at the end. */
  readonly n: number
  readonly section: 'local' | 'content' | 'descriptor' | 'list'
  readonly at: number
  /** Bytes of this section from there on. */
  readonly left: number
}

/** Knows where everything in a zip of uncompressed files stands, from names and sizes, before any file is read. */
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
  sectionAt(offset: number): ZipSection {
    if (offset >= this.#listAt) return { n: -1, section: 'list', at: offset - this.#listAt, left: this.size - offset }
    const n = this.#memberAt(offset)
    const member = this.members[n]
    if (member === undefined) throw new RangeError('no member there')
    let at = offset - (this.#starts[n] ?? 0)
    for (const [section, bytes] of [
      ['local', localBytes(member)],
      ['content', member.size],
    ] as const) {
      // prettier-ignore
      if (at < bytes) return { n, section, at, left: bytes - at }
      at -= bytes
    }
    return { n, section: 'descriptor', at, left: descriptorBytes(member) - at }
  }

  /** Returns how many bytes there are from the member on. */
  bytesFrom(n: number): number {
    return this.size - (this.#starts[n] ?? 0)
  }

  /** Returns the bytes before those of the member's content. */
  local(n: number): Buffer {
    return localRecord(this.#member(n))
  }

  /** Returns the bytes behind those of the member's content. */
  descriptor(n: number, crc: number): Buffer {
    return descriptor(this.#member(n), crc)
  }

  /**
   * Returns all from the list on. `crcs`: of each member, null for one that is not listed, so that whoever unpacks the zip
   * sees nothing of that member. As many zeros go before the list, as in a signed Android package, so that the zip stays as
   * long as it was.
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

  /** Returns the last member that begins at or before the offset. */
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

// The records of the format (APPNOTE.TXT 6.3), as far as a zip of uncompressed files and folders needs them.

const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const STAMP_BYTES = 9
const DESCRIPTOR_BYTES = 16
const LARGE_DESCRIPTOR_BYTES = 24
const END_BYTES = 22
const ZIP64_END_BYTES = 56
const ZIP64_LOCATOR_BYTES = 20

/** Stand for a number that is in the larger records (zip64). */
const FULL_16 = 0xffff
const FULL_32 = 0xffffffff
/** Version 4.5, which knows the larger records; made on Unix. */
const NEEDED = 45
const MADE_BY = 0x032d
/** Flags: names are UTF-8; sums and sizes come behind the bytes, because only then are they known. */
const UTF8 = 0x0800
const BEHIND = 0x0008

const isFolder = ({ name }: ZipMember): boolean => name.endsWith('/')
const isLarge = (size: number): boolean => size >= FULL_32
const flagsOf = (member: ZipMember): number => (isFolder(member) ? UTF8 : UTF8 | BEHIND)
/** Returns the length of the descriptor; a folder has none. */
const descriptorBytes = (member: ZipMember): number =>
  isFolder(member) ? 0 : isLarge(member.size) ? LARGE_DESCRIPTOR_BYTES : DESCRIPTOR_BYTES
const stampBytes = ({ stamp }: ZipMember): number => (stamp === null ? 0 : STAMP_BYTES)
const localBytes = (member: ZipMember): number => LOCAL_BYTES + Buffer.byteLength(member.name) + stampBytes(member)
const largeBytes = (size: number, at: number): number => (isLarge(size) ? 28 : isLarge(at) ? 12 : 0)
const centralBytes = (member: ZipMember, at: number): number =>
  CENTRAL_BYTES + Buffer.byteLength(member.name) + stampBytes(member) + largeBytes(member.size, at)

/** Writes the time of day, then the date. */
function putTime(record: Buffer, at: number, time: Date): void {
  record.writeUInt16LE((time.getSeconds() >> 1) | (time.getMinutes() << 5) | (time.getHours() << 11), at)
  record.writeUInt16LE(time.getDate() | ((time.getMonth() + 1) << 5) | ((time.getFullYear() - 1980) << 9), at + 2)
}

/** Returns the record before the bytes. */
function localRecord(member: ZipMember): Buffer {
  const record = Buffer.alloc(localBytes(member))
  record.writeUInt32BE(0x504b0304, 0)
  record.writeUInt16LE(NEEDED, 4)
  record.writeUInt16LE(flagsOf(member), 6)
  putTime(record, 10, member.modified)
  const nameBytes = record.write(member.name, LOCAL_BYTES)
  record.writeUInt16LE(nameBytes, 26)
  record.writeUInt16LE(stampBytes(member), 28)
  putStamp(record.subarray(LOCAL_BYTES + nameBytes), member)
  return record
}

/** Returns the record behind the bytes. */
function descriptor(member: ZipMember, crc: number): Buffer {
  const record = Buffer.alloc(descriptorBytes(member))
  if (record.length === 0) return record
  record.writeUInt32BE(0x504b0708, 0)
  record.writeUInt32LE(crc, 4)
  for (const at of isLarge(member.size) ? [8, 16] : []) record.writeBigUInt64LE(BigInt(member.size), at)
  for (const at of isLarge(member.size) ? [] : [8, 12]) record.writeUInt32LE(member.size, at)
  return record
}

/** Returns the record in the list at the end; `at` is where the member's local record begins. */
function centralRecord(member: ZipMember, crc: number, at: number): Buffer {
  const { name, size, modified } = member
  const record = Buffer.alloc(centralBytes(member, at))
  const nameBytes = record.write(name, CENTRAL_BYTES)
  record.writeUInt32BE(0x504b0102, 0)
  record.writeUInt16LE(MADE_BY, 4)
  record.writeUInt16LE(NEEDED, 6)
  record.writeUInt16LE(flagsOf(member), 8)
  putTime(record, 12, modified)
  record.writeUInt32LE(crc, 16)
  record.writeUInt32LE(Math.min(size, FULL_32), 20)
  record.writeUInt32LE(Math.min(size, FULL_32), 24)
  record.writeUInt16LE(nameBytes, 28)
  record.writeUInt16LE(record.length - CENTRAL_BYTES - nameBytes, 30)
  // As DOS and as Unix say that it is a folder, or a file.
  record.writeUInt16LE(isFolder(member) ? 0x10 : 0, 38)
  record.writeUInt16LE(isFolder(member) ? 0o40775 : 0o100664, 40)
  record.writeUInt32LE(Math.min(at, FULL_32), 42)
  const extra = record.subarray(CENTRAL_BYTES + nameBytes)
  putStamp(extra, member)
  putLarge(extra.subarray(stampBytes(member)), size, at)
  return record
}

/** Writes the extended timestamp of Info-ZIP, with the time of change alone. */
function putStamp(extra: Buffer, { stamp }: ZipMember): void {
  if (stamp === null) return
  extra.writeUInt16LE(0x5455, 0)
  extra.writeUInt16LE(STAMP_BYTES - 4, 2)
  extra.writeUInt8(1, 4)
  extra.writeInt32LE(stamp, 5)
}

function putLarge(extra: Buffer, size: number, at: number): void {
  if (extra.length === 0) return
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(extra.length - 4, 2)
  for (const place of isLarge(size) ? [4, 12] : []) extra.writeBigUInt64LE(BigInt(size), place)
  extra.writeBigUInt64LE(BigInt(at), extra.length - 8)
}

/** What the last records say: how many members, and where the list of them is. */
interface ZipEnd {
  readonly count: number
  readonly at: number
  readonly bytes: number
}

/** Returns whether a zip needs the larger records at its end. */
const isZip64 = (members: readonly ZipMember[], listAt: number): boolean =>
  members.length >= FULL_16 || isLarge(listAt) || members.some(({ size }) => isLarge(size))

const endBytes = (is64: boolean): number => END_BYTES + (is64 ? ZIP64_END_BYTES + ZIP64_LOCATOR_BYTES : 0)

/** Returns the last records. */
function endRecords({ count, at, bytes }: ZipEnd, is64: boolean): Buffer {
  const end = Buffer.alloc(END_BYTES)
  end.writeUInt32BE(0x504b0506, 0)
  for (const place of [8, 10]) end.writeUInt16LE(Math.min(count, FULL_16), place)
  end.writeUInt32LE(Math.min(bytes, FULL_32), 12)
  end.writeUInt32LE(Math.min(at, FULL_32), 16)
  return is64 ? Buffer.concat([zip64End({ count, at, bytes }), end]) : end
}

function zip64End({ count, at, bytes }: ZipEnd): Buffer {
  const end = Buffer.alloc(ZIP64_END_BYTES + ZIP64_LOCATOR_BYTES)
  end.writeUInt32BE(0x504b0606, 0)
  end.writeBigUInt64LE(BigInt(ZIP64_END_BYTES - 12), 4)
  end.writeUInt16LE(MADE_BY, 12)
  end.writeUInt16LE(NEEDED, 14)
  for (const place of [24, 32]) end.writeBigUInt64LE(BigInt(count), place)
  end.writeBigUInt64LE(BigInt(bytes), 40)
  end.writeBigUInt64LE(BigInt(at), 48)
  end.writeUInt32BE(0x504b0607, ZIP64_END_BYTES)
  end.writeBigUInt64LE(BigInt(at + bytes), ZIP64_END_BYTES + 8)
  end.writeUInt32LE(1, ZIP64_END_BYTES + 16)
  return end
}
