import { otherRole, type Role } from '#protocol/hub-events.ts'

/** Where a client is: one role of one link. */
export interface Place {
  readonly uid: string
  readonly role: Role
  /** The id of the session whose proof it was taken by, as base64url; none where nothing was proved. */
  readonly session?: string
}

/**
 * Who holds which place. A record is one uid with its two slots; it exists while one of them is held. Places
 * are found by identity of the client, so a client that was replaced can leave late without disturbing
 * whoever came after it.
 */
export class Slots<Client extends object> {
  // A Map, never a plain object: uids come from strangers and `__proto__` is one like any other.
  readonly #records = new Map<string, Map<Role, Client>>()
  readonly #places = new Map<Client, Place>()

  /** Records with at least one client. */
  get count(): number {
    return this.#records.size
  }

  placeOf(client: Client): Place | undefined {
    return this.#places.get(client)
  }

  holder(place: Place): Client | undefined {
    return this.#records.get(place.uid)?.get(place.role)
  }

  /** Whether a client that has proved this session holds a place. */
  isHeldBy(session: string): boolean {
    return [...this.#places.values()].some((place) => place.session === session)
  }

  /** Who is at the other end of the client's link. */
  peerOf(client: Client): Client | undefined {
    const place = this.#places.get(client)
    return place && this.holder({ uid: place.uid, role: otherRole(place.role) })
  }

  /** The client must hold no place, and nobody else this one. */
  hold(client: Client, place: Place): void {
    const record = this.#records.get(place.uid) ?? new Map<Role, Client>()
    this.#records.set(place.uid, record.set(place.role, client))
    this.#places.set(client, place)
  }

  /** Frees the client's place, if it holds one. */
  release(client: Client): void {
    const place = this.#places.get(client)
    if (place === undefined) return
    this.#places.delete(client)
    const record = this.#records.get(place.uid)
    record?.delete(place.role)
    if (record?.size === 0) this.#records.delete(place.uid)
  }
}
