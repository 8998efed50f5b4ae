import * as v from 'valibot'

/** Of Socket.IO 5, without its binary ones: the hub sends none. */
export const PACKET = { connect: '0', disconnect: '1', event: '2', ack: '3', refused: '4' } as const

/** One packet of the main namespace, the only one we are in; `data` is undefined where it has none, or none that is JSON. */
export interface Packet {
  readonly type: string
  /** Which question an `ack` answers; NaN where there is none. */
  readonly id: number
  readonly data: unknown
}

// A comma would end the name of another namespace, a dash the count of attachments.
const HEAD = /^([0-4])(\d*)(?=[[{]|$)/

/** The packet, or null where it is none that we know. */
export function readPacket(text: string): Packet | null {
  const [head, type, id] = HEAD.exec(text) ?? []
  if (head === undefined || type === undefined) return null
  return { type, id: id === '' ? NaN : Number(id), data: jsonOf(text.slice(head.length)) }
}

/** What anybody says, taken for what it is: undefined where it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const Connected = v.object({ sid: v.string() })

/** What an `event` or an `ack` carries; nothing where it is no list. */
export const listOf = (data: unknown): readonly unknown[] => (Array.isArray(data) ? data : [])
