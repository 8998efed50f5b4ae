// node tests/reference-phone/smallest.mjs LINK [--send PATH] [--inbox FOLDER] [--state FILE]
// The smallest app (protocol/README.md, section 8): it pairs, sends a file, receives files, and comes back without the code.
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { io } from 'socket.io-client'
import { RTCPeerConnection } from 'werift'
import { BLOCK, blockCount, blockLength, decodePart, encodePart, hashOf, rootOf } from './blocks.mjs'
import { answerMac, confirmMac, fromText, isSame, newId, offerMac, prove, toText } from './secrets.mjs'
import { keep, start } from './start.mjs'

// Step 1: the link, or the key that the computer gave us the last time.
const text = { type: 'string' }
const { options, ...known } = start({ send: text, inbox: { ...text, default: 'received' }, state: text })
let { secret } = known
const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`)
const failed = ({ message }) => tell({ event: 'error', message })

// Steps 2 and 3: the hub. Both sides prove the key, at every connect.
const socket = io(secret.url, { transports: ['websocket'] })
let [socketId, session, isJoined, lane] = ['', null, false, null]
socket.on('connect_error', failed)
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
function connect() {
  lane?.lost()
  lane = new Lane(session)
  lane.offer().catch(failed)
}

/** Files to be sent; the first of them is under way. */
const toSend = options.send ? [options.send] : []

/** One channel. Nothing is kept from one to the next: each is a run of its own, with a `session` of its own in `hello`. */
class Lane {
  #peer = new RTCPeerConnection({ iceServers: [], iceAdditionalHostAddresses: ['127.0.0.1'] })
  #channel = this.#peer.createDataChannel('lanyard', { negotiated: true, id: 0, ordered: true })
  #state = 'new'
  #early = []
  #heard = Date.now()
  #n = -1
  #out = null
  #in = new Map()
  #timer = setInterval(() => (Date.now() - this.#heard > 15_000 ? this.lost() : this.say({ t: 'ping' })), 2_000)

  constructor(session) {
    this.session = session
    this.#channel.stateChanged.subscribe((state) =>
      state === 'open' ? this.#confirm() : state === 'closed' && this.lost(),
    )
    this.#peer.connectionStateChange.subscribe((state) => state === 'failed' && this.lost())
    this.#channel.onMessage.subscribe((data) => void this.#take(data).catch(failed))
    this.#peer.onIceCandidate.subscribe(({ candidate, sdpMLineIndex, sdpMid } = {}) => {
      if (candidate) this.#signal({ type: 'candidate', label: sdpMLineIndex ?? 0, id: sdpMid ?? '0', candidate })
    })
  }

  /** Without a registration Socket.IO would keep it for the next one, where it is wrong. */
  #signal(message) {
    if (session === this.session) socket.emit('message', message)
  }

  async offer() {
    const offer = await this.#peer.createOffer()
    this.mac = offerMac(this.session, offer.sdp)
    this.#signal({ type: 'offer', sdp: offer.sdp, mac: toText(this.mac) })
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
    if (this.#out) fs.closeSync(this.#out.from)
    for (const file of this.#in.values()) this.#letGo(file)
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
    if (this.#state === 'closed') return
    if (this.#state === 'open')
      return typeof data === 'string' ? this.#frame(JSON.parse(data)) : this.#part(decodePart(data))
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
    this.sendNext()
  }

  #frame(frame) {
    const [out, file] = [this.#out?.n === frame.n ? this.#out : null, this.#in.get(frame.n)]
    if (frame.t === 'credentials') secret = keep(secret, frame, options.state)
    else if (frame.t === 'close') end(frame.code)
    else if (frame.t === 'offer') this.#offered(frame)
    else if (frame.t === 'stop' || frame.t === 'done') this.#over(frame, out ?? file)
    else if (out) this.#answered(out, frame)
    else if (file && frame.t === 'block') this.#hash(file, frame)
    else if (file && frame.t === 'end') this.#finish(file, frame.root)
    // `ping`, `resume`, and whatever a later version says.
  }

  #stop(file, code) {
    this.say({ t: 'stop', n: file.n, code })
    this.#over({ t: 'stop', code }, file)
  }

  #over({ t, code }, file) {
    if (!file) return
    tell({ event: t === 'done' ? 'sent' : 'stopped', name: file.name, ...(code && { code }) })
    if (file !== this.#out) return this.#letGo(file)
    fs.closeSync(file.from)
    toSend.shift()
    this.#out = null
    this.sendNext()
  }

  // Step 8: a file that goes out, one at a time, and one block of it after the other is acknowledged.
  sendNext() {
    if (this.#state !== 'open' || this.#out || toSend.length === 0) return
    try {
      const from = fs.openSync(toSend[0])
      const { size, mtimeMs } = fs.fstatSync(from)
      const left = new Set(Array(blockCount(size)).keys())
      this.#out = { n: (this.#n += 2), name: basename(toSend[0]), size, from, left, hashes: [], isHeld: false }
      const { n, name } = this.#out
      this.say({ t: 'offer', n, id: newId(), name, size, mtime: Math.round(mtimeMs), mime: '' })
    } catch (error) {
      failed(error)
      toSend.shift()
      this.sendNext()
    }
  }

  #answered(file, { t, i, on }) {
    if (t === 'pause') file.isHeld = on
    else if (t === 'ack') file.left.delete(i)
    else if (t === 'resend') file.left = new Set([i, ...file.left])
    else if (t === 'accept') file.left = new Set(Array(blockCount(file.size)).keys())
    else return
    if (!file.isHeld) this.#sendBlock(file, [...file.left][0])
  }

  #sendBlock(file, i) {
    const { n, size, hashes, from } = file
    if (i === undefined) return this.say({ t: 'end', n, root: rootOf(size, hashes) })
    const bytes = Buffer.alloc(blockLength(size, i))
    if (fs.readSync(from, bytes, 0, bytes.length, i * BLOCK) < bytes.length) return this.#stop(file, 'source-changed')
    for (let at = 0; at < bytes.length; at += 60_000)
      this.#channel.send(encodePart(n, i, at, bytes.subarray(at, at + 60_000)))
    hashes[i] = hashOf(bytes)
    this.say({ t: 'block', n, i, hash: hashes[i] })
  }

  // Step 9: a file that comes in. It is written block by block, and named when it is whole.
  #offered({ n, id, name, size }) {
    if (/[/\\]/.test(name) || name.includes('..')) return this.say({ t: 'stop', n, code: 'bad-name' })
    if (size > 1_258_291_200_000) return this.say({ t: 'stop', n, code: 'too-large' })
    const clean = name.replace(/[\p{C}<>:"|?*]/gu, '_').slice(0, 80) || 'untitled'
    const part = join(options.inbox, `.${id}.part`)
    fs.mkdirSync(options.inbox, { recursive: true })
    this.#in.set(n, { n, name: clean, size, part, to: fs.openSync(part, 'w'), open: [], got: [], said: [], again: [] })
    this.say({ t: 'accept', n })
  }

  #part({ n, block: i, offset, payload }) {
    const file = this.#in.get(n)
    if (!file) return
    const before = offset === 0 ? Buffer.alloc(0) : file.open[i]
    if (before?.length !== offset || offset + payload.length > blockLength(file.size, i))
      return this.#stop(file, 'malformed')
    const bytes = (file.open[i] = Buffer.concat([before, payload]))
    if (bytes.length < blockLength(file.size, i)) return
    delete file.open[i]
    fs.writeSync(file.to, bytes, 0, bytes.length, i * BLOCK)
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
    if (file.again[i]) return this.#stop(file, 'corrupt')
    file.again[i] = true
    file.got[i] = undefined
    this.say({ t: 'resend', n: file.n, i })
  }

  #finish(file, root) {
    const { n, size, name, got, part, to } = file
    const isWhole = got.filter(Boolean).length === blockCount(size) && rootOf(size, got) === root
    if (!isWhole) return this.#stop(file, 'corrupt')
    fs.fsyncSync(to)
    const path = join(options.inbox, `${n}-${name}`)
    fs.linkSync(part, path)
    this.#letGo(file)
    this.say({ t: 'done', n, root })
    tell({ event: 'received', name, path })
  }

  #letGo({ n, to, part }) {
    if (!this.#in.delete(n)) return
    fs.closeSync(to)
    fs.unlinkSync(part)
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (!line.startsWith('send ')) return
  toSend.push(line.slice(5))
  lane?.sendNext()
})
