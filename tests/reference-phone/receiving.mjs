// Files that come in: blocks are written, checked, acknowledged; a whole file gets its final name (sections 5.1 to 5.3).
import { link, mkdir, open, unlink } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { blockCount, blockLength, BLOCK, hashOf, rootOf } from './blocks.mjs'
import { safeName } from './names.mjs'

/** Bytes of the largest file that can be offered. */
const SIZE_MAX = 1_258_291_200_000

/** Which blocks are there, as `accept` says it; undefined = none. */
function encodeHave(count, has) {
  const bits = Buffer.alloc(Math.ceil(count / 8))
  let used = 0
  for (let i = 0; i < count; i++) {
    if (!has(i)) continue
    bits[i >> 3] |= 1 << (i & 7)
    used = (i >> 3) + 1
  }
  return used === 0 ? undefined : bits.subarray(0, used).toString('base64url')
}

/** All that comes in, by the id of the file: a lane may be lost, the file goes on over the next one. */
export class Receiving {
  #files = new Map()
  #folder
  #say
  #tell

  /** `say(frame)` to the computer, `tell(event)` to the person. */
  constructor(folder, say, tell) {
    this.#folder = folder
    this.#say = say
    this.#tell = tell
  }

  /** Any frame about transfers, or a part. Each file does one thing after the other. */
  receive(frame) {
    if (frame.t === 'offer') {
      const file = this.#files.get(frame.id) ?? this.#newFile(frame)
      if (file === null) return
      // The same file under a new number.
      file.n = frame.n
      this.#files.set(frame.id, file)
      this.#then(file, () => (file.end === null ? this.#accept(file) : this.#say({ ...file.end, n: file.n })))
      return
    }
    const file = [...this.#files.values()].find(({ n }) => n === frame.n)
    if (file !== undefined) this.#then(file, () => this.#about(file, frame))
  }

  /** Null for one whose name is a path, and for one that is larger than any can be. */
  #newFile(frame) {
    if (frame.size > SIZE_MAX) {
      this.#say({ t: 'stop', n: frame.n, code: 'too-large' })
      return null
    }
    try {
      return new Incoming(frame, this.#folder)
    } catch ({ code }) {
      this.#say({ t: 'stop', n: frame.n, code })
      return null
    }
  }

  /** The words of the computer go over another lane: what it does not list has ended. */
  resume(ns) {
    for (const file of this.#files.values())
      if (file.end === null && !ns.includes(file.n))
        this.#then(file, () => this.#ended(file, { t: 'stop', code: 'cancelled' }))
  }

  #then(file, step) {
    file.work = file.work.then(step).catch((error) => this.#fail(file, error))
  }

  async #accept(file) {
    await file.open()
    // What is here now was so before this offer: if it is another file by now, its hash will tell.
    file.kept = new Set([...file.got.keys()].filter((i) => file.isHere(i)))
    const have = encodeHave(file.count, (i) => file.isHere(i))
    this.#say({ t: 'accept', n: file.n, ...(have !== undefined && { have }) })
  }

  async #about(file, frame) {
    if (file.end !== null) return
    if (frame.t === 'stop') await this.#ended(file, frame)
    else if (frame.payload !== undefined) await this.#part(file, frame)
    else if (frame.t === 'block') {
      file.said[frame.i] = frame.hash
      await this.#check(file, frame.i)
    } else if (frame.t === 'end') await this.#finish(file, frame.root)
  }

  async #part(file, { block, offset, payload }) {
    if (!(await file.write(block, offset, payload))) return
    await this.#check(file, block)
    if (file.isHere(block)) this.#say({ t: 'ack', n: file.n, i: block })
  }

  /** Hash and bytes come in either order; a block that is not what its hash says is asked for once more. */
  async #check(file, i) {
    if (file.got[i] === undefined || file.said[i] === undefined || file.got[i] === file.said[i]) return
    // Kept from before this offer: the file has changed since, and none of it is mixed with the new one (section 5.3).
    if (file.kept.has(i)) {
      file.got = []
      return this.#accept(file)
    }
    file.got[i] = undefined
    if (file.again.has(i)) throw Object.assign(new Error('corrupt'), { code: 'corrupt' })
    file.again.add(i)
    this.#say({ t: 'resend', n: file.n, i })
  }

  async #finish(file, root) {
    const own = rootOf(
      file.size,
      Array.from({ length: file.count }, (_, i) => file.got[i] ?? ''),
    )
    if (own !== root) throw Object.assign(new Error('corrupt'), { code: 'corrupt' })
    const path = await file.land()
    await this.#ended(file, { t: 'done', root: own })
    this.#say({ ...file.end, n: file.n })
    this.#tell({ event: 'received', name: file.name, path, size: file.size })
  }

  async #fail(file, { code }) {
    const ofTheDisk = code === 'ENOSPC' ? 'disk-full' : 'disk-error'
    const reason = code === 'corrupt' || code === 'malformed' ? code : ofTheDisk
    this.#say({ t: 'stop', n: file.n, code: reason })
    await this.#ended(file, { t: 'stop', code: reason }).catch(() => undefined)
  }

  async #ended(file, end) {
    file.end = end
    await file.close()
    if (end.t === 'stop') this.#tell({ event: 'not-received', name: file.name, code: end.code })
  }
}

/** One file on its way in. */
class Incoming {
  n = 0
  /** The final word, once it is said. */
  end = null
  work = Promise.resolve()
  /** Hashes of the blocks that are written, and what the sender says that they are. */
  got = []
  said = []
  again = new Set()
  /** Blocks that were here when the file was offered last. */
  kept = new Set()
  /** Bytes of blocks that are not whole yet. */
  #open = new Map()
  #handle = null
  #folder
  #part

  constructor({ id, name, size }, folder) {
    this.size = size
    this.count = blockCount(size)
    this.name = safeName(name)
    this.#folder = folder
    this.#part = join(folder, `.${id}.part`)
  }

  isHere(i) {
    return this.got[i] !== undefined
  }

  async open() {
    if (this.#handle !== null) return
    await mkdir(this.#folder, { recursive: true })
    this.#handle = await open(this.#part, 'w')
  }

  /** Returns whether the block is whole now, and written. */
  async write(i, offset, payload) {
    const length = blockLength(this.size, i)
    // What was under way over a lane that is lost comes again, from its block's start. A file that is offered once more over
    // the same lane changes nothing of what is under way there.
    const block = offset === 0 ? { bytes: Buffer.alloc(length), filled: 0 } : this.#open.get(i)
    if (i >= this.count || block?.filled !== offset || offset + payload.length > length)
      throw Object.assign(new Error('a part out of place'), { code: 'malformed' })
    payload.copy(block.bytes, offset)
    block.filled += payload.length
    this.#open.set(i, block)
    if (block.filled < length) return false
    this.#open.delete(i)
    await this.#handle.write(block.bytes, 0, length, i * BLOCK)
    this.got[i] = hashOf(block.bytes)
    return true
  }

  /** Under a name that is free; never in the place of another file. */
  async land() {
    await this.#handle.sync()
    for (let k = 1; ; k++) {
      const suffix = extname(this.name)
      const name = k === 1 ? this.name : `${this.name.slice(0, this.name.length - suffix.length)} (${k})${suffix}`
      try {
        await link(this.#part, join(this.#folder, name))
        this.name = name
        return join(this.#folder, name)
      } catch (error) {
        if (error.code !== 'EEXIST') throw error
      }
    }
  }

  async close() {
    await this.#handle?.close()
    if (this.#handle !== null) await unlink(this.#part)
    this.#handle = null
  }
}
