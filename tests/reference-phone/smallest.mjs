// node tests/reference-phone/smallest.mjs LINK [--send PATH] [--inbox FOLDER] [--state FILE]
// The smallest app (protocol/README.md, section 8): it pairs, sends a file, receives files, and comes back without the code.
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { io } from 'socket.io-client'
import { RTCPeerConnection } from 'werift'
import { BLOCK, blockCount, blockLength, decodeHave, decodePart, encodePart, hashOf, rootOf } from './blocks.mjs'
import { answerMac, confirmMac, fromText, isSame, newId, offerMac, prove, readLink, toText } from './secrets.mjs'

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { send: { type: 'string' }, inbox: { type: 'string', default: 'received' }, state: { type: 'string' } },
})
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`)
const failed = (error) => tell({ event: 'error', message: error.message })
// Step 1: the link, or the key that the computer gave us the last time.
const kept = options.state && (await readFile(options.state, 'utf8').then(JSON.parse, () => null))
let secret = kept ? { ...kept, kid: fromText(kept.kid), key: fromText(kept.key) } : readLink(positionals[0] ?? '')

async function keep({ id, key }) {
  secret = { ...secret, kid: fromText(id), key: fromText(key) }
  if (options.state) await writeFile(options.state, JSON.stringify({ ...secret, kid: id, key }), { mode: 0o600 })
}

// Steps 2 and 3: the hub. Both sides prove the key, at every connect.
const socket = io(secret.url, { transports: ['websocket'] })
let [socketId, session, isJoined] = ['', null, false]
socket.on('welcome', ({ id }) => (socketId = id))
socket.on('connect', () => {
  const [own, nonce] = [secret, randomBytes(32)]
  ;[session, isJoined] = [null, false]
  const proof = { kid: toText(own.kid), nonce: toText(nonce), caps: '' }
  socket.emit('register', { uid: own.uid, type: 1, v: 2, name: 'Smallest', kind: 'app', proof }, (reply) => {
    if (!reply.ok || !reply.challenge) return end(reply.code ?? 'tampered')
    const proofs = prove(own, nonce, fromText(reply.challenge), socketId)
    socket.emit('prove', { mac: toText(proofs.own) }, ({ ok, code, mac }) => {
      if (!ok || !isSame(fromText(mac), proofs.hub)) return end(code ?? 'tampered')
      session = proofs.session
      if (isJoined) connect()
    })
  })
})
socket.on('joined', () => {
  isJoined = true
  if (session !== null) connect()
})
socket.on('byebye', () => (isJoined = false))
socket.on('disconnect', () => (session = null))
socket.on('message', (message) => void lane?.signal(message).catch(() => lane.lost()))
socket.on('ended', ({ code }) => end(code))

/** Step 4: refused, replaced, or against the rules. Says why, and does not come back by itself. */
function end(code) {
  tell({ event: 'ended', code })
  socket.close()
  setTimeout(() => process.exit(1), 500)
}

// Steps 5 to 7: the channel, bound to the key.
let lane = null
const toSend = options.send ? [options.send] : []

function connect() {
  lane?.lost()
  lane = new Lane(session)
  lane.offer().catch(failed)
}

/** One channel. Nothing is kept from one to the next: each is a run of its own, with a `session` of its own in `hello`. */
class Lane {
  #peer = new RTCPeerConnection({ iceServers: [], iceAdditionalHostAddresses: ['127.0.0.1'] })
  #channel = this.#peer.createDataChannel('lanyard', { negotiated: true, id: 0, ordered: true })
  #state = 'new'
  #early = []
  #heard = Date.now()
  #out = new Map()
  #in = new Map()
  #work = Promise.resolve()
  #timer = setInterval(() => (Date.now() - this.#heard > 15_000 ? this.lost() : this.say({ t: 'ping' })), 2_000)

  constructor(session) {
    this.session = session
    this.#channel.stateChanged.subscribe((state) =>
      state === 'open' ? this.#confirm() : state === 'closed' && this.lost(),
    )
    this.#peer.connectionStateChange.subscribe((state) => state === 'failed' && this.lost())
    // One message after the other.
    this.#channel.onMessage.subscribe((data) => (this.#work = this.#work.then(() => this.#take(data)).catch(failed)))
    this.#peer.onIceCandidate.subscribe(({ candidate, sdpMLineIndex, sdpMid } = {}) => {
      const one = { type: 'candidate', label: sdpMLineIndex ?? 0, id: sdpMid ?? '0', candidate }
      if (candidate && session === this.session) socket.emit('message', one)
    })
  }

  async offer() {
    const offer = await this.#peer.createOffer()
    this.mac = offerMac(this.session, offer.sdp)
    // Without a connection Socket.IO would keep it for the next registration, where it is wrong.
    if (session === this.session) socket.emit('message', { type: 'offer', sdp: offer.sdp, mac: toText(this.mac) })
    await this.#peer.setLocalDescription(offer)
  }

  async signal(message) {
    const add = ({ candidate, id, label }) =>
      this.#peer.addIceCandidate({ candidate, sdpMid: id, sdpMLineIndex: label }).catch(() => undefined)
    const early = this.#early
    if (message.type === 'candidate') return early ? early.push(message) : add(message)
    if (message.type !== 'answer' || !early) return
    if (!isSame(fromText(message.mac ?? ''), answerMac(this.session, this.mac, message.sdp))) return this.lost()
    this.#early = null
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: message.sdp })
    for (const one of early) await add(one)
  }

  say(frame) {
    if (this.#state === 'open') this.#channel.send(JSON.stringify(frame))
  }

  lost() {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearInterval(this.#timer)
    for (const file of this.#in.values()) this.#letGo(file)
    this.#in.clear()
    void this.#peer.close().catch(() => undefined)
    setTimeout(() => lane === this && isJoined && session === this.session && connect(), 2_000)
  }

  #macOf(type) {
    const [ours, theirs] = [this.#peer.localDescription.sdp, this.#peer.remoteDescription.sdp]
    return type === 1 ? confirmMac(this.session, 1, ours, theirs) : confirmMac(this.session, 0, theirs, ours)
  }

  #confirm() {
    if (this.#state !== 'new') return
    this.#state = 'confirming'
    this.#channel.send(JSON.stringify({ t: 'confirm', mac: toText(this.#macOf(1)) }))
  }

  async #take(data) {
    this.#heard = Date.now()
    if (this.#state === 'open')
      return typeof data === 'string' ? this.#frame(JSON.parse(data)) : this.#part(decodePart(data))
    if (this.#state === 'closed') return
    this.#confirm()
    const { t, mac } = JSON.parse(String(data))
    if (t !== 'confirm' || !isSame(fromText(mac), this.#macOf(0))) {
      this.#channel.send(JSON.stringify({ t: 'close', code: 'tampered' }))
      this.#state = 'refused'
      return void setTimeout(() => this.lost(), 1_000)
    }
    this.#state = 'open'
    this.say({ t: 'hello', v: 2, name: 'Smallest', kind: 'app', session: newId() })
    tell({ event: 'connected' })
    for (const path of toSend) await this.send(path)
  }

  #frame(frame) {
    const [out, file] = [this.#out.get(frame.n), this.#in.get(frame.n)]
    if (frame.t === 'credentials') return keep(frame)
    if (frame.t === 'close') return end(frame.code)
    if (frame.t === 'offer') return this.#offered(frame)
    if (frame.t === 'stop' || frame.t === 'done') return this.#over(frame, out ?? file)
    if (out) return this.#answered(out, frame)
    if (file && frame.t === 'block') return this.#hash(file, frame)
    if (file && frame.t === 'end') return this.#finish(file, frame.root)
    // `ping`, `resume`, and whatever a later version says.
  }

  #over({ t, n, code }, file) {
    if (!file) return
    const name = file.name
    if (this.#out.delete(n)) toSend.splice(toSend.indexOf(file.path), 1)
    if (this.#in.delete(n)) this.#letGo(file)
    tell({ event: t === 'done' ? 'sent' : 'stopped', name, ...(code && { code }) })
  }

  // Step 8: a file that goes out. Its blocks are read in order; at most eight are not acknowledged.
  async send(path) {
    const { size, mtimeMs } = await stat(path)
    const [n, name] = [2 * this.#out.size + 1, basename(path)]
    this.#out.set(n, { n, path, name, size, hashes: [], under: new Set(), again: [], turn: 0 })
    this.say({ t: 'offer', n, id: newId(), name, size, mtime: Math.round(mtimeMs), mime: '' })
  }

  #answered(file, { t, i, have }) {
    if (t === 'ack') file.under.delete(i)
    else if (t === 'resend') file.again.push(i)
    else if (t === 'accept') void this.#run(file, decodeHave(have), ++file.turn).catch(() => this.#changed(file))
    if (t === 'resend' && file.ended)
      void this.#run(file, (block) => block !== i, ++file.turn).catch(() => this.#changed(file))
  }

  #changed({ n }) {
    this.say({ t: 'stop', n, code: 'source-changed' })
    this.#over({ t: 'stop', n, code: 'source-changed' }, this.#out.get(n))
  }

  async #run(file, has, turn) {
    const { n, size, path } = file
    const there = await open(path, 'r')
    const isOn = () => this.#state === 'open' && file.turn === turn && this.#out.has(n)
    const todo = Array.from({ length: blockCount(size) }, (_, i) => i)
    file.ended = false
    while (isOn() && todo.length + file.again.length + file.under.size > 0) {
      const again = file.again.shift()
      const i = again ?? (file.under.size < 8 ? todo.shift() : undefined)
      if (i === undefined) await pause()
      else await this.#sendBlock(file, there, i, again !== undefined || !has(i), isOn)
    }
    await there.close()
    if (!isOn()) return
    file.ended = true
    this.say({ t: 'end', n, root: rootOf(size, file.hashes) })
  }

  async #sendBlock({ n, size, hashes, under }, there, i, withBytes, isOn) {
    const bytes = Buffer.alloc(blockLength(size, i))
    if ((await there.read(bytes, 0, bytes.length, i * BLOCK)).bytesRead < bytes.length) throw new Error('it changed')
    if (withBytes) under.add(i)
    for (let at = 0; withBytes && at < bytes.length && isOn(); at += 60_000) {
      while (this.#channel.bufferedAmount > 1_000_000) await pause()
      this.#channel.send(encodePart(n, i, at, bytes.subarray(at, at + 60_000)))
    }
    hashes[i] = hashOf(bytes)
    this.say({ t: 'block', n, i, hash: hashes[i] })
  }

  // Step 9: a file that comes in. It is written block by block, and named when it is whole.
  async #offered({ n, id, name, size }) {
    if (/[/\\]/.test(name) || name.includes('..')) return this.say({ t: 'stop', n, code: 'bad-name' })
    const clean = name.replace(/[\p{C}<>:"|?*]/gu, '_').slice(0, 80) || 'untitled'
    const part = join(options.inbox, `.${id}.part`)
    await mkdir(options.inbox, { recursive: true })
    this.#in.set(n, { n, name: clean, size, part, blocks: new Map(), got: [], said: [], again: new Set(), to: await open(part, 'w') }) // prettier-ignore
    this.say({ t: 'accept', n })
  }

  async #part({ n, block: i, offset, payload }) {
    const file = this.#in.get(n)
    if (!file) return
    const block = offset === 0 ? Buffer.alloc(0) : file.blocks.get(i)
    if (block?.length !== offset || offset + payload.length > blockLength(file.size, i))
      return this.#stop(file, 'malformed')
    const bytes = Buffer.concat([block, payload])
    file.blocks.set(i, bytes)
    if (bytes.length < blockLength(file.size, i)) return
    file.blocks.delete(i)
    await file.to.write(bytes, 0, bytes.length, i * BLOCK)
    file.got[i] = hashOf(bytes)
    if (this.#isRight(file, i)) this.say({ t: 'ack', n, i })
  }

  #hash(file, { i, hash }) {
    file.said[i] = hash
    this.#isRight(file, i)
  }

  /** A block that is not what its hash says is asked for once more. */
  #isRight(file, i) {
    if (!file.got[i] || !file.said[i] || file.got[i] === file.said[i]) return true
    if (file.again.has(i)) return this.#stop(file, 'corrupt')
    file.again.add(i)
    file.got[i] = undefined
    this.say({ t: 'resend', n: file.n, i })
  }

  async #finish(file, root) {
    const { n, size, got, part, to } = file
    const isWhole = got.filter(Boolean).length === blockCount(size) && rootOf(size, got) === root
    if (!isWhole) return this.#stop(file, 'corrupt')
    await to.sync()
    await to.close()
    const path = join(options.inbox, `${n}-${file.name}`)
    await link(part, path).then(() => unlink(part))
    this.#in.delete(n)
    this.say({ t: 'done', n, root })
    tell({ event: 'received', name: file.name, path })
  }

  #stop(file, code) {
    this.say({ t: 'stop', n: file.n, code })
    this.#over({ t: 'stop', n: file.n, code }, file)
  }

  #letGo({ to, part }) {
    void to.close().then(() => unlink(part)).catch(failed) // prettier-ignore
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 5))
createInterface({ input: process.stdin }).on('line', (line) => {
  if (!line.startsWith('send ')) return
  toSend.push(line.slice(5))
  lane?.send(line.slice(5)).catch(failed)
})
