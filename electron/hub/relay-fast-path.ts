import { RELAYED, type RelayedEvent } from '#protocol/hub-events.ts'

/** Passes a relayed event on. `text` is the packet as it came, for a peer that gets it unchanged. */
export type Relay = (event: RelayedEvent, payload: unknown, text: string) => void

/** An event without namespace, acknowledgement and attachments: `2["name",payload]`. */
interface PlainEvent {
  readonly event: RelayedEvent
  readonly payload: unknown
}

const isRelayed = (event: string): event is RelayedEvent => Object.hasOwn(RELAYED, event)

/**
 * Reads a packet as a plain event; null for any other. The whole text is parsed although it is passed on as it is: what
 * is no JSON must not reach the peer, where a stray control character could end one packet and begin another.
 */
export function plainEvent(text: string): PlainEvent | null {
  if (!text.startsWith('2["')) return null
  const event = text.slice(3, text.indexOf('"', 3))
  if (!isRelayed(event)) return null
  try {
    const parts: unknown = JSON.parse(text.slice(1))
    if (!Array.isArray(parts) || parts.length > 2) return null
    return { event, payload: parts[1] }
  } catch {
    return null
  }
}

/**
 * Relays events past Socket.IO, which would make objects of them, hand them round in a later tick and make the same text
 * again: half of the hub's time. Both generations spell such packets alike, so they are passed on as they came. What
 * came before from the same client must have been handled, or they would overtake it.
 */
export class RelayFastPath {
  /** Whether Socket.IO has packets of this client that it has not handed to a listener yet. */
  #isBehind = false

  /** Relays data if it can; returns whether it did. `relay`: null while Socket.IO alone may have the data. */
  takes(data: string | Buffer | undefined, relay: Relay | null): boolean {
    const plain = this.#isBehind || relay === null || typeof data !== 'string' ? null : plainEvent(data)
    if (plain === null) this.#waitForOthers()
    else relay?.(plain.event, plain.payload, data as string)
    return plain !== null
  }

  /** Leaves packets to Socket.IO until it has handed round what it has, some ticks later. */
  #waitForOthers(): void {
    if (this.#isBehind) return
    this.#isBehind = true
    setImmediate(() => (this.#isBehind = false))
  }
}
