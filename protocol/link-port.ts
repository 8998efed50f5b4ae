import * as v from 'valibot'
import { REASONS } from './errors.ts'
import { Joined } from './hub-events.ts'
import { SDP_CHARS_MAX } from './limits.ts'
import { variantBy } from './parse.ts'

/**
 * What passes over the MessagePort between the window and the main process for one hosted link. The window
 * is the socket and the peer connection of that link and nothing more; what frames mean is known in the
 * main process only. (Here because both sides check it; it never leaves the computer.)
 */

const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const sdp = v.pipe(v.string(), v.maxLength(SDP_CHARS_MAX))
const LegacyEvent = v.picklist(['syncto', 'export', 'transfile', 'ctrlSendSpeed', 'exception'])
type LegacyEvent = v.InferOutput<typeof LegacyEvent>
export const isLegacyEvent = (event: string): event is LegacyEvent => v.is(LegacyEvent, event)
const signal = v.object({ t: v.literal('signal'), event: LegacyEvent, payload: v.unknown() })
const data = v.object({
  t: v.literal('data'),
  data: v.union([v.string(), v.custom<Uint8Array>((value) => value instanceof Uint8Array)]),
})

export const FromWindow = variantBy('t', [
  /** The link is registered at the hub. */
  v.object({ t: v.literal('registered') }),
  /** A phone is at the hub. */
  v.object({ t: v.literal('joined'), peer: Joined }),
  /** It left the hub. */
  v.object({ t: v.literal('left') }),
  /** May this offer be answered? `n` counts the offers of this link. */
  v.object({ t: v.literal('check-offer'), n: bytes, sdp, mac: v.string() }),
  /** Our answer to it, to be signed. */
  v.object({ t: v.literal('sign-answer'), n: bytes, sdp }),
  /** A data channel is open, and the descriptions that its connection uses. */
  v.object({
    t: v.literal('lane-open'),
    lane: v.picklist(['webrtc', 'legacy']),
    maxMessage: bytes,
    local: sdp,
    remote: sdp,
  }),
  v.object({ t: v.literal('lane-closed') }),
  data,
  /** So many bytes of `data` from main have left the channel's queue. */
  v.object({ t: v.literal('credit'), bytes }),
  /** An event of the 2018 protocol from a legacy app. */
  signal,
  /** Why there is no connection. */
  v.object({ t: v.literal('trouble'), code: v.picklist(REASONS) }),
])
export type FromWindow = v.InferOutput<typeof FromWindow>

export const ToWindow = variantBy('t', [
  data,
  /** An event of the 2018 protocol for a legacy app. */
  signal,
  /** The offer is the phone's own, or why it is not answered. */
  v.object({ t: v.literal('offer-checked'), n: bytes, refused: v.nullable(v.picklist(REASONS)) }),
  v.object({ t: v.literal('answer-signed'), n: bytes, mac: v.string() }),
  /** End the lane. */
  v.object({ t: v.literal('close-lane') }),
])
export type ToWindow = v.InferOutput<typeof ToWindow>
