import type { Visit } from '#hub/hub.ts'
import type { Visits } from './evidence.ts'

/** ms after which somebody who was heard may have left. */
const HEARD_MS = 600_000
/** Addresses that are remembered: more than a house has, and a stranger could make up any number. */
const HEARD_MAX = 512

/** Remembers what others did since the code's address is what it is: who knocked, who was heard. */
export class Witness {
  readonly #now: () => number
  readonly #heard = new Map<string, number>()
  #address: string | null = null
  #knocks = 0
  #knockAt: number | null = null
  #pageAt: number | null = null
  #pairedAt: number | null = null
  #refusedAt: number | null = null
  #refused = ''
  #fullAt: number | null = null
  #drawnAt: number | null = null

  /** `now`: ms of a clock that is never set back. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** The code names this address now. What happened at another one says nothing of it. */
  drawn(address: string | null): void {
    if (address === this.#address) return
    if (this.#address !== null) {
      this.#drawnAt = this.#now()
      this.#knocks = 0
      this.#knockAt = this.#pageAt = this.#pairedAt = this.#refusedAt = this.#fullAt = null
    }
    this.#address = address
  }

  visited(what: Visit): void {
    const now = this.#now()
    if (what === 'page') this.#pageAt = now
    else if (what === 'full') this.#fullAt = now
    else {
      this.#knocks += 1
      this.#knockAt = now
    }
  }

  paired(): void {
    this.#pairedAt = this.#now()
  }

  /** A connection from there was refused: its network is not near. */
  refused(address: string): void {
    this.#refusedAt = this.#now()
    this.#refused = address
  }

  /** An mDNS packet came from there. */
  heard(address: string): void {
    // Anew, so that the first of the map is the one unheard for longest.
    this.#heard.delete(address)
    this.#heard.set(address, this.#now())
    const [oldest] = this.#heard.keys()
    if (this.#heard.size > HEARD_MAX && oldest !== undefined) this.#heard.delete(oldest)
  }

  get lately(): readonly string[] {
    const now = this.#now()
    return [...this.#heard].filter(([, at]) => now - at < HEARD_MS).map(([address]) => address)
  }

  get redrawnAgo(): number | null {
    return this.#ago(this.#drawnAt)
  }

  get visits(): Visits {
    return {
      knocks: this.#knocks,
      knockAgo: this.#ago(this.#knockAt),
      pageAgo: this.#ago(this.#pageAt),
      pairedAgo: this.#ago(this.#pairedAt),
      refusedAgo: this.#ago(this.#refusedAt),
      refused: this.#refused,
      fullAgo: this.#ago(this.#fullAt),
    }
  }

  #ago(at: number | null): number | null {
    return at === null ? null : Math.round(this.#now() - at)
  }
}
