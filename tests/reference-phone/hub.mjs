// Meeting at the hub: Socket.IO, `register` with a proof, `joined` (sections 3.2 and 3.3).
import { randomBytes } from 'node:crypto'
import { io } from 'socket.io-client'
import { fromText, isSame, prove, toText } from './secrets.mjs'

/**
 * Keeps one registration up. `secret()` gives { uid, kid, key } of the link or, later, of this device.
 * Calls: onJoined(session), onLeft(), onMessage(message), onUnreachable(message), onRefused(code).
 */
export class Hub {
  #socket
  #options
  #id = ''
  #session = null
  #isJoined = false

  constructor(options) {
    this.#options = options
    // No Origin header goes with it, as Node sends none: only pages have one.
    this.#socket = io(options.url, { transports: ['websocket'], forceNew: true })
    this.#socket.on('connect_error', ({ message }) => options.onUnreachable(message))
    this.#socket.on('welcome', ({ id }) => (this.#id = id))
    // At every connect: the hub forgets who is gone.
    this.#socket.on('connect', () => this.#register())
    this.#socket.on('disconnect', () => (this.#session = null))
    this.#socket.on('joined', () => this.#joined(true))
    this.#socket.on('byebye', () => {
      this.#isJoined = false
      options.onLeft()
    })
    this.#socket.on('message', (message) => options.onMessage(message))
    this.#socket.on('ended', ({ code }) => this.#refused(code))
  }

  /** Only now: Socket.IO would keep it while there is no connection, and say it in the next registration, where it is wrong. */
  send(message) {
    if (this.#session !== null) this.#socket.emit('message', message)
  }

  close() {
    this.#socket.close()
  }

  #register() {
    const { name, secret } = this.#options
    const own = secret()
    const nonce = randomBytes(32)
    const proof = { kid: toText(own.kid), nonce: toText(nonce), caps: '' }
    this.#session = null
    this.#isJoined = false
    this.#socket.emit('register', { uid: own.uid, type: 1, v: 2, name, kind: 'app', proof }, (reply) => {
      if (!reply.ok) this.#refused(reply.code)
      // A hub that asks for no proof is not the computer whose code was scanned.
      else if (reply.challenge === undefined) this.#refused('tampered')
      else this.#prove(own, nonce, fromText(reply.challenge))
    })
  }

  #prove(secret, nonce, challenge) {
    const proofs = prove(secret, nonce, challenge, this.#id)
    this.#socket.emit('prove', { mac: toText(proofs.own) }, (reply) => {
      if (!reply.ok) this.#refused(reply.code)
      else if (!isSame(fromText(reply.mac), proofs.hub)) this.#refused('tampered')
      else {
        this.#session = proofs.session
        this.#joined(this.#isJoined)
      }
    })
  }

  /** `joined` may be here before the reply; it is acted upon once the session is proved. */
  #joined(isJoined) {
    this.#isJoined = isJoined
    if (isJoined && this.#session !== null) this.#options.onJoined(this.#session)
  }

  /** Do not come back by yourself: it would be refused again, or take the place of a newer one. */
  #refused(code) {
    this.close()
    this.#options.onRefused(code)
  }
}
