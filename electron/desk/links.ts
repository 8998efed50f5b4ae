import { randomBytes } from 'node:crypto'
import { uidFrom } from '#protocol/pairing.ts'

/** One link between this computer and one phone. */
export interface Link {
  /** Names the link's device on screen and in events; tells nothing about uid or key. */
  readonly id: string
  readonly uid: string
  readonly key: Uint8Array
}

/** The links that the hub lets phones join on: the one on the screen and those already taken by a phone. */
export class Links {
  readonly #byUid = new Map<string, Link>()
  #current: Link

  constructor() {
    this.#current = this.#mint()
  }

  /** The one on the screen. */
  get current(): Link {
    return this.#current
  }

  get all(): readonly Link[] {
    return [...this.#byUid.values()]
  }

  hosts(uid: string): boolean {
    return this.#byUid.has(uid)
  }

  /** Puts a fresh link on the screen; the one before stays its phone's. */
  renew(): Link {
    this.#current = this.#mint()
    return this.#current
  }

  forget(id: string): void {
    const link = this.all.find((l) => l.id === id)
    if (link !== undefined && link !== this.#current) this.#byUid.delete(link.uid)
  }

  #mint(): Link {
    const link = { id: randomBytes(8).toString('hex'), uid: uidFrom(randomBytes(16)), key: randomBytes(32) }
    this.#byUid.set(link.uid, link)
    return link
  }
}
