export interface GuestLimits {
  /** Clients that may be connected without having been let in. */
  readonly guests: number
  /** Of these, from one address. */
  readonly guestsPerAddress: number
  /** The same for programs of this computer, which do not count for the two above. */
  readonly guestsFromHere: number
}

/**
 * Tells whether an address is that of this computer's own programs, the window among them. Limits guard against whoever is on the
 * same network; and strangers must not be able to fill the window's place.
 */
export const isOwnProgram = (address: string): boolean => address === '127.0.0.1' || address === '::1'

/** A client that is connected and has not been let in. */
export interface Guest {
  readonly address: string
  /**
   * Sends the client away. Null for a client that keeps its place until it is let in or its time is over. An image tag
   * of any web site can begin a session by polling, and never says a word in it: such a one makes room for later ones.
   */
  giveUp: (() => void) | null
}

/**
 * Keeps the clients that are connected and not let in, by what stands for them. Anybody may come that far, so the size
 * of the room bounds what strangers can make the hub hold.
 */
export class WaitingRoom {
  readonly #limits: GuestLimits
  // In the order of their coming.
  readonly #waiting = new Map<object, Guest>()

  constructor(limits: GuestLimits) {
    this.#limits = limits
  }

  /** Tells whether one more may come from an address, in the place of one that can be given up or in a free one. */
  hasRoom(address: string): boolean {
    return this.#isFree(address) || this.#oldestSilent(address) !== undefined
  }

  /** Counts a client in. Returns false when there is no room: then the client is not counted and must go. */
  enter(client: object, guest: Guest): boolean {
    while (!this.#isFree(guest.address)) {
      const oldest = this.#oldestSilent(guest.address)
      if (oldest === undefined) return false
      this.#waiting.get(oldest)?.giveUp?.()
      this.#waiting.delete(oldest)
    }
    this.#waiting.set(client, guest)
    return true
  }

  /** Counts a client out, which was let in or has left. */
  leave(client: object): void {
    this.#waiting.delete(client)
  }

  /** Returns the clients that share the room of an address. */
  #beside(address: string): readonly (readonly [object, Guest])[] {
    const isOwn = isOwnProgram(address)
    return [...this.#waiting].filter(([, guest]) => isOwnProgram(guest.address) === isOwn)
  }

  #isFree(address: string): boolean {
    const { guests, guestsPerAddress, guestsFromHere } = this.#limits
    const beside = this.#beside(address)
    if (isOwnProgram(address)) return beside.length < guestsFromHere
    return beside.length < guests && beside.filter(([, guest]) => guest.address === address).length < guestsPerAddress
  }

  /** Finds the oldest that can be given up: of the same address if that has too many, else of any. */
  #oldestSilent(address: string): object | undefined {
    const beside = this.#beside(address)
    const own = beside.filter(([, guest]) => guest.address === address)
    const isAddressFull = !isOwnProgram(address) && own.length >= this.#limits.guestsPerAddress
    return (isAddressFull ? own : beside).find(([, { giveUp }]) => giveUp !== null)?.[0]
  }
}
