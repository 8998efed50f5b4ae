import * as v from 'valibot'
import { ProtocolError } from './errors.ts'
import { MEASURE_MS_MAX } from './limits.ts'

/**
 * How fast a lane is, asked by the computer of a phone that said `measures` in its `hello`: round trips, and bytes that mean
 * nothing (filler) either way. All of it goes over the lane that is measured.
 */

const k = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Desktop: say `probed` with the same number, at once, on this lane. */
export const Probe = v.object({ t: v.literal('probe'), k })
/** Phone: the answer to `probe`. */
export const Probed = v.object({ t: v.literal('probed'), k })
/** Desktop: send filler of this number over this lane, for so many milliseconds; 0: no more of any. */
export const Measure = v.object({
  t: v.literal('measure'),
  k,
  ms: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MEASURE_MS_MAX)),
})
/** Receiver of filler: so many bytes of it have come, headers included. */
export const Measured = v.object({ t: v.literal('measured'), k, bytes })

/** Bytes before what means nothing: u8 kind = 2, u8 1 in the last message of its number, 2 B zero, u32 k (big-endian). */
export const FILLER_HEADER_BYTES = 8
const KIND_FILLER = 2

export interface Filler {
  readonly k: number
  readonly isLast: boolean
}

/** Writes the header of filler at the front of `message`. */
export function markFiller(message: Uint8Array, { k: number, isLast }: Filler): void {
  const head = new DataView(message.buffer, message.byteOffset, FILLER_HEADER_BYTES)
  head.setUint32(0, (KIND_FILLER << 24) | (isLast ? 1 << 16 : 0))
  head.setUint32(4, number)
}

export const isFiller = (data: Uint8Array): boolean => data[0] === KIND_FILLER

/** Reads the header of filler. Throws ProtocolError. */
export function readFiller(data: Uint8Array): Filler {
  if (data.byteLength < FILLER_HEADER_BYTES) throw ProtocolError.malformed('filler without its header')
  const head = new DataView(data.buffer, data.byteOffset, FILLER_HEADER_BYTES)
  const first = head.getUint32(0)
  const isLast = first === ((KIND_FILLER << 24) | (1 << 16))
  if (!isLast && first !== KIND_FILLER << 24) throw ProtocolError.malformed('filler of an unknown form')
  return { k: head.getUint32(4), isLast }
}
