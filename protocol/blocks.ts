import { fromBase64Url, toBase64Url } from './base64url.ts'
import { BLOCK_BYTES, BLOCK_HEADER_BYTES } from './limits.ts'
import { ProtocolError } from './errors.ts'

/**
 * A binary frame: 16 bytes of header, then a part of one block of one file. Big-endian.
 *
 *   0   u8   kind = 1
 *   1   3 B  zero
 *   4   u32  n, the transfer's number
 *   8   u32  block index
 *   12  u32  offset of the part within the block, in bytes
 */
export interface Part {
  readonly n: number
  readonly block: number
  readonly offset: number
  readonly payload: Uint8Array
}

const KIND_PART = 1

/** The frame is made in `room`, where that is large enough: a sender that makes thousands needs no fresh memory. */
export function encodePart(part: Part, room?: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const length = BLOCK_HEADER_BYTES + part.payload.byteLength
  const out = room !== undefined && room.byteLength >= length ? room.subarray(0, length) : new Uint8Array(length)
  const head = new DataView(out.buffer, out.byteOffset, BLOCK_HEADER_BYTES)
  head.setUint32(0, KIND_PART << 24)
  head.setUint32(4, part.n)
  head.setUint32(8, part.block)
  head.setUint32(12, part.offset)
  out.set(part.payload, BLOCK_HEADER_BYTES)
  return out
}

/** The payload is a view of `data`, not a copy. Throws ProtocolError. */
export function decodePart(data: Uint8Array): Part {
  if (data.byteLength <= BLOCK_HEADER_BYTES) throw ProtocolError.malformed('binary frame without payload')
  const head = new DataView(data.buffer, data.byteOffset, BLOCK_HEADER_BYTES)
  if (head.getUint32(0) !== KIND_PART << 24) throw ProtocolError.malformed('binary frame of an unknown kind')
  const part = {
    n: head.getUint32(4),
    block: head.getUint32(8),
    offset: head.getUint32(12),
    payload: data.subarray(BLOCK_HEADER_BYTES),
  }
  if (part.offset + part.payload.byteLength > BLOCK_BYTES) throw ProtocolError.malformed('part beyond its block')
  return part
}

export const blockCount = (size: number): number => Math.ceil(size / BLOCK_BYTES)

/** Bytes of block `index` of a file of `size` bytes. */
export const blockLength = (size: number, index: number): number => Math.min(BLOCK_BYTES, size - index * BLOCK_BYTES)

const ROOT_LABEL = 'lanyard-file-1'

/**
 * The text whose SHA-256 is a file's root: "lanyard-file-1", u64 size, u32 block size, then the 32-byte
 * hashes of all blocks in order. `hashes` in lower-case hex.
 */
export function rootInput(size: number, hashes: readonly string[]): Uint8Array<ArrayBuffer> {
  const label = new TextEncoder().encode(ROOT_LABEL)
  const out = new Uint8Array(label.length + 12 + hashes.length * 32)
  const view = new DataView(out.buffer)
  out.set(label)
  view.setBigUint64(label.length, BigInt(size))
  view.setUint32(label.length + 8, BLOCK_BYTES)
  hashes.forEach((hash, i) => {
    out.set(fromHex(hash), label.length + 12 + i * 32)
  })
  return out
}

function fromHex(hex: string): Uint8Array {
  const out = new Uint8Array(hex.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  return out
}

/**
 * Writes down which blocks a receiver has, for `accept`: bit `i % 8` of byte `i / 8` is block i; zero bytes at the end are
 * left out, and all of it where there are none.
 */
export function encodeHave(count: number, has: (index: number) => boolean): string | undefined {
  const bytes = new Uint8Array(Math.ceil(count / 8))
  let used = 0
  for (let i = 0; i < count; i++) {
    if (!has(i)) continue
    bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7))
    used = (i >> 3) + 1
  }
  return used === 0 ? undefined : toBase64Url(bytes.subarray(0, used))
}

/** Reads which of `count` blocks are there. Throws ProtocolError for a list of more blocks than there are. */
export function decodeHave(count: number, text: string | undefined): (index: number) => boolean {
  if (text === undefined) return () => false
  const bytes = fromBase64Url(text)
  if (bytes === null || bytes.length > Math.ceil(count / 8)) throw ProtocolError.malformed('list of blocks')
  const past = (bytes[count >> 3] ?? 0) >> (count & 7)
  if (past !== 0) throw ProtocolError.malformed('a block beyond the file')
  return (index) => ((bytes[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
}
