import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Server, type Socket } from 'socket.io'
import { WebSocketServer } from 'ws'
import * as v from 'valibot'
import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { Message, Prove, Register, type Candidate } from '#protocol/hub-events.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import { formatLink, uidFrom } from '#protocol/pairing.ts'
import { parse } from '#protocol/parse.ts'
import { kidOfLink, proofsOf, type SessionKey } from '#protocol/proof.ts'
import { LANE_PATH } from '#protocol/sealed.ts'
import { primitives } from '#hub/node-crypto.ts'
import { must } from './checks.ts'
import { Mailbox } from './mailbox.ts'
import { SealedWire } from './sealed-wire.ts'

/** How a hub can be wrong, for the phone to notice. */
export interface HubManners {
  /** Answers `register` without a challenge. */
  readonly asksForProof?: boolean
  /** What it says when the phone has proved its key. */
  readonly proves?: boolean
}

/** Something that no version of today knows; each answer and event has it. */
const LATER = { aLaterField: [2, { more: true }] }

/** One connection of a phone to the hub that this kit plays. */
export class Visit {
  readonly messages = new Mailbox<Message>()
  readonly #registers = new Mailbox<{ readonly payload: unknown; readonly answer: unknown }>()
  readonly #proves = new Mailbox<{ readonly payload: unknown; readonly answer: unknown }>()
  readonly #socket: Socket
  readonly #later: object
  readonly #gone = new Mailbox<true>()

  /** `later`: what is said with everything, and nobody of today knows. */
  constructor(socket: Socket, later: object) {
    this.#socket = socket
    this.#later = later
    socket.on('register', (payload: unknown, answer: unknown) => {
      this.#registers.put({ payload, answer })
    })
    socket.on('prove', (payload: unknown, answer: unknown) => {
      this.#proves.put({ payload, answer })
    })
    socket.on('message', (payload: unknown) => {
      this.#hear(payload)
    })
    socket.on('disconnect', () => {
      this.#gone.put(true)
      for (const one of [this.messages, this.#registers, this.#proves]) one.end('the phone has left the hub')
    })
    socket.emit('welcome', { message: 'Welcome!', id: socket.id, ...later })
  }

  get id(): string {
    return this.#socket.id
  }

  /** What came as `message` and is none. */
  readonly faults: string[] = []
  #trickle: ((one: Candidate) => void) | null = null
  #early: Candidate[] = []

  /** Gives the candidates of the newest offer to `take`, those that are here already too. */
  trickle(take: (one: Candidate) => void): void {
    for (const one of this.#early.splice(0)) take(one)
    this.#trickle = take
  }

  #hear(payload: unknown): void {
    const { success, output } = v.safeParse(Message, payload)
    if (!success) this.faults.push(`not a \`message\`: ${JSON.stringify(payload).slice(0, 200)}`)
    else if (output === 'bye' || output.type === 'refusal') this.messages.put(output)
    else if (output.type === 'candidate') {
      if (this.#trickle === null) this.#early.push(output)
      else this.#trickle(output)
    } else {
      this.#trickle = null
      this.#early = []
      this.messages.put(output)
    }
  }

  get isHere(): boolean {
    return this.#socket.connected
  }

  async register(ms: number) {
    const { payload, answer } = await this.#registers.take('`register`', ms)
    return { registration: parse(Register, payload), answer: answerOf(answer, 'register', this.#later) }
  }

  async prove(ms: number) {
    const { payload, answer } = await this.#proves.take('`prove`', ms)
    return { mac: parse(Prove, payload).mac, answer: answerOf(answer, 'prove', this.#later) }
  }

  say(event: string, ...payload: unknown[]): void {
    this.#socket.emit(event, ...payload)
  }

  message(message: Message): void {
    this.#socket.emit('message', message === 'bye' ? message : { ...message, ...this.#later })
  }

  /** Resolves with whether the phone leaves by itself within `ms`. */
  leaves(ms: number): Promise<boolean> {
    return this.#gone.take('end', ms).catch(() => false as const)
  }

  /** As the network does it: a phone comes back from that. */
  cut(): void {
    this.#socket.conn.close()
  }

  /** As the hub does it: a phone does not come back from that. */
  expel(code: string): void {
    this.#socket.emit('ended', { code, ...this.#later })
    this.#socket.disconnect(true)
  }
}

function answerOf(answer: unknown, event: string, later: object): (reply: object) => void {
  must(typeof answer === 'function', `\`${event}\` has no acknowledgement`)
  return (reply) => {
    ;(answer as (reply: object) => void)({ ...reply, ...later })
  }
}

/** What a phone has registered with. */
export interface Proved {
  readonly registration: Register
  readonly session: SessionKey
  /** base64url of the nonce. */
  readonly nonce: string
  /** Which key it has proved. */
  readonly with: 'link' | 'device'
}

/** Serves what else a browser asks this address for. */
export type Serve = (request: IncomingMessage, response: ServerResponse) => void

const nothing: Serve = (_, response) => {
  response.writeHead(404).end()
}

/** Sealed sockets of the phone (section 4.1). A hub need not serve them: this one does while a check is about them. */
class Lanes {
  readonly came = new Mailbox<SealedWire>()
  isOpen = false
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false })

  constructor(http: HttpServer) {
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.url !== LANE_PATH) return
      if (!this.isOpen) socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
      else
        this.#server.handleUpgrade(request, socket, head, (ws) => {
          this.came.put(new SealedWire(ws))
        })
    })
  }

  close(): void {
    for (const ws of this.#server.clients) ws.terminate()
  }
}

/** The computer's hub as this kit plays it: it knows one link, and the key that it gave to the phone. */
export class Desk {
  readonly visits = new Mailbox<Visit>()
  /** Says nothing but what a version of today says. */
  isPlain = false
  readonly #host: string
  readonly lanes: Lanes
  readonly #http
  readonly #io: Server
  #uid = ''
  #link: Uint8Array = new Uint8Array()
  #device: { readonly id: Uint8Array; readonly key: Uint8Array } | null = null

  private constructor(host: string, serve: Serve) {
    this.#host = host
    this.#http = createServer(serve)
    this.lanes = new Lanes(this.#http)
    this.#io = new Server(this.#http, { serveClient: false, allowEIO3: true, pingInterval: 10_000, pingTimeout: 8_000 })
    this.#io.on('connection', (socket) => {
      this.visits.put(new Visit(socket, this.isPlain ? {} : LATER))
    })
  }

  /** `host`: this computer's address, as the phone is to dial it. Port 0 = any that is free. */
  static async open(host: string, port = 0, serve: Serve = nothing): Promise<Desk> {
    const desk = new Desk(host, serve)
    await new Promise<void>((resolve, reject) => {
      desk.#http.once('error', reject).listen(port, host, resolve)
    })
    return desk
  }

  /** Shows another link. Phones and visits of the one before are forgotten. */
  newLink(): string {
    this.#uid = uidFrom(primitives.random(16))
    this.#link = primitives.random(32)
    this.#device = null
    while (this.visits.takeNow() !== undefined);
    const { port } = this.#http.address() as AddressInfo
    return formatLink({ address: this.#host, port, uid: this.#uid, key: this.#link })
  }

  /** Makes the key with which the phone comes back; the link's is good no longer once it is used. */
  newDevice(): { readonly id: string; readonly key: string } {
    this.#device = { id: randomBytes(16), key: randomBytes(32) }
    return { id: toBase64Url(this.#device.id), key: toBase64Url(this.#device.key) }
  }

  /** Lets the phone register, or behaves as `manners` say. Throws for whatever the phone does wrong. */
  async admit(visit: Visit, ms: number, { asksForProof = true, proves = true }: HubManners = {}): Promise<Proved> {
    const { registration, answer } = await visit.register(ms)
    const { uid, type: role, proof } = registration
    must(uid === this.#uid, 'the uid is not that of the link')
    must(proof !== undefined, '`register` has no `proof`')
    const ns = primitives.random(32)
    const kid = bytesFrom(proof.kid)
    const { key, by } = this.#keyOf(kid)
    const said = { uid, role, kid, caps: proof.caps, clientNonce: bytesFrom(proof.nonce), hubNonce: ns }
    const proofs = proofsOf(primitives, key, { ...said, socketId: visit.id })
    answer({ ok: true, v: PROTOCOL_VERSION, ...(asksForProof && { challenge: toBase64Url(ns) }) })
    if (asksForProof) {
      const proving = await visit.prove(ms)
      const isRight = primitives.same(bytesFrom(proving.mac), proofs.client)
      must(isRight, 'the proof of the phone is wrong')
      proving.answer({ ok: true, mac: toBase64Url(proves ? proofs.hub : primitives.random(32)) })
    }
    return { registration, session: proofs.session, nonce: proof.nonce, with: by }
  }

  async close(): Promise<void> {
    this.lanes.close()
    await this.#io.close()
    this.#http.closeAllConnections()
  }

  #keyOf(kid: Uint8Array): { readonly key: Uint8Array; readonly by: Proved['with'] } {
    if (this.#device !== null && primitives.same(kid, this.#device.id)) return { key: this.#device.key, by: 'device' }
    must(primitives.same(kid, kidOfLink(primitives, this.#link)), 'the kid names neither the link nor the device')
    return { key: this.#link, by: 'link' }
  }
}
