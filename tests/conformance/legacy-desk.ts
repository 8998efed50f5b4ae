import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import * as v from 'valibot'
import { Message } from '#protocol/hub-events.ts'
import { formatLink, uidFrom } from '#protocol/pairing.ts'
import { primitives } from '#hub/node-crypto.ts'
import { must } from './checks.ts'
import { ANSWER_MS } from './conversation.ts'
import { DirectChannel } from './direct-channel.ts'
import type { PhoneDriver } from './drivers.ts'
import { Mailbox } from './mailbox.ts'

/** What the app says beside `message`. */
const SAID = ['register', 'syncto', 'transfile', 'ctrlSendSpeed', 'export', 'exception', 'ipaddr'] as const

export interface Said {
  readonly event: (typeof SAID)[number]
  readonly payload: unknown
}

/** One connection of an app of 2018, of which this side plays both the hub and the web. */
export class LegacyVisit {
  readonly said = new Mailbox<Said>()
  readonly messages = new Mailbox<Message>()
  readonly faults: string[] = []
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    for (const event of SAID)
      socket.on(event, (payload: unknown) => {
        if (event === 'ipaddr') socket.emit('ipaddr', '127.0.0.1')
        this.said.put({ event, payload })
      })
    socket.on('message', (payload: unknown) => {
      const { success, output } = v.safeParse(Message, payload)
      if (success) this.messages.put(output)
      else this.faults.push(`not a \`message\`: ${JSON.stringify(payload).slice(0, 200)}`)
    })
    socket.on('disconnect', () => {
      for (const one of [this.said, this.messages]) one.end('the app has left the hub')
    })
    socket.emit('welcome', { message: 'Welcome!', id: socket.id })
  }

  async next(event: Said['event'], ms = ANSWER_MS): Promise<unknown> {
    return (await this.said.take(`\`${event}\``, ms, (one) => one.event === event)).payload
  }

  say(event: string, ...payload: unknown[]): void {
    this.#socket.emit(event, ...payload)
  }

  /** Takes the app's offer and answers it; resolves once its channel is open. */
  async channel(): Promise<DirectChannel> {
    const isOffer = (one: Message): boolean => one !== 'bye' && one.type === 'offer'
    const offer = await this.messages.take('offer', ANSWER_MS, isOffer)
    must(offer !== 'bye' && offer.type === 'offer', 'not an offer')
    const channel = new DirectChannel((message) => {
      this.say('message', message)
    }, true)
    await channel.answer(offer.sdp, (sdp) => {
      this.say('message', { type: 'answer', sdp })
    })
    void this.#trickle(channel)
    await channel.isReady(ANSWER_MS)
    return channel
  }

  /** As the network does it: an app comes back from that. */
  cut(): void {
    this.#socket.conn.close()
  }

  /** As the hub does it to who is replaced: an app does not come back from that. */
  expel(): void {
    this.#socket.disconnect(true)
  }

  async #trickle(channel: DirectChannel): Promise<void> {
    const isCandidate = (one: Message): boolean => one !== 'bye' && one.type === 'candidate'
    for (;;) {
      const one = await this.messages.take('candidate', 2 ** 31 - 1, isCandidate).catch(() => null)
      if (one === null || one === 'bye' || one.type !== 'candidate') return
      await channel.candidate(one)
    }
  }
}

/** The hub and the web's window of version 1, as this kit plays them for an app of 2018. */
export class LegacyDesk {
  readonly driver: PhoneDriver
  /** Whether the app has listed anything. */
  hasRecords = true
  readonly #host: string
  readonly #visits = new Mailbox<LegacyVisit>()
  readonly #http = createServer()
  readonly #io = new Server(this.#http, {
    serveClient: false,
    allowEIO3: true,
    pingInterval: 10_000,
    pingTimeout: 8_000,
  })
  #uid = ''
  #visit: LegacyVisit | null = null
  #channel: DirectChannel | null = null

  private constructor(host: string, driver: PhoneDriver) {
    this.#host = host
    this.driver = driver
    this.#io.on('connection', (socket) => {
      this.#visits.put(new LegacyVisit(socket))
    })
  }

  static async open(host: string, driver: PhoneDriver, port = 0): Promise<LegacyDesk> {
    const desk = new LegacyDesk(host, driver)
    await new Promise<void>((resolve, reject) => {
      desk.#http.once('error', reject).listen(port, host, resolve)
    })
    return desk
  }

  /** The next connection of the app, once it has registered for the uid of the link; `ms`: how long that may take. */
  async registered(ms = ANSWER_MS): Promise<LegacyVisit> {
    const visit = await this.#visits.take('app at the hub', ms)
    const { uid, type, v: version } = Object((await visit.next('register')) ?? {}) as Record<string, unknown>
    must(String(uid) === this.#uid, 'the uid is not that of the link')
    must(String(type) === '1', '`type` is not 1')
    must(version === undefined, 'it says `v`: it is an app of version 2, test it without --legacy')
    return (this.#visit = visit)
  }

  /** The app at the hub, on a link that it has opened. */
  async visit(): Promise<LegacyVisit> {
    if (this.#visit !== null) return this.#visit
    this.#uid = uidFrom(primitives.random(16))
    const { port } = this.#http.address() as AddressInfo
    await this.driver.open(formatLink({ address: this.#host, port, uid: this.#uid, key: primitives.random(32) }))
    return this.registered(this.driver.patienceMs)
  }

  /** The app, told that the web is there, and its channel. */
  async connected(): Promise<{ readonly visit: LegacyVisit; readonly channel: DirectChannel }> {
    const visit = await this.visit()
    if (this.#channel?.isOpen === true) return { visit, channel: this.#channel }
    while (visit.messages.takeNow() !== undefined);
    visit.say('syncfrom')
    this.#channel = await visit.channel()
    return { visit, channel: this.#channel }
  }

  /** Forgets what is going on; whoever comes next is told anew. */
  async leave(): Promise<void> {
    await this.#channel?.close()
    this.#channel = null
    this.#visit = null
  }

  async close(): Promise<void> {
    await this.leave()
    await this.driver.close()
    await this.#io.close()
    this.#http.closeAllConnections()
  }
}
