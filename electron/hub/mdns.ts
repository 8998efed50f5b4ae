import { Bonjour, type ServiceConfig } from 'bonjour-service'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import { watchAddresses } from './addresses.ts'

/** ms that saying goodbye may take. A network that is gone never says that it was sent. */
const GOODBYE_MS = 500

/** Bytes. A DNS label has at most 63; bonjour-service would send a longer one broken. */
const LABEL_BYTES_MAX = 60

export interface Announced {
  /** Stable for this computer; people see the name, programs tell computers apart by this. */
  readonly id: string
  readonly name: string
}

/** Returns the beginning of the text that fits, never half a character. */
function cutToBytes(text: string, bytes: number): string {
  let out = ''
  for (const char of text) {
    if (Buffer.byteLength(out + char) > bytes) break
    out += char
  }
  return out
}

const tagOf = (id: string): string => id.replace(/[^\w-]/g, '').slice(0, 8)

/** Returns the name on the local network at which the hub is, wherever its address has gone. */
export const localNameOf = (id: string): string => `lanyard-${tagOf(id).toLowerCase()}.local`

/** Describes the service as others find it. Names carry a part of the id: two computers may be called alike. */
export function describe({ id, name }: Announced, port: number): ServiceConfig {
  const tag = tagOf(id)
  const title = cutToBytes(name.replace(/[\p{Cc}.]/gu, ' '), LABEL_BYTES_MAX - tag.length)
  return {
    name: `${title} ${tag}`.trim(),
    type: 'lanyard',
    protocol: 'tcp',
    port,
    // A host name of our own: the system's responder already answers for the computer's.
    host: localNameOf(id),
    txt: { v: String(PROTOCOL_VERSION), id, name: cutToBytes(name, 200) },
    disableIPv6: true,
    // A probe that finds our own earlier goodbye would print to stdout and give up.
    probe: false,
  }
}

/** Resolves when `done` is called, and in any case after `ms`. */
async function within(ms: number, start: (done: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  try {
    await Promise.race([new Promise<void>(start), late])
  } finally {
    clearTimeout(timer)
  }
}

export interface Advertising extends Announced {
  /** The hub's real port. */
  readonly port: number
  readonly log?: (line: string) => void
  /** Called with where each mDNS packet came from; this computer's own are among them. */
  readonly onHeard?: (address: string) => void
  readonly make?: MakeResponder
}

/** Announces the hub. Starts and stops happen one after the other, however quickly they are asked for. */
export class Advert {
  readonly #options: Advertising
  #complained = false
  #turn: Promise<void> = Promise.resolve()
  #end: (() => Promise<void>) | null = null
  #ask: (() => void) | null = null

  constructor(options: Advertising) {
    this.#options = options
  }

  /** Starts announcing, or starts afresh with the addresses of now. */
  start(): Promise<void> {
    return this.#next(async () => {
      await this.#end?.()
      this.#end = this.#publish()
    })
  }

  /** Withdraws the announcement, in bounded time. */
  stop(): Promise<void> {
    return this.#next(async () => {
      await this.#end?.()
    })
  }

  /** Asks all who are near what they offer, so that they are heard. */
  ask(): void {
    this.#ask?.()
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(step).catch(this.#complain)
    return this.#turn
  }

  #publish(): () => Promise<void> {
    const { make = makeBonjour, port, onHeard } = this.#options
    const responder = make(this.#complain, onHeard)
    this.#ask = () => {
      responder.ask()
    }
    const service = responder.publish(describe(this.#options, port))
    return async () => {
      this.#end = null
      this.#ask = null
      await within(GOODBYE_MS, (done) => {
        service.stop(done)
      })
      await within(GOODBYE_MS, (done) => {
        responder.destroy(done)
      })
    }
  }

  readonly #complain = (error: unknown): void => {
    if (!this.#complained) this.#options.log?.(`hub: trouble with announcing on the network: ${String(error)}`)
    this.#complained = true
  }
}

/**
 * Announces the hub by mDNS, and again whenever the addresses change. The announcement is only a hint for native apps,
 * so whatever goes wrong is logged once and changes nothing else.
 */
export function advertise(options: Advertising): Pick<Advert, 'ask' | 'stop'> {
  const advert = new Advert(options)
  void advert.start()
  const unwatch = watchAddresses(() => void advert.start())
  return {
    ask: () => {
      advert.ask()
    },
    stop: () => {
      unwatch()
      return advert.stop()
    },
  }
}

/** The part of bonjour-service that is used, so that tests can stand in for a network. */
export interface Responder {
  publish(config: ServiceConfig): { stop(done: () => void): void }
  ask(): void
  destroy(done: () => void): void
}
export type MakeResponder = (onError: (error: unknown) => void, onHeard?: (address: string) => void) => Responder

interface WithEmitter {
  readonly server: {
    readonly mdns: {
      on(event: 'error' | 'warning', listener: (error: unknown) => void): void
      on(event: 'packet', listener: (packet: unknown, from: { readonly address: string }) => void): void
      query(name: string, type: 'PTR'): void
    }
  }
}

/** Which everybody who offers anything answers (RFC 6763, section 9). */
const ALL_SERVICES = '_services._dns-sd._udp.local'

/** Wraps bonjour-service and hears the errors of its sockets: an `error` event without a listener would end the process. */
export function respondBy(
  bonjour: Bonjour,
  onError: (error: unknown) => void,
  onHeard?: (address: string) => void,
): Responder {
  const { mdns } = (bonjour as unknown as WithEmitter).server
  mdns.on('error', onError)
  mdns.on('warning', onError)
  mdns.on('packet', (_packet, { address }) => onHeard?.(address))
  return {
    publish: (config) => {
      const service = bonjour.publish(config)
      return { stop: (done) => void Reflect.apply(service.stop, service, [done]) }
    },
    ask: () => {
      mdns.query(ALL_SERVICES, 'PTR')
    },
    destroy: (done) => {
      bonjour.destroy(done)
    },
  }
}

/** Makes the responder of the real network. Without the callback bonjour-service would throw what fails while it answers. */
export const makeBonjour: MakeResponder = (onError, onHeard) => respondBy(new Bonjour({}, onError), onError, onHeard)
