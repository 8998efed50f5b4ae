// Files that go out (sections 5 to 5.3): offered, accepted, sent block by block, ended when all is acknowledged.
import { open, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { BLOCK, blockCount, blockLength, encodePart, hashOf, rootOf } from './blocks.mjs'
import { newId } from './secrets.mjs'

const CREDIT = 8_388_608
const OFFERS_MAX = 256
/** Of a message. It may have 262,144 if the other side's SDP says so; this fits everybody. */
const PAYLOAD = 65_000

/** Which blocks the computer has, as `accept` says it. */
function decodeHave(text = '') {
  const bits = Buffer.from(text, 'base64url')
  return (i) => ((bits[i >> 3] ?? 0) & (1 << (i & 7))) !== 0
}

/** All that goes out. `lane()` gives the open channel or null. */
export class Sending {
  #files = []
  #n = -1
  #lane
  #tell

  constructor(lane, tell) {
    this.#lane = lane
    this.#tell = tell
  }

  /** Paths, maybe as a batch { id, name }: what an export asks for. */
  async send(paths, batch) {
    const files = []
    for (const path of paths)
      files.push(
        new Outgoing(path, (this.#n += 2), batch && { ...batch, files: paths.length, bytes: 0 }, await stat(path)),
      )
    const bytes = files.reduce((sum, { size }) => sum + size, 0)
    for (const file of files) if (file.batch) file.batch.bytes = bytes
    this.#files.push(...files)
    this.#offer()
  }

  /** A lane is open: it says what is still on offer, and offers it again. */
  resume() {
    const offered = this.#files.filter(({ isOffered }) => isOffered)
    this.#lane()?.say({ t: 'resume', ns: offered.map(({ n }) => n) })
    for (const file of offered) file.isOffered = file.isAccepted = false
    this.#offer()
  }

  receive(frame) {
    const file = this.#files.find(({ n }) => n === frame.n)
    if (file === undefined) return
    if (frame.t === 'stop') this.#over(file, { event: 'not-sent', name: file.name, code: frame.code })
    else if (frame.t === 'done') {
      const isWhole = frame.root === undefined || frame.root === file.root
      this.#over(file, { event: isWhole ? 'sent' : 'not-sent', name: file.name, size: file.size })
    } else {
      file.receive(frame)
      void this.#run(file)
    }
  }

  /** As many offers as the other side takes, the batch before the first of its files. */
  #offer() {
    const lane = this.#lane()
    if (lane === null) return
    const said = new Set(this.#files.filter(({ isOffered }) => isOffered).map(({ batch }) => batch?.id))
    for (const file of this.#files.slice(0, OFFERS_MAX)) {
      if (file.isOffered) continue
      if (file.batch && !said.has(file.batch.id)) lane.say({ t: 'batch', ...file.batch })
      said.add(file.batch?.id)
      file.isOffered = true
      lane.say(file.offer)
    }
  }

  async #run(file) {
    const lane = this.#lane()
    if (lane === null || file.isRunning) return
    file.isRunning = true
    try {
      await file.run(() => (lane === this.#lane() ? lane : null))
    } catch {
      lane.say({ t: 'stop', n: file.n, code: 'source-changed' })
      this.#over(file, { event: 'not-sent', name: file.name, code: 'source-changed' })
    } finally {
      file.isRunning = false
    }
    if (file.wantsMore) await this.#run(file)
  }

  #over(file, event) {
    this.#files = this.#files.filter((one) => one !== file)
    file.over = true
    this.#tell(event)
    this.#offer()
  }
}

/** One file on its way out. */
class Outgoing {
  id = newId()
  isOffered = false
  isAccepted = false
  /** The computer holds it up. */
  isHeld = false
  isRunning = false
  over = false
  root = ''
  #path
  #todo = []
  /** The first and the last block that are there: told first, so that it is seen if this is another file by now. */
  #probes = []
  #underWay = new Map()
  #hashes = []
  #told = new Set()
  #isEnded = false

  constructor(path, n, batch, { size, mtimeMs }) {
    this.#path = path
    this.n = n
    this.batch = batch
    this.name = basename(path)
    this.size = size
    this.offer = {
      t: 'offer',
      n,
      id: this.id,
      name: this.name,
      size,
      mtime: Math.round(mtimeMs),
      mime: '',
      ...(batch && { batch: batch.id }),
    }
  }

  get wantsMore() {
    return this.isAccepted && !this.isHeld && !this.over && !this.isRunning && this.#nextStep() !== null
  }

  receive({ t, i, have, on }) {
    if (t === 'pause') this.isHeld = on
    else if (t === 'accept') {
      const has = decodeHave(have)
      const all = Array.from({ length: blockCount(this.size) }, (_, block) => block)
      const there = all.filter(has)
      this.#todo = all.filter((block) => !has(block))
      this.#probes = [...new Set([there[0], there.at(-1)])].filter((block) => block !== undefined)
      this.#underWay.clear()
      this.#told.clear()
      this.isAccepted = true
      this.#isEnded = false
    } else if (t === 'ack') this.#underWay.delete(i)
    else if (t === 'resend') {
      this.#underWay.delete(i)
      this.#todo.unshift(i)
      this.#isEnded = false
    }
  }

  #nextStep() {
    if (this.#probes.length > 0) return 'probe'
    const underWay = [...this.#underWay.values()].reduce((sum, length) => sum + length, 0)
    if (this.#todo.length > 0) return underWay + BLOCK <= CREDIT ? 'block' : null
    return underWay === 0 && !this.#isEnded ? 'end' : null
  }

  /** Does what can be done now, as long as it is over this lane. */
  async run(lane) {
    const file = await open(this.#path, 'r')
    try {
      for (
        let step;
        this.isAccepted && !this.isHeld && !this.over && lane() !== null && (step = this.#nextStep()) !== null;
      )
        if (step === 'probe') await this.#hash(file, this.#probes.shift(), lane)
        else if (step === 'block') await this.#block(file, this.#todo.shift(), lane)
        else await this.#end(file, lane)
    } finally {
      await file.close()
    }
  }

  async #read(file, i) {
    const bytes = Buffer.alloc(blockLength(this.size, i))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, i * BLOCK)
    if (bytesRead !== bytes.length) throw new Error('the file changed')
    this.#hashes[i] = hashOf(bytes)
    return bytes
  }

  async #block(file, i, lane) {
    this.#underWay.set(i, blockLength(this.size, i))
    const bytes = await this.#read(file, i)
    for (let at = 0; at < bytes.length; at += PAYLOAD) {
      while ((lane()?.waiting ?? 0) > 1_000_000) await new Promise((resolve) => setTimeout(resolve, 5))
      lane()?.sendBytes(encodePart(this.n, i, at, bytes.subarray(at, at + PAYLOAD)))
    }
    this.#tellHash(i, lane)
  }

  async #hash(file, i, lane) {
    await this.#read(file, i)
    this.#tellHash(i, lane)
  }

  #tellHash(i, lane) {
    this.#told.add(i)
    lane()?.say({ t: 'block', n: this.n, i, hash: this.#hashes[i] })
  }

  /** The hash of every block is told, also of those that were there already. */
  async #end(file, lane) {
    for (let i = 0; i < blockCount(this.size); i++) if (!this.#told.has(i)) await this.#hash(file, i, lane)
    this.root = rootOf(this.size, this.#hashes)
    this.#isEnded = true
    lane()?.say({ t: 'end', n: this.n, root: this.root })
  }
}
