import { startHub, type Hub, type HubOptions } from '#hub/hub.ts'
import { advertise } from '#hub/mdns.ts'

export interface HubHostOptions {
  /** All that a hub needs but its port. */
  readonly hub: Omit<HubOptions, 'port'>
  /** Names this computer to programs that look for it by mDNS. */
  readonly id: string
  readonly log: (line: string) => void
  /** Called with where each mDNS packet came from. */
  readonly onHeard: (address: string) => void
}

/** Keeps the one hub of this run, which may move to another port, and advertises where it is. */
export class HubHost {
  readonly #options: HubHostOptions
  #name: string
  #hub: Hub
  #advert: ReturnType<typeof advertise>
  /** Moves come one after the other. */
  #moving: Promise<unknown> = Promise.resolve()

  private constructor(options: HubHostOptions, name: string, hub: Hub) {
    this.#options = options
    this.#name = name
    this.#hub = hub
    this.#advert = this.#advertise()
  }

  /** Starts the hub on this port, or the next free one. */
  static async start(options: HubHostOptions, name: string, port: number): Promise<HubHost> {
    return new HubHost(options, name, await startHub({ ...options.hub, port }))
  }

  get hub(): Hub {
    return this.#hub
  }

  /** Asks all who are near, by mDNS, so that they are heard. */
  askNeighbours(): void {
    this.#advert.ask()
  }

  /** Advertises this computer under another name. */
  rename(name: string): Promise<void> {
    return this.#next(async () => {
      this.#name = name
      await this.#advert.stop()
      this.#advert = this.#advertise()
    })
  }

  /** Moves the hub to this port, or the next free one; back to its own where that fails. Returns the hub that listens now. */
  move(port: number): Promise<Hub> {
    return this.#next(async () => {
      const before = this.#hub.port
      await Promise.all([this.#advert.stop(), this.#hub.close()])
      try {
        this.#hub = await startHub({ ...this.#options.hub, port })
      } catch (error) {
        this.#options.log(`port ${port} can't be had: ${String(error)}`)
        this.#hub = await startHub({ ...this.#options.hub, port: before })
      }
      this.#advert = this.#advertise()
      return this.#hub
    })
  }

  async close(): Promise<void> {
    await this.#next(() => Promise.all([this.#advert.stop(), this.#hub.close()]))
  }

  #advertise(): ReturnType<typeof advertise> {
    const { id, log, onHeard } = this.#options
    return advertise({ port: this.#hub.port, id, name: this.#name, log, onHeard })
  }

  #next<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#moving.then(act)
    this.#moving = done.catch(() => undefined)
    return done
  }
}
