// Files as blocks and parts (section 5.1).
import { sha256 } from './secrets.mjs'

export const BLOCK = 1_048_576
const HEADER = 16

export const blockCount = (size) => Math.ceil(size / BLOCK)
export const blockLength = (size, i) => Math.min(BLOCK, size - i * BLOCK)
export const hashOf = (bytes) => sha256(bytes).toString('hex')

export function encodePart(n, block, offset, payload) {
  const header = Buffer.alloc(HEADER)
  header[0] = 1
  header.writeUInt32BE(n, 4)
  header.writeUInt32BE(block, 8)
  header.writeUInt32BE(offset, 12)
  return Buffer.concat([header, payload])
}

export function decodePart(bytes) {
  if (bytes.length <= HEADER || bytes.readUInt32BE(0) !== 0x0100_0000) throw new Error('not a part')
  return {
    n: bytes.readUInt32BE(4),
    block: bytes.readUInt32BE(8),
    offset: bytes.readUInt32BE(12),
    payload: bytes.subarray(HEADER),
  }
}

/** The root over all blocks' hashes. */
export function rootOf(size, hashes) {
  const numbers = Buffer.alloc(12)
  numbers.writeBigUInt64BE(BigInt(size), 0)
  numbers.writeUInt32BE(BLOCK, 8)
  return hashOf(
    Buffer.concat([Buffer.from('lanyard-file-1'), numbers, ...hashes.map((hash) => Buffer.from(hash, 'hex'))]),
  )
}
