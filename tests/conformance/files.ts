import { createHash } from 'node:crypto'
import { blockCount, blockLength, decodeHave, encodeHave, encodePart, rootInput, type Part } from '#protocol/blocks.ts'
import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { must } from './checks.ts'
import { ANSWER_MS, newId, type Conversation, type FrameOf, type Heard } from './conversation.ts'

/** Bytes of each part that this side sends: what every lane takes. */
const PART_BYTES = 60_000

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

type Place = Partial<Pick<FrameOf<'offer'>, 'batch' | 'path' | 'thumb'>>

/** A file that this side sends, step by step, so that a check can take a wrong one. */
export class SentFile {
  readonly id = newId()
  readonly name: string
  readonly bytes: Uint8Array
  /** Its number on the wire: another one each time that it is offered anew. */
  n: number

  constructor(n: number, name: string, bytes: Uint8Array) {
    this.n = n
    this.name = name
    this.bytes = bytes
  }

  get count(): number {
    return blockCount(this.bytes.length)
  }

  get root(): string {
    const hashes = Array.from({ length: this.count }, (_, i) => this.hashOf(i))
    return sha256(rootInput(this.bytes.length, hashes))
  }

  hashOf(i: number): string {
    return sha256(this.#block(i))
  }

  #block(i: number): Uint8Array {
    return this.bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)
  }

  /** `place`: its batch and folders, or that it has a thumbnail. */
  offer(on: Conversation, place: Place = {}): void {
    const { n, id, name, bytes } = this
    on.say({ t: 'offer', n, id, name, size: bytes.length, mtime: 1_730_000_000_000, mime: '', ...place })
  }

  /** Resolves with which blocks the receiver has. */
  async accepted(on: Conversation): Promise<(i: number) => boolean> {
    const { have } = await on.next('accept', ({ n }) => n === this.n)
    return decodeHave(this.count, have)
  }

  /** Sends the bytes of block `i`, the first of them another one where the block is to arrive `wrong`, or only a `share` of it. */
  async parts(on: Conversation, i: number, { wrong = false, share = 1 } = {}): Promise<void> {
    const block = Uint8Array.from(this.#block(i))
    if (wrong) block[0] = (block[0] ?? 0) ^ 1
    for (let at = 0; at < block.length * share; at += PART_BYTES)
      await on.sendPart(encodePart({ n: this.n, block: i, offset: at, payload: block.subarray(at, at + PART_BYTES) }))
  }

  tell(on: Conversation, i: number): void {
    on.say({ t: 'block', n: this.n, i, hash: this.hashOf(i) })
  }

  async acked(on: Conversation, i: number): Promise<void> {
    await on.next('ack', (ack) => ack.n === this.n && ack.i === i)
  }

  end(on: Conversation, root = this.root): void {
    on.say({ t: 'end', n: this.n, root })
  }

  async isDone(on: Conversation): Promise<void> {
    const { root } = await on.next('done', ({ n }) => n === this.n)
    must(root === undefined || root === this.root, '`done` has a root that is not that of the file')
  }

  /** Waits for the end that is no `done`. */
  async isStopped(on: Conversation, code: string): Promise<void> {
    const isEnd = (one: Heard): boolean => (one.t === 'stop' || one.t === 'done') && one.n === this.n
    const end = await on.heard.take('`stop`', ANSWER_MS, isEnd)
    must(end.t === 'stop', `it says \`done\`, not \`stop\` with \`${code}\``)
    must(end.code === code, `\`stop\` has the code ${end.code}, not ${code}`)
  }

  /** All that is missing, to the end. `backwards`: the last block first, and each hash before its bytes. */
  async finish(on: Conversation, has: (i: number) => boolean, backwards = false): Promise<void> {
    const order = Array.from({ length: this.count }, (_, i) => (backwards ? this.count - 1 - i : i))
    for (const i of order) {
      if (backwards || has(i)) this.tell(on, i)
      if (!has(i)) await this.parts(on, i)
      if (!backwards && !has(i)) this.tell(on, i)
      if (!has(i)) await this.acked(on, i)
    }
    this.end(on)
    await this.isDone(on)
  }

  /** From the offer to `done`. */
  async deliver(on: Conversation, backwards = false, place: Place = {}): Promise<void> {
    this.offer(on, place)
    await this.finish(on, await this.accepted(on), backwards)
  }
}

/**
 * A file that the other side sends: joins its blocks, and checks that they come as section 5.1 says. What is answered is the
 * check's own affair.
 */
export class TakenFile {
  readonly offer: FrameOf<'offer'>
  n: number
  /** What has come since the last offer: hashes and first parts of blocks, in order. */
  order: { readonly what: 'hash' | 'bytes'; readonly i: number }[] = []
  /** Bytes that came and were not acknowledged. */
  underWay = 0
  readonly #hashes: string[] = []
  readonly #open = new Map<number, { readonly bytes: Uint8Array; filled: number }>()
  readonly #whole = new Map<number, Uint8Array>()

  constructor(offer: FrameOf<'offer'>) {
    this.offer = offer
    this.n = offer.n
  }

  get count(): number {
    return blockCount(this.offer.size)
  }

  has(i: number): boolean {
    return this.#whole.has(i)
  }

  /** What is here of all blocks, in order. */
  get bytes(): Uint8Array {
    return Buffer.concat([...this.#whole.entries()].sort(([a], [b]) => a - b).map(([, bytes]) => bytes))
  }

  /** Whether a hash was told that is not that of the bytes which are here. */
  get isContradicted(): boolean {
    return [...this.#whole].some(([i, bytes]) => this.#hashes[i] !== undefined && this.#hashes[i] !== sha256(bytes))
  }

  /** Says `accept` with what is here. */
  accept(on: Conversation): void {
    const have = encodeHave(this.count, (i) => this.has(i))
    on.say({ t: 'accept', n: this.n, ...(have !== undefined && { have }) })
  }

  /** It is offered again, under another number: what was under way over the lane before is lost. */
  offeredAgain({ n, id, size }: FrameOf<'offer'>): void {
    must(id === this.offer.id && size === this.offer.size, 'the file is offered again with another id or size')
    this.n = n
    this.order = []
    this.underWay = 0
    this.#open.clear()
  }

  /** Forgets a block, as if it were not what its hash says; or all of them. */
  forget(i?: number): void {
    for (const one of i === undefined ? [...this.#whole.keys()] : [i]) this.#whole.delete(one)
  }

  ack(on: Conversation, i: number): void {
    this.underWay -= blockLength(this.offer.size, i)
    on.say({ t: 'ack', n: this.n, i })
  }

  /** Takes what comes next. Returns the block that is whole now, or the frame that is no part and no hash; null for others. */
  async step(on: Conversation, ms = ANSWER_MS): Promise<number | FrameOf<'end'> | FrameOf<'stop'> | null> {
    const next = await on.heard.take('part, `block` or `end`', ms, (one) => 'n' in one && one.n === this.n)
    if (next.t === 'part') return this.#part(next)
    if (next.t === 'block') this.#hash(next)
    return next.t === 'end' || next.t === 'stop' ? next : null
  }

  /** Acknowledges whatever comes, to `end`; then checks it and says `done`. */
  async finish(on: Conversation): Promise<void> {
    for (;;) {
      const next = await this.step(on)
      if (typeof next === 'number') this.ack(on, next)
      else if (next?.t === 'stop') throw new Error(`it was stopped: ${next.code}`)
      else if (next !== null) {
        this.check(next)
        on.say({ t: 'done', n: this.n, root: next.root })
        return
      }
    }
  }

  /** Throws unless all of it is here, and is what its hashes and its root say. */
  check({ root }: FrameOf<'end'>): void {
    for (let i = 0; i < this.count; i++) {
      const block = this.#whole.get(i)
      must(block !== undefined, `\`end\` before block ${i} is here`)
      must(this.#hashes[i] !== undefined, `the hash of block ${i} was not told`)
      must(sha256(block) === this.#hashes[i], `block ${i} is not what its hash says`)
    }
    const own = sha256(rootInput(this.offer.size, this.#hashes))
    must(own === root, 'the root is not that of the blocks that came')
  }

  #hash({ i, hash }: FrameOf<'block'>): void {
    this.order.push({ what: 'hash', i })
    this.#hashes[i] = hash
  }

  #part({ block: i, offset, payload }: Part): number | null {
    const length = blockLength(this.offer.size, i)
    must(i < this.count, `a part of block ${i}, of ${this.count}`)
    const open = this.#open.get(i) ?? { bytes: new Uint8Array(length), filled: 0 }
    must(open.filled === offset, `a part of block ${i} at ${offset}, where ${open.filled} is next`)
    must(offset + payload.length <= length, `a part beyond block ${i}`)
    if (offset === 0) this.order.push({ what: 'bytes', i })
    open.bytes.set(payload, offset)
    open.filled += payload.length
    this.underWay += payload.length
    this.#open.set(i, open)
    must(this.underWay <= CREDIT_BYTES, `${this.underWay} bytes are under way and not acknowledged`)
    if (open.filled < length) return null
    this.#open.delete(i)
    this.#whole.set(i, open.bytes)
    return i
  }
}
