// A reader for the few entries we want out of a big zip. No unzip program and no package is needed.
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createInflateRaw } from 'node:zlib'

const END_OF_DIRECTORY = Buffer.from([0x50, 0x4b, 5, 6])
const DIRECTORY_ENTRY = 0x02014b50
// The end record is 22 bytes and may be followed by a comment of at most 65,535.
const LONGEST_END = 22 + 65_535

/** @typedef {{ name: string, method: number, packed: number, size: number, mode: number, offset: number }} Entry */

/**
 * @param {number} fd
 * @param {number} at
 * @param {number} length
 */
function bytesAt(fd, at, length) {
  const buffer = Buffer.alloc(length)
  readSync(fd, buffer, 0, length, at)
  return buffer
}

/**
 * The central directory of a zip without the zip64 extension.
 * @param {number} fd
 * @returns {Entry[]}
 */
export function zipEntries(fd) {
  const { size } = fstatSync(fd)
  const tail = bytesAt(fd, Math.max(0, size - LONGEST_END), Math.min(size, LONGEST_END))
  const end = tail.lastIndexOf(END_OF_DIRECTORY)
  if (end < 0) throw new Error('not a zip file')
  const directory = bytesAt(fd, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
  const entries = []
  for (let at = 0; at < directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY;) {
    const nameLength = directory.readUInt16LE(at + 28)
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      mode: directory.readUInt32LE(at + 38) >>> 16,
      offset: directory.readUInt32LE(at + 42),
    })
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return entries
}

/**
 * @param {string} zip
 * @param {number} fd
 * @param {Entry} entry
 * @param {string} file
 */
async function extract(zip, fd, entry, file) {
  const local = bytesAt(fd, entry.offset, 30)
  const start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
  mkdirSync(dirname(file), { recursive: true })
  const target = createWriteStream(file, { mode: entry.mode & 0o777 || 0o644 })
  if (entry.size === 0) await new Promise((done) => target.end(done))
  else {
    const source = createReadStream(zip, { start, end: start + entry.packed - 1 })
    await (entry.method === 0 ? pipeline(source, target) : pipeline(source, createInflateRaw(), target))
  }
  if (statSync(file).size !== entry.size) throw new Error(`truncated: ${entry.name}`)
}

/**
 * @param {string} zip
 * @param {string} folder
 * @param {(name: string) => string | null} place where an entry goes below the folder; null leaves it out
 */
export async function unzip(zip, folder, place) {
  const fd = openSync(zip, 'r')
  try {
    for (const entry of zipEntries(fd)) {
      const to = entry.name.endsWith('/') ? null : place(entry.name)
      if (to !== null) await extract(zip, fd, entry, join(folder, to))
    }
  } finally {
    closeSync(fd)
  }
}
