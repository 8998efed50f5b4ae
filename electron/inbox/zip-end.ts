/** A file in a zip, as far as the zip's own length goes. */
export interface Member {
  readonly name: string
  /** Bytes. */
  readonly size: number
}

/** Where a number of 16 or 32 bits means: look for it in the larger records. */
const FULL_16 = 0xffff
const FULL_32 = 0xffffffff
const LOCAL_HEADER_AND_DESCRIPTOR = 46
/** The last record, always there. */
export const END_BYTES = 22
const ZIP64_END_BYTES = 56
const ZIP64_LOCATOR_BYTES = 20
export const ZIP64_BYTES = ZIP64_END_BYTES + ZIP64_LOCATOR_BYTES
/** 4.5, made on Unix: as client-zip says of its entries. */
const MADE_BY = 0x032d
const NEEDED = 45

const sizeInZip = ({ name, size }: Member): number => LOCAL_HEADER_AND_DESCRIPTOR + Buffer.byteLength(name) + size

/**
 * client-zip writes the records for large zips when a size or an offset asks for them, but not when the number of files
 * alone does: from 65,535 on there would be no telling how many there are. Then, and only then, we write them: these 76
 * bytes, which go before its last 22. Null: not needed. `length`: bytes of its zip, without them.
 */
export function zip64End(members: readonly Member[], length: number): Uint8Array | null {
  const start = members.reduce((sum, member) => sum + sizeInZip(member), 0)
  const hasItsOwn = start >= FULL_32 || members.some(({ size }) => size >= FULL_32)
  if (members.length < FULL_16 || hasItsOwn) return null
  const directoryBytes = length - END_BYTES - start
  const end = Buffer.alloc(ZIP64_BYTES)
  end.writeUInt32BE(0x504b0606, 0)
  end.writeBigUInt64LE(BigInt(ZIP64_END_BYTES - 12), 4)
  end.writeUInt16LE(MADE_BY, 12)
  end.writeUInt16LE(NEEDED, 14)
  end.writeBigUInt64LE(BigInt(members.length), 24)
  end.writeBigUInt64LE(BigInt(members.length), 32)
  end.writeBigUInt64LE(BigInt(directoryBytes), 40)
  end.writeBigUInt64LE(BigInt(start), 48)
  end.writeUInt32BE(0x504b0607, ZIP64_END_BYTES)
  end.writeBigUInt64LE(BigInt(start + directoryBytes), ZIP64_END_BYTES + 8)
  end.writeUInt32LE(1, ZIP64_END_BYTES + 16)
  return new Uint8Array(end)
}
