import * as v from 'valibot'
import { CONTROL_CHARS_MAX, DEVICE_NAME_CHARS_MAX, NAME_CHARS_MAX, THUMB_BYTES_MAX } from './limits.ts'
import { REASONS } from './errors.ts'
import { PeerKind } from './hub-events.ts'
import { parseJson } from './parse.ts'

/**
 * What travels on a lane besides the bytes of files: JSON text, one frame a message.
 * A transfer is named by its number `n`, chosen by its sender: odd from the phone, even from the desktop
 * (as HTTP/2 numbers its streams), so that either side can name either direction's transfers.
 */

const n = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const reason = v.picklist(REASONS)

/** First frame of each side: who it is. Any version is understood so far, to be refused by its name. */
const Hello = v.object({
  t: v.literal('hello'),
  v: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  name: v.pipe(v.string(), v.maxLength(DEVICE_NAME_CHARS_MAX * 4)),
  kind: PeerKind,
})
/**
 * From the desktop, after a link's first connection: the device's own name and key, base64url of 16 and 32 bytes. The
 * link's key is worth nothing from now on; with these the phone comes back (proof.ts). To a page that is remembered,
 * at every connection: the key before dies when this one is first used, and its use after that revokes the phone.
 */
const Keep = v.object({
  t: v.literal('keep'),
  id: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
  key: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
})
/** From a phone's page: a person wants it to be remembered beyond its tab, or no longer. A new `keep` is the answer. */
const Remember = v.object({ t: v.literal('remember'), on: v.boolean() })
/**
 * Sender: one file. `mtime` in milliseconds since 1970, 0 = not known. `mime` is a hint, never trusted. `thumb`: there may
 * be a thumbnail of it, to be asked for by `look`. Who does not say so knows no `look`, and gets none.
 */
const OfferFile = v.object({
  t: v.literal('offer'),
  n,
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  name: v.pipe(v.string(), v.maxLength(NAME_CHARS_MAX)),
  size: bytes,
  mtime: v.pipe(v.number(), v.safeInteger()),
  mime: v.pipe(v.string(), v.maxLength(255)),
  thumb: v.optional(v.boolean()),
})
/** Receiver: a person is asked about this file; let them see it. Once, before the answer. */
const Look = v.object({ t: v.literal('look'), n })
/** Sender, after `look`: a small JPEG, base64url. May come late or not at all. */
const Thumb = v.object({
  t: v.literal('thumb'),
  n,
  data: v.pipe(v.string(), v.maxLength(Math.ceil((THUMB_BYTES_MAX * 4) / 3)), v.regex(/^[\w-]+$/)),
})
/** Receiver: send it. */
const Accept = v.object({ t: v.literal('accept'), n })
/** Sender: SHA-256 of block `i`, lower-case hex. May come any time after the block's bytes. */
const BlockHash = v.object({ t: v.literal('block'), n, i: n, hash })
/** Receiver: this many bytes from the start are written. Gives the sender credit and progress. */
const Ack = v.object({ t: v.literal('ack'), n, bytes })
/** Sender: all is sent; the root over all block hashes (see blocks.ts). */
const End = v.object({ t: v.literal('end'), n, root: hash })
/** Receiver's final word: whole, checked, under its final name. */
const Done = v.object({ t: v.literal('done'), n, root: hash })
/** Either side: it ends here. */
const Stop = v.object({ t: v.literal('stop'), n, code: reason })

export const Frame = v.variant('t', [
  Hello,
  Keep,
  Remember,
  OfferFile,
  Look,
  Thumb,
  Accept,
  BlockHash,
  Ack,
  End,
  Done,
  Stop,
])
export type Frame = v.InferOutput<typeof Frame>
export type Keep = v.InferOutput<typeof Keep>
export type OfferFile = v.InferOutput<typeof OfferFile>

export const encodeFrame = (frame: Frame): string => JSON.stringify(frame)

/** Throws ProtocolError. */
export const decodeFrame = (text: string): Frame => parseJson(Frame, text, CONTROL_CHARS_MAX)
