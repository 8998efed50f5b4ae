import type { Duplex } from 'node:stream'
import { CLIENT_EVENT_CHARS_MAX, OTHER_PACKET_CHARS_MAX } from '#protocol/limits.ts'
import { Bucket } from '#transfer/rate-limit.ts'
import type { HubLimits } from './limits.ts'
import type { Relay } from './relay-fast-path.ts'

/** An Engine.IO socket: one client, whatever transport carries it. */
export interface Carrier {
  readonly transport: object
  close(discard?: boolean): unknown
}

/** Data of a packet; an empty packet has none. */
type Data = string | Buffer | undefined

/** Tells a client, in an event that its version knows, that it is ended, and ends it. */
export type Farewell = () => void

const clientPackets = ({ packetsPerSecond: perSecond, packetsBurst: burst }: HubLimits): Bucket =>
  new Bucket({ perSecond, burst })
const guestPackets = ({ guestPacketsPerSecond: perSecond, guestPacketsBurst: burst }: HubLimits): Bucket =>
  new Bucket({ perSecond, burst })

/** Limits what one client may send: how often, how much at once, and how much for each event. */
export class ClientLimits {
  readonly #carrier: Carrier
  readonly #limits: HubLimits
  readonly #complain: (what: string) => void
  /** Packets, and as a guest the bytes of the wire as well. */
  #packets: Bucket
  readonly #bytes: Bucket
  readonly #wires = new Set<Duplex>()
  #isIn: boolean
  #isOver = false
  /** Bytes for the client that its transport has not taken yet. */
  #unsent = 0
  /** Binary packets still to come, and what they may have; null = they are dropped like the event itself. */
  #attachments = 0
  #room: number | null = 0
  /** Null before the client is connected: then there is nobody to say goodbye to. */
  farewell: Farewell | null = null
  /** Null before the client is connected. */
  relay: Relay | null = null

  constructor(carrier: Carrier, isIn: boolean, limits: HubLimits, complain: (what: string) => void) {
    this.#carrier = carrier
    this.#limits = limits
    this.#isIn = isIn
    this.#complain = complain
    this.#packets = isIn ? clientPackets(limits) : guestPackets(limits)
    this.#bytes = new Bucket({ perSecond: limits.guestBytesPerSecond, burst: limits.guestBytesBurst })
    if (!isIn) this.#setPollingMax(limits.guestMessageBytes)
  }

  /** Whether no attachment of an event is missing. */
  get isWhole(): boolean {
    return this.#attachments <= 0
  }

  letIn(): void {
    if (this.#isIn) return
    this.#isIn = true
    this.#packets = clientPackets(this.#limits)
    for (const wire of this.#wires) wire.off('data', this.#countBytes)
    this.#setPollingMax(this.#limits.messageBytes)
  }

  /**
   * Watches a websocket's connection, before anything is read from it: a message that never ends is seen here only, and
   * so are frames that Engine.IO never hears of.
   */
  wire(wire: Duplex): void {
    this.#wires.add(wire)
    if (!this.#isIn) wire.on('data', this.#countBytes)
  }

  readonly #countBytes = (chunk: Buffer): void => {
    if (!this.#bytes.take(chunk.length)) this.#end('too many bytes before being let in')
  }

  /** Counts one of Engine.IO's own packets, such as a ping, like any other: each may have an answer. */
  beat(): void {
    if (!this.#isOver) this.#pays()
  }

  /** Counts bytes for the client; ends a client that asks and never reads, as all of it would be kept here. */
  owe(bytes: number): void {
    this.#unsent += bytes
    const { guestUnreadBytes, unreadBytes } = this.#limits
    const waiting = [...this.#wires].reduce((sum, wire) => sum + wire.writableLength, this.#unsent)
    if (waiting > (this.#isIn ? unreadBytes : guestUnreadBytes)) this.#end('it does not read what it is sent')
  }

  /** Called when the transport has taken all of those bytes. */
  sent(): void {
    this.#unsent = 0
  }

  /** Holds writes back until `release`, so that packets leave in one write instead of one each. */
  gather(): void {
    for (const wire of this.#wires) wire.cork()
  }
  release(): void {
    for (const wire of this.#wires) wire.uncork()
  }

  /** Tells whether data from the client may be parsed. */
  takes(data: Data): boolean {
    if (this.#isOver || (!this.#isIn && !this.#isGuestSized(Buffer.byteLength(data ?? '')))) return false
    return Buffer.isBuffer(data) ? this.#takesAttachment(data) : this.#takesText(data ?? '')
  }

  /** Checks the size of a guest's packet; what comes by polling has no wire on which its bytes were counted. */
  #isGuestSized(bytes: number): boolean {
    const isLarge = bytes > this.#limits.guestMessageBytes
    if (isLarge || (this.#wires.size === 0 && !this.#bytes.take(bytes))) this.#end('too large before being let in')
    return !this.#isOver
  }

  #takesText(text: string): boolean {
    const heading = headingOf(text)
    const isSmall = text.length <= sizeOf(heading)
    const isFree = this.#isIn && isSmall && heading.event === 'ctrlSendSpeed' && heading.attachments === 0
    if (!isFree && !this.#pays()) return false
    this.#attachments = heading.attachments
    this.#room = isSmall ? sizeOf(heading) - text.length : null
    if (!isSmall) this.#complain(`dropped, ${text.length} characters are too many for its event`)
    return isSmall
  }

  #takesAttachment(bytes: Buffer): boolean {
    if (!this.#pays()) return false
    this.#attachments -= 1
    if (this.#room === null) return this.#attachments < 0
    this.#room -= bytes.length
    if (this.#room >= 0 || this.#attachments < 0) return true
    this.#end('attachments too large for their event')
    return false
  }

  #pays(): boolean {
    if (this.#packets.take()) return true
    this.#end('too many packets')
    return false
  }

  /** Stops reading at once, tells the client why, and cuts its connection after the grace for reading that. */
  #end(why: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#complain(`ended, ${why}`)
    for (const wire of this.#wires) wire.pause()
    this.farewell?.()
    if (this.farewell === null) this.cut()
    else setTimeout(this.cut, this.#limits.endGraceMs).unref()
  }

  /**
   * Called when the client is being closed, or has been, by either side. Socket.IO and Engine.IO close politely: for
   * half a minute a websocket would go on being read, uncounted. `hears`: the client's own goodbye is still wanted.
   */
  ending(hears: boolean): void {
    this.#isOver = true
    if (!hears) for (const wire of this.#wires) wire.pause()
    setTimeout(this.cut, this.#limits.endGraceMs).unref()
  }

  /** Cuts the connection now. A websocket's own goodbye would leave the other side half a minute to answer. */
  readonly cut = (): void => {
    this.#isOver = true
    this.#carrier.close(true)
    for (const wire of this.#wires) wire.destroy()
  }

  // Engine.IO gives each polling transport the limit for all of them; a websocket has none of its own.
  #setPollingMax(bytes: number): void {
    const { transport } = this.#carrier
    if ('maxHttpBufferSize' in transport) transport.maxHttpBufferSize = bytes
  }
}

/** What can be told of a Socket.IO packet without parsing it. */
export interface Heading {
  /** Null for what is no event: connect, disconnect, acknowledgement; and for one that is spelled oddly. */
  readonly event: string | null
  /** Binary packets that follow and belong to it. */
  readonly attachments: number
}

// Type 2 = event, 5 = event with attachments; then their number, a namespace, an acknowledgement's number.
const EVENT = /^(?:2|5(\d{1,9})-)(?:\/[^,"]{0,64},)?\d{0,16}\["([^"\\]{1,64})"/

export function headingOf(text: string): Heading {
  const match = EVENT.exec(text.slice(0, 256))
  return { event: match?.[2] ?? null, attachments: Number(match?.[1] ?? 0) }
}

const SIZES: ReadonlyMap<string, number> = new Map(Object.entries(CLIENT_EVENT_CHARS_MAX))

/** Returns how many characters a packet may have, its attachments' bytes included. */
export const sizeOf = ({ event }: Heading): number => SIZES.get(event ?? '') ?? OTHER_PACKET_CHARS_MAX
