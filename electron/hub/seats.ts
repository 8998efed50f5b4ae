import { otherRole, type Role } from '#protocol/hub-events.ts'

/** One role of one link, which one client may hold. */
export interface Seat {
  readonly uid: string
  readonly role: Role
  /** The id of the session whose proof took the seat, as base64url; none where nothing was proved. */
  readonly session?: string
}

/**
 * Keeps which client holds which seat. A link is one uid with its two seats; it exists while one of them is held. Clients
 * are told apart by identity, so a client that was replaced can leave late without disturbing
 * whoever came after it.
 */
export class Seats<Client extends object> {
  // A Map, never a plain object: uids come from strangers and `__proto__` is one like any other.
  readonly #links = new Map<string, Map<Role, Client>>()
  readonly #seats = new Map<Client, Seat>()

  /** Counts the links with at least one client. */
  get count(): number {
    return this.#links.size
  }

  seatOf(client: Client): Seat | undefined {
    return this.#seats.get(client)
  }

  holder(seat: Seat): Client | undefined {
    return this.#links.get(seat.uid)?.get(seat.role)
  }

  /** Tells whether a client that has proved this session holds a seat. */
  isHeldBy(session: string): boolean {
    return [...this.#seats.values()].some((seat) => seat.session === session)
  }

  /** Returns the client at the other end of a client's link. */
  peerOf(client: Client): Client | undefined {
    const seat = this.#seats.get(client)
    return seat && this.holder({ uid: seat.uid, role: otherRole(seat.role) })
  }

  /** Gives a seat to a client. The client must hold no seat, and no other client this one. */
  hold(client: Client, seat: Seat): void {
    const link = this.#links.get(seat.uid) ?? new Map<Role, Client>()
    this.#links.set(seat.uid, link.set(seat.role, client))
    this.#seats.set(client, seat)
  }

  /** Frees the client's seat, if it holds one. */
  release(client: Client): void {
    const seat = this.#seats.get(client)
    if (seat === undefined) return
    this.#seats.delete(client)
    const link = this.#links.get(seat.uid)
    link?.delete(seat.role)
    if (link?.size === 0) this.#links.delete(seat.uid)
  }
}
