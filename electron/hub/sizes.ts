import { CLIENT_EVENT_CHARS_MAX, OTHER_PACKET_CHARS_MAX } from '#protocol/limits.ts'

/** A packet of Socket.IO as far as it can be told without parsing it. */
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

/** Characters that a packet may have, its attachments' bytes included. */
export const sizeOf = ({ event }: Heading): number => SIZES.get(event ?? '') ?? OTHER_PACKET_CHARS_MAX
