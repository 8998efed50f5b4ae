import type { ServiceConfig } from 'bonjour-service'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import { watchAddresses } from './addresses.ts'
import { makeBonjour, type MakeResponder } from './responder.ts'

/** ms that saying goodbye may take. A network that is gone never says that it was sent. */
const GOODBYE_MS = 500

/** Bytes. A DNS label has at most 63; bonjour-service would send a longer one broken. */
const LABEL_BYTES_MAX = 60

export interface Announced {
  /** Stable for this computer; people see the name, programs tell computers apart by this. */
  readonly id: string
  readonly name: string
}

/** The beginning of the text that fits, never half a character. */
function cutToBytes(text: string, bytes: number): string {
  let out = ''
  for (const char of text) {
    if (Buffer.byteLength(out + char) > bytes) break
    out += char
  }
  return out
}

/** The service as others find it. Names carry a part of the id: two computers may be called alike. */
export function describe({ id, name }: Announced, port: number): ServiceConfig {
  const tag = id.replace(/[^\w-]/g, '').slice(0, 8)
  const title = cutToBytes(name.replace(/[\p{Cc}.]/gu, ' '), LABEL_BYTES_MAX - tag.length)
  return {
    name: `${title} ${tag}`.trim(),
    type: 'lanyard',
    protocol: 'tcp',
    port,
    // A host name of our own: the system's responder already answers for the computer's.
    host: `lanyard-${tag.toLowerCase()}.local`,
    txt: { v: String(PROTOCOL_VERSION), id, name: cutToBytes(name, 200) },
    disableIPv6: true,
    // A probe that finds our own earlier goodbye would print to stdout and give up.
    probe: false,
  }
}

/** Resolves when it is done, and in any case after `ms`. */
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
  readonly make?: MakeResponder
}

/** The announcement. Starts and stops come one after the other, however quickly they are asked for. */
export class Advert {
  readonly #options: Advertising
  #complained = false
  #turn: Promise<void> = Promise.resolve()
  #end: (() => Promise<void>) | null = null

  constructor(options: Advertising) {
    this.#options = options
  }

  /** Starts, or starts afresh with the addresses of now. */
  start(): Promise<void> {
    return this.#next(async () => {
      await this.#end?.()
      this.#end = this.#publish()
    })
  }

  /** Says goodbye and ends, in bounded time. */
  stop(): Promise<void> {
    return this.#next(async () => {
      await this.#end?.()
    })
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(step).catch(this.#complain)
    return this.#turn
  }

  #publish(): () => Promise<void> {
    const { make = makeBonjour, port } = this.#options
    const responder = make(this.#complain)
    const service = responder.publish(describe(this.#options, port))
    return async () => {
      this.#end = null
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
 * Tells the network by mDNS where the hub is, and again whenever the addresses change. Only ever a hint for native
 * apps, so whatever goes wrong is told once and changes nothing else.
 */
export function advertise(options: Advertising): { stop(): Promise<void> } {
  const advert = new Advert(options)
  void advert.start()
  const unwatch = watchAddresses(() => void advert.start())
  return {
    stop: () => {
      unwatch()
      return advert.stop()
    },
  }
}
