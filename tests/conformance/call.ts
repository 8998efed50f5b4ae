import { io, type Socket } from 'socket.io-client'
import type * as v from 'valibot'
import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { Joined, Message, ProveReply, RegisterReply, Welcome, type Candidate } from '#protocol/hub-events.ts'
import { parse } from '#protocol/parse.ts'
import { proofsOf, type SessionKey } from '#protocol/proof.ts'
import { primitives } from '#hub/node-crypto.ts'
import { must } from './checks.ts'
import { ANSWER_MS } from './conversation.ts'
import { Mailbox } from './mailbox.ts'

/** With which key a phone comes. */
export interface Secret {
  readonly uid: string
  readonly kid: Uint8Array
  readonly key: Uint8Array
}

const EVENTS = ['joined', 'syncfrom', 'byebye', 'ended', 'exception'] as const

/** One connection of the phone that this kit plays to the hub under test. */
export class Call {
  /** Events of the hub but `message`, in order. */
  readonly events = new Mailbox<{ readonly event: string; readonly payload: unknown }>()
  readonly messages = new Mailbox<Message>()
  readonly #socket: Socket
  readonly #welcomes = new Mailbox<string>()
  readonly #gone = new Mailbox<string>()
  #trickle: ((one: Candidate) => void) | null = null
  #early: Candidate[] = []

  constructor(url: string) {
    this.#socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false })
    this.#socket.on('welcome', (payload: unknown) => {
      this.#welcomes.put(parse(Welcome, payload).id)
    })
    this.#socket.on('message', (payload: unknown) => {
      this.#hear(parse(Message, payload))
    })
    for (const event of EVENTS)
      this.#socket.on(event, (payload: unknown) => {
        this.events.put({ event, payload })
      })
    this.#socket.on('connect_error', ({ message }) => {
      this.#welcomes.end(message)
    })
    this.#socket.on('disconnect', (why) => {
      this.#gone.put(why)
      this.messages.end('the hub has ended the connection')
    })
  }

  welcome(): Promise<string> {
    return this.#welcomes.take('`welcome`', ANSWER_MS)
  }

  /** The hub's answer to `register`. */
  async register(payload: object): Promise<v.InferOutput<typeof RegisterReply>> {
    return parse(RegisterReply, await this.#ask('register', { aLaterField: 2, ...payload }))
  }

  async prove(mac: Uint8Array): Promise<v.InferOutput<typeof ProveReply>> {
    return parse(ProveReply, await this.#ask('prove', { mac: toBase64Url(mac), aLaterField: 2 }))
  }

  /**
   * Registers with that key, and checks the hub's own proof. Returns the session, or the code of the refusal. `caps`: words of
   * a later version.
   */
  async comeWith(secret: Secret, { caps = '', wrong = false } = {}): Promise<SessionKey | string> {
    const socketId = await this.welcome()
    const clientNonce = primitives.random(32)
    const proof = { kid: toBase64Url(secret.kid), nonce: toBase64Url(clientNonce), caps }
    const reply = await this.register({ uid: secret.uid, type: 1, v: 2, name: 'Conformance', kind: 'app', proof })
    if (!reply.ok) return reply.code
    must(reply.challenge !== undefined, 'the hub lets a phone in that has proved nothing')
    const said = { uid: secret.uid, role: 1 as const, kid: secret.kid, caps, clientNonce, socketId }
    const proofs = proofsOf(primitives, secret.key, { ...said, hubNonce: bytesFrom(reply.challenge) })
    const proved = await this.prove(wrong ? primitives.random(32) : proofs.client)
    if (!proved.ok) return proved.code
    must(primitives.same(bytesFrom(proved.mac), proofs.hub), "the hub's own proof is wrong")
    return proofs.session
  }

  /** Resolves once the computer is there too. */
  async joined(): Promise<v.InferOutput<typeof Joined>> {
    const { payload } = await this.events.take('`joined`', ANSWER_MS, ({ event }) => event === 'joined')
    return parse(Joined, payload)
  }

  say(message: Message): void {
    this.#socket.emit('message', message === 'bye' ? message : { ...message, aLaterField: [] })
  }

  /** Gives the candidates of the newest answer to `take`. */
  trickle(take: (one: Candidate) => void): void {
    for (const one of this.#early.splice(0)) take(one)
    this.#trickle = take
  }

  /** Candidates of an attempt that is over are nobody's. */
  again(): void {
    this.#trickle = null
    this.#early = []
  }

  /** Resolves once the hub has ended the connection. */
  ended(): Promise<string> {
    return this.#gone.take('end of the connection', ANSWER_MS)
  }

  close(): void {
    this.#socket.close()
  }

  #ask(event: string, payload: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#socket.timeout(ANSWER_MS).emit(event, payload, (error: Error | null, reply: unknown) => {
        if (error === null) resolve(reply)
        else reject(new Error(`no answer to \`${event}\``))
      })
    })
  }

  #hear(message: Message): void {
    if (message === 'bye' || message.type !== 'candidate') this.messages.put(message)
    else if (this.#trickle === null) this.#early.push(message)
    else this.#trickle(message)
  }
}
