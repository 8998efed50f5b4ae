export interface GuestLimits {
  /** Clients in all that have not been let in. */
  readonly guests: number
  /** Of these, from one address. */
  readonly guestsPerAddress: number
  /** The same for programs of this computer, which do not count for the two above. */
  readonly guestsFromHere: number
}

/**
 * The address of this computer's own programs, the window among them. Limits guard against whoever is on the
 * same network; and strangers must not be able to fill the window's place.
 */
export const isOwnProgram = (address: string): boolean => address === '127.0.0.1'

/** A client in the waiting room. */
export interface Guest {
  readonly address: string
  /**
   * Sends it away. Null for who keeps its place until it is let in or its time is over. An image tag of any web site
   * can begin a session by polling, and never says a word in it: such a one makes room for whoever comes after it.
   */
  giveUp: (() => void) | null
}

/**
 * The waiting room: clients that are connected and not let in, by what stands for them. Everybody may come that
 * far, so its size is what bounds what strangers can make the hub hold.
 */
export class WaitingRoom {
  readonly #limits: GuestLimits
  // In the order of their coming.
  readonly #waiting = new Map<object, Guest>()

  constructor(limits: GuestLimits) {
    this.#limits = limits
  }

  /** Whether one more may come from there, in the place of one that can be given up or in a free one. */
  hasRoom(address: string): boolean {
    return this.#isFree(address) || this.#oldestSilent(address) !== undefined
  }

  /** False when there is no room: then it is not counted and must go. */
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

  /** It was let in, or it is gone. */
  leave(client: object): void {
    this.#waiting.delete(client)
  }

  /** Those that fill the room which the address has a part in. */
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

  /** Of the same address if that has too many, else of any. */
  #oldestSilent(address: string): object | undefined {
    const beside = this.#beside(address)
    const own = beside.filter(([, guest]) => guest.address === address)
    const isAddressFull = !isOwnProgram(address) && own.length >= this.#limits.guestsPerAddress
    return (isAddressFull ? own : beside).find(([, { giveUp }]) => giveUp !== null)?.[0]
  }
}
