import { io as connectNew } from 'socket.io-client'
import { connectOld } from './old-client.ts'

/**
 * ms that the machine must have been free to go on in, after which a wait gives up. A machine that is busy with others
 * decides no test: only time in which this program had its turns counts.
 */
export const WAIT_MS = 40_000
/** ms that one turn counts for, however late it comes: of a wait for an event, and of one that looks by itself. */
const TURN_MS = 100
const LOOK_EVERY_MS = 5

export type Generation = 'old' | 'new'
export type Way = 'polling' | 'upgrade' | 'websocket'
export const GENERATIONS: readonly Generation[] = ['old', 'new']
export const WAYS: readonly Way[] = ['polling', 'upgrade', 'websocket']

const TRANSPORTS: Record<Way, string[]> = {
  polling: ['polling'],
  upgrade: ['polling', 'websocket'],
  websocket: ['websocket'],
}

/** What both generations of the client can do. */
interface AnySocket {
  readonly id?: string | undefined
  readonly connected: boolean
  readonly io: { readonly engine: { readonly transport: { readonly name: string }; write?(text: string): unknown } }
  on(event: string, listener: (...args: unknown[]) => void): unknown
  emit(event: string, ...args: unknown[]): unknown
  close(): unknown
}

export interface ClientOptions {
  /** Address to dial instead of loopback. */
  readonly dial?: string
  /** Source address, such as 127.0.0.2; the `new` generation by websocket only. */
  readonly from?: string
  readonly generation?: Generation
  readonly way?: Way
  readonly headers?: Record<string, string>
  readonly auth?: Record<string, unknown>
  readonly reconnection?: boolean
}

export interface Heard {
  readonly event: string
  readonly payload: unknown
}

const HUB_EVENTS =
  'welcome syncfrom syncto message export transfile ctrlSendSpeed exception ipaddr byebye joined ended'.split(' ')

function open(url: string, options: ClientOptions): AnySocket {
  const { generation = 'new', way = 'websocket', headers = {}, auth = {}, reconnection = false } = options
  const transports = TRANSPORTS[way]
  // Quick to come back, so that a test need not wait long to see that one does not.
  const common = { transports, forceNew: true, reconnection, reconnectionDelay: 20, reconnectionDelayMax: 50 }
  const { from: localAddress } = options
  if (generation === 'new') return connectNew(url, { ...common, extraHeaders: headers, auth, localAddress } as object)
  const transportOptions = { polling: { extraHeaders: headers }, websocket: { extraHeaders: headers } }
  return connectOld(url, { ...common, transportOptions })
}

/** A client of either generation that remembers what it heard, in order. */
export class Client {
  readonly #socket: AnySocket
  readonly #heard: Heard[] = []
  readonly #listeners = new Set<() => void>()
  /** Everything of the transport's life: connect, disconnect, errors. */
  readonly life: string[] = []
  #read = 0

  constructor(url: string, options: ClientOptions = {}) {
    this.#socket = open(url, options)
    for (const event of HUB_EVENTS)
      this.#socket.on(event, (...args: unknown[]) => {
        this.#heard.push({ event, payload: args[0] })
        this.#tell()
      })
    for (const event of ['connect', 'disconnect', 'connect_error', 'error'])
      this.#socket.on(event, () => {
        this.life.push(event)
        this.#tell()
      })
  }

  get transport(): string {
    return this.#socket.io.engine.transport.name
  }
  get connected(): boolean {
    return this.#socket.connected
  }
  get id(): string | undefined {
    return this.#socket.id
  }

  send(event: string, ...args: unknown[]): void {
    this.#socket.emit(event, ...args)
  }

  /** Sends a packet as it stands, past the client's own checks: `2["event",payload]`. */
  raw(packet: string): void {
    this.#socket.io.engine.write?.(packet)
  }

  /** Sends and waits for the acknowledgement. */
  ask(event: string, payload: unknown): Promise<unknown> {
    return bounded(`answer to ${event}`, (resolve) => {
      this.#socket.emit(event, payload, resolve)
    })
  }

  /** Everything heard since the last call. */
  news(): Heard[] {
    const news = this.#heard.slice(this.#read)
    this.#read = this.#heard.length
    return news
  }

  /** The first unread event of this name; it and all before it count as read. */
  async next(event: string): Promise<unknown> {
    const found = () => this.#heard.findIndex((heard, at) => at >= this.#read && heard.event === event)
    await this.until(() => found() >= 0, event)
    const at = found()
    this.#read = at + 1
    return this.#heard[at]?.payload
  }

  /**
   * Returns once the hub has dealt with all that this client sent, and this client has heard all that the hub
   * had to say to it before: `ipaddr` takes the same road there and back. So silence is proved without waiting.
   */
  async settle(): Promise<void> {
    const count = () => this.#heard.filter(({ event }) => event === 'ipaddr').length
    const before = count()
    this.send('ipaddr')
    await this.until(() => count() > before, 'ipaddr')
    const at = this.#heard.findLastIndex(({ event }) => event === 'ipaddr')
    this.#heard.splice(at, 1)
    this.#read = Math.min(this.#read, this.#heard.length)
  }

  until(holds: () => boolean, what: string): Promise<void> {
    return bounded(what, (resolve) => {
      const look = (): void => {
        if (!holds()) return
        this.#listeners.delete(look)
        resolve()
      }
      this.#listeners.add(look)
      look()
    })
  }

  async disconnected(): Promise<void> {
    await this.until(() => this.life.includes('disconnect'), 'disconnect')
  }

  close(): void {
    this.#socket.close()
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

export function bounded<T>(what: string, start: (resolve: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let turns = 0
    const timer = setInterval(() => {
      if (++turns * TURN_MS < WAIT_MS) return
      clearInterval(timer)
      reject(new Error(`waited ${WAIT_MS} ms for: ${what}`))
    }, TURN_MS)
    start((value) => {
      clearInterval(timer)
      resolve(value)
    })
  })
}

/** Looks again and again; for what no event tells. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns * LOOK_EVERY_MS > WAIT_MS) throw new Error(`waited ${WAIT_MS} ms for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
