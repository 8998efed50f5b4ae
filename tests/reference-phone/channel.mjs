// The data channel: an offer that is bound to the key, candidates, and `confirm` before anything else (section 4).
import { RTCPeerConnection } from 'werift'
import { answerMac, confirmMac, fromText, isSame, offerMac, toText } from './secrets.mjs'

/** Milliseconds: silence after which `ping` is said, after which the channel is given up, and for it to open at all. */
const PING_MS = 2_000
const SILENT_MS = 6_500
const OPEN_MS = 15_000
/** Milliseconds that a last word has to leave. */
const LAST_WORD_MS = 1_000
/** Bytes that came after which `got` is said once more (section 5.1). */
const GOT_EVERY = 131_072

/** Characters of a piece of a long text (section 5). */
const PIECE = 16_384

/** One attempt, from its offer to its end. A new attempt is a new object. */
export class Channel {
  #peer = new RTCPeerConnection({ iceServers: [], iceAdditionalHostAddresses: ['127.0.0.1'] })
  #session
  #events
  #channel
  #offer = Buffer.alloc(0)
  #early = []
  #state = 'opening'
  #hasConfirmed = false
  #heard = Date.now()
  #said = Date.now()
  #pieces = ''
  /** The computer puts pieces together. */
  takesPieces = false
  #came = 0
  #told = 0
  #timer = setInterval(() => this.#tick(), 500)
  #limit = setTimeout(() => this.#state !== 'open' && this.close(), OPEN_MS)

  /** Events: send(message) to the hub, onOpen(channel), onFrame(text or bytes), onClose(). */
  constructor(session, events) {
    this.#session = session
    this.#events = events
    this.#channel = this.#peer.createDataChannel('lanyard', { negotiated: true, id: 0, ordered: true })
    this.#channel.stateChanged.subscribe((state) => {
      if (state === 'open') this.#confirm()
      if (state === 'closed') this.close()
    })
    this.#channel.onMessage.subscribe((data) => this.#take(data))
    this.#peer.connectionStateChange.subscribe((state) => state === 'failed' && this.close())
    this.#peer.onIceCandidate.subscribe((candidate) => this.#tell(candidate))
  }

  async offer() {
    const offer = await this.#peer.createOffer()
    this.#offer = offerMac(this.#session, offer.sdp)
    this.#events.send({ type: 'offer', sdp: offer.sdp, mac: toText(this.#offer) })
    await this.#peer.setLocalDescription(offer)
  }

  /** An answer or a candidate. Candidates may come before the answer. */
  async receive(message) {
    if (message.type === 'candidate') {
      if (this.#early === null) await this.#add(message)
      else this.#early.push(message)
      return
    }
    if (message.type !== 'answer' || this.#early === null) return
    // Whose mac is not right was changed on the way: not applied.
    if (!isSame(fromText(message.mac ?? ''), answerMac(this.#session, this.#offer, message.sdp))) return this.close()
    const early = this.#early
    this.#early = null
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: message.sdp })
    for (const one of early) await this.#add(one)
  }

  get isOpen() {
    return this.#state === 'open'
  }

  /** Bytes that wait to go out. */
  get waiting() {
    return this.#channel.bufferedAmount
  }

  say(frame) {
    if (!this.isOpen) return
    const text = JSON.stringify(frame)
    if (!this.takesPieces || text.length <= PIECE) return this.#send(text)
    for (let at = 0; at < text.length;) {
      // Never between the two halves of a character.
      const end = at + PIECE - (/[\ud800-\udbff]/.test(text[at + PIECE - 1] ?? '') ? 1 : 0)
      this.#send((end < text.length ? '+' : '.') + text.slice(at, end))
      at = end
    }
  }

  /** A text, or pieces of one; null while it is not whole. */
  #join(text) {
    if (text[0] !== '+' && text[0] !== '.') return text
    this.#pieces += text.slice(1)
    if (text[0] === '+') return null
    const whole = this.#pieces
    this.#pieces = ''
    return whole
  }

  sendBytes(bytes) {
    if (this.isOpen) this.#send(bytes)
  }

  close() {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearInterval(this.#timer)
    clearTimeout(this.#limit)
    void this.#peer.close().catch(() => undefined)
    this.#events.onClose()
  }

  /** How much has come, to who sends no more than fits on the way. */
  #count(bytes) {
    this.#came += bytes
    if (this.#came - this.#told < GOT_EVERY) return
    this.#told = this.#came
    this.say({ t: 'ping', got: this.#came })
  }

  #send(data) {
    this.#said = Date.now()
    this.#channel.send(data)
  }

  #macOf(type) {
    const local = this.#peer.localDescription.sdp
    const remote = this.#peer.remoteDescription.sdp
    return type === 1 ? confirmMac(this.#session, 1, local, remote) : confirmMac(this.#session, 0, remote, local)
  }

  /** Once, before anything else: a message of the computer may be here before this end is told that it is open. */
  #confirm() {
    if (this.#hasConfirmed) return
    this.#hasConfirmed = true
    this.#send(JSON.stringify({ t: 'confirm', mac: toText(this.#macOf(1)) }))
  }

  /** Nothing is read before the computer has confirmed. */
  #take(data) {
    this.#heard = Date.now()
    if (this.#state === 'open') {
      const whole = typeof data === 'string' ? this.#join(data) : data
      if (whole !== null) this.#events.onFrame(whole)
      if (typeof data !== 'string') this.#count(data.byteLength)
    }
    if (this.#state !== 'opening') return
    const { t, mac } = JSON.parse(String(data))
    if (t !== 'confirm' || !isSame(fromText(mac), this.#macOf(0))) {
      if (t === 'close') return this.close()
      this.#state = 'refused'
      this.#send(JSON.stringify({ t: 'close', code: 'tampered' }))
      // Closed at once, the stack would forget what waits to go out.
      setTimeout(() => this.close(), LAST_WORD_MS)
      return
    }
    this.#confirm()
    this.#state = 'open'
    this.#events.onOpen(this)
  }

  #tick() {
    if (!this.isOpen) return
    if (Date.now() - this.#heard > SILENT_MS) this.close()
    else if (Date.now() - this.#said > PING_MS) this.say({ t: 'ping' })
  }

  #tell(candidate) {
    if (candidate === undefined || candidate.candidate === '') return
    const { sdpMLineIndex: label, sdpMid: id } = candidate
    this.#events.send({ type: 'candidate', label: label ?? 0, id: id ?? '0', candidate: candidate.candidate })
  }

  /** One that does not fit is no error: hidden names, other families. */
  async #add({ candidate, id, label }) {
    await this.#peer.addIceCandidate({ candidate, sdpMid: id, sdpMLineIndex: label }).catch(() => undefined)
  }
}
