export interface GuestLimits {
  /** Clients in all that have not been let in. */
  readonly guests: number
  /** Of these, from one address. */
  readonly guestsPerAddress: number
}

/**
 * The address of this computer's own programs, the window among them. Limits guard against whoever is on the
 * same network; and strangers must not be able to fill the window's place.
 */
export const isOwnProgram = (address: string): boolean => address === '127.0.0.1'

/**
 * The waiting room: clients that are connected and not let in, by what stands for them. Everybody may come that
 * far, so its size is what bounds what strangers can make the hub hold.
 */
export class Guests {
  readonly #limits: GuestLimits
  readonly #waiting = new Map<object, string>()

  constructor(limits: GuestLimits) {
    this.#limits = limits
  }

  hasRoom(address: string): boolean {
    if (isOwnProgram(address)) return true
    const { guests, guestsPerAddress } = this.#limits
    const same = [...this.#waiting.values()].filter((other) => other === address).length
    return this.#waiting.size < guests && same < guestsPerAddress
  }

  /** False when there is no room: then it is not counted and must go. */
  enter(client: object, address: string): boolean {
    if (!this.hasRoom(address)) return false
    if (!isOwnProgram(address)) this.#waiting.set(client, address)
    return true
  }

  /** It was let in, or it is gone. */
  leave(client: object): void {
    this.#waiting.delete(client)
  }
}
