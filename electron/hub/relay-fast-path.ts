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
 * Null for what is not spelled so. The whole text is parsed although it goes on as it is: what is no JSON must not
 * reach the peer, where a stray control character could end one packet and begin another.
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
 * Relayed events on their way past Socket.IO, which would make objects of them, hand them round in a later tick and
 * make the same text again: half of the hub's time. Both generations spell such packets alike, so they go on as they
 * came. What came before them from the same client must have been handled, or they would overtake it.
 */
export class RelayFastPath {
  /** Socket.IO has packets of this client that it has not handed to anybody yet. */
  #isBehind = false

  /** True: it was relayed, and Socket.IO need not see it. `relay`: null while Socket.IO alone may have it. */
  takes(data: string | Buffer | undefined, relay: Relay | null): boolean {
    const plain = this.#isBehind || relay === null || typeof data !== 'string' ? null : plainEvent(data)
    if (plain === null) this.#waitForOthers()
    else relay?.(plain.event, plain.payload, data as string)
    return plain !== null
  }

  /** Socket.IO hands a packet round some ticks later; all of them come before this. */
  #waitForOthers(): void {
    if (this.#isBehind) return
    this.#isBehind = true
    setImmediate(() => (this.#isBehind = false))
  }
}
