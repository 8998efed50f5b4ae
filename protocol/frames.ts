import * as v from 'valibot'
import {
  BATCH_FILES_MAX,
  CONTROL_CHARS_MAX,
  DEVICE_NAME_CHARS_MAX,
  HAVE_CHARS_MAX,
  MIME_CHARS_MAX,
  NAME_CHARS_MAX,
  OFFERS_MAX,
  PATH_DEPTH_MAX,
  PLACES_MAX,
  SKIPPED_CHARS_MAX,
  SKIPPED_NAMES_MAX,
  THUMB_BYTES_MAX,
} from './limits.ts'
import { ReasonOfPeer } from './errors.ts'
import { ClaimedKind, wordOf } from './hub-events.ts'
import { Measure, Measured, Probe, Probed } from './measure.ts'
import { parseJson, variantBy } from './parse.ts'
import { Changed, Export, ExportMissing, Records, Sync, Text, TextAck } from './records.ts'
import { Time } from './times.ts'

/**
 * What travels on a lane besides the bytes of files: JSON text, one frame a message, or several to who takes that.
 * A transfer is named by its number `n`, chosen by its sender: odd from the phone, even from the desktop
 * (as HTTP/2 numbers its streams), so that either side can name either direction's transfers.
 */

const n = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff))
const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))

/** Names a transfer, a batch or a session: 16 random bytes in lower-case hex. */
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))
const name = v.pipe(v.string(), v.maxLength(NAME_CHARS_MAX))

/** A host by its IPv4 address, its IPv6 address in brackets, or its name on the local network, and a port. */
const place = v.pipe(v.string(), v.regex(/^(?:[\w.-]{1,63}|\[[\da-f:]{2,39}\]):\d{1,5}$/))

/** What a sender could not send of what a person chose: how many things, and some of their names, for eyes alone. */
const Skipped = {
  skipped: v.optional(n),
  skippedNames: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.maxLength(SKIPPED_CHARS_MAX))), v.maxLength(SKIPPED_NAMES_MAX)),
  ),
}

/** Which lane a person wants for the bytes of files: the faster one, or always this one. */
export const LaneWish = v.picklist(['auto', 'webrtc', 'socket'])
export type LaneWish = v.InferOutput<typeof LaneWish>

/**
 * First frame of each side on each lane: who it is. Any version is understood so far, to be refused by its name.
 * `session` is drawn once by each run of a program or page: another one means that it has forgotten what it was doing.
 * `lane`: the desktop's wish, which holds for both. `folders`: whole folders may come, as offers with a `path`. `records`:
 * from a phone, it has records and may be asked to `sync`. `texts`: it takes `text`. `many`: a text message may be an array
 * of frames. `pieces`: a long text may come in several messages over a data channel. `got`: over a data channel this side says `ping` with `got`.
 * `at`: from the desktop, where else its hub may be reached, each as `host:port`: a hint to look there, as only the proof tells
 * whose hub it is.
 * `measures`: from a phone, it answers `probe` and `measure`, and takes filler (measure.ts).
 */
const Hello = v.object({
  t: v.literal('hello'),
  v: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  name: v.pipe(v.string(), v.maxLength(DEVICE_NAME_CHARS_MAX * 4)),
  kind: ClaimedKind,
  session: v.optional(id),
  lane: v.optional(wordOf(LaneWish.options, 'auto')),
  folders: v.optional(v.boolean()),
  records: v.optional(v.boolean()),
  texts: v.optional(v.boolean()),
  many: v.optional(v.boolean()),
  pieces: v.optional(v.boolean()),
  got: v.optional(v.boolean()),
  measures: v.optional(v.boolean()),
  at: v.optional(v.pipe(v.array(place), v.maxLength(PLACES_MAX))),
})
/**
 * This side is still there: nothing was said for a while, or more has come. Not answered. `got`: bytes of all binary frames
 * that came over this data channel.
 */
const Ping = v.object({ t: v.literal('ping'), got: v.optional(bytes) })
/**
 * Either side, first, when its words go over another lane than before. Then it offers again what is on this list: the
 * files that it has offered and not ended; whatever the other side has of it beyond these has ended unheard. The other
 * side offers its own again, since the answers to these may be lost too.
 */
const Resume = v.object({ t: v.literal('resume'), ns: v.pipe(v.array(n), v.maxLength(OFFERS_MAX)) })
/** Receiver, after `hello`: it keeps `bytes` of this file from an earlier try. Offered with the same id it goes on. */
const Unfinished = v.object({
  t: v.literal('unfinished'),
  id,
  name,
  size: bytes,
  mtime: Time,
  bytes,
})
/**
 * Sender, before the first offer of them: files that belong together, a folder or a crowd that was picked at once, and what
 * of it is none of them.
 */
const Batch = v.object({
  t: v.literal('batch'),
  id,
  name,
  files: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(BATCH_FILES_MAX)),
  bytes,
  ...Skipped,
})
/**
 * From the desktop, after a link's first connection: the device's own name and key, base64url of 16 and 32 bytes. The
 * link's key is worth nothing from now on; with these the phone comes back (proof.ts). To a page that is remembered,
 * at every connection: the key before dies when this one is first used, and its use after that revokes the phone.
 */
const Credentials = v.object({
  t: v.literal('credentials'),
  id: v.pipe(v.string(), v.regex(/^[\w-]{22}$/)),
  key: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
})
/** From a phone's page: a person wants it to be remembered beyond its tab, or no longer. A new `credentials` is the answer. */
const Remember = v.object({ t: v.literal('remember'), on: v.boolean() })
/**
 * Sender: one file. `mtime` in milliseconds since 1970, 0 = not known. `mime` is a hint, never trusted. `thumb`: there may
 * be a thumbnail of it, to be asked for by `want-thumb`. Who does not say so knows no `want-thumb`, and gets none. `batch`: which one
 * it belongs to. `path`: the folders it lies in, outermost first. The same file may be offered again, by the same id.
 * `skipped`: of one that holds many, a zip, what is not in it.
 */
const OfferFile = v.object({
  t: v.literal('offer'),
  n,
  id,
  name,
  size: bytes,
  mtime: Time,
  mime: v.pipe(v.string(), v.maxLength(MIME_CHARS_MAX)),
  thumb: v.optional(v.boolean()),
  batch: v.optional(id),
  path: v.optional(v.pipe(v.array(name), v.maxLength(PATH_DEPTH_MAX))),
  ...Skipped,
})
/** Receiver: a person is asked about this file; let them see it. Once, before the answer. */
const WantThumb = v.object({ t: v.literal('want-thumb'), n })
/** Sender, after `want-thumb`: a small JPEG, base64url. May come late or not at all. */
const Thumb = v.object({
  t: v.literal('thumb'),
  n,
  data: v.pipe(v.string(), v.maxLength(Math.ceil((THUMB_BYTES_MAX * 4) / 3)), v.regex(/^[\w-]+$/)),
})
/**
 * Receiver: send what is missing. `have`: the blocks that are here and checked (blocks.ts); absent = none. `landed`: they
 * are of a file that landed before and looks like this one, not of an earlier try. Also later on.
 */
const Accept = v.object({
  t: v.literal('accept'),
  n,
  have: v.optional(v.pipe(v.string(), v.maxLength(HAVE_CHARS_MAX), v.regex(/^[\w-]*$/))),
  landed: v.optional(v.literal(true)),
})
/** Sender: SHA-256 of block `i`, lower-case hex, also of one that the receiver has. May come before or after its bytes. */
const BlockHash = v.object({ t: v.literal('block'), n, i: n, hash })
/** Receiver: block `i` is written. Gives the sender credit and progress. */
const Ack = v.object({ t: v.literal('ack'), n, i: n })
/** Receiver: block `i` was not what its hash says. Once more, please. */
const Resend = v.object({ t: v.literal('resend'), n, i: n })
/** Either side: a person, or a full disk here, holds it up, or no longer. Said by a receiver with the reason, and what the disk lacks. */
const Pause = v.object({
  t: v.literal('pause'),
  n,
  on: v.boolean(),
  code: v.optional(ReasonOfPeer),
  needBytes: v.optional(bytes),
})
/**
 * Sender, after the `ack` of every block: the root over all block hashes (see blocks.ts). `skipped` as in the offer, if more
 * could not be read since.
 */
const End = v.object({ t: v.literal('end'), n, root: hash, ...Skipped })
/** Receiver's final word: whole, under its final name. With the root that it computed; absent = it did not check. */
const Done = v.object({ t: v.literal('done'), n, root: v.optional(hash) })
/** Receiver, a page, in place of `accept`: too large to hold, it would take it as a download over plain http. */
const Fetch = v.object({ t: v.literal('fetch'), n })
/** Sender: here, on the hub, for this phone alone. It has ended well once all of it was taken (`download-progress`). */
const Download = v.object({
  t: v.literal('download'),
  n,
  path: v.pipe(v.string(), v.maxLength(128), v.regex(/^\/d\/[\w-]{43}$/)),
})
/** Sender: so much of the download has been taken; `over`: all of it, and `skipped` as in `end`. */
const DownloadProgress = v.object({ t: v.literal('download-progress'), n, bytes, over: v.boolean(), ...Skipped })
/**
 * Either side, last of all: the other one does not keep to this protocol, so this one ends the conversation with it. It is
 * said once, and not answered.
 */
const Close = v.object({ t: v.literal('close'), code: ReasonOfPeer })
/** Either side: it ends here. */
const Stop = v.object({ t: v.literal('stop'), n, code: ReasonOfPeer })

export const Frame = variantBy('t', [
  Hello,
  Ping,
  Credentials,
  Remember,
  Resume,
  Unfinished,
  Batch,
  OfferFile,
  WantThumb,
  Thumb,
  Accept,
  BlockHash,
  Ack,
  Resend,
  Pause,
  End,
  Done,
  Fetch,
  Download,
  DownloadProgress,
  Stop,
  Close,
  Sync,
  Records,
  Changed,
  Export,
  ExportMissing,
  Text,
  TextAck,
  Probe,
  Probed,
  Measure,
  Measured,
])
export type Frame = v.InferOutput<typeof Frame>
export type Credentials = v.InferOutput<typeof Credentials>
export type OfferFile = v.InferOutput<typeof OfferFile>
export type Batch = v.InferOutput<typeof Batch>
export type Unfinished = v.InferOutput<typeof Unfinished>
/** Frames about records and texts, see records.ts. */
export type SyncFrame = Extract<
  Frame,
  { readonly t: 'sync' | 'records' | 'changed' | 'export' | 'export-missing' | 'text' | 'text-ack' }
>
/** Frames about how fast a lane is, see measure.ts. */
export type MeasureFrame = Extract<Frame, { readonly t: 'probe' | 'probed' | 'measure' | 'measured' }>
/** Frames about one transfer that has been offered. */
export type TransferFrame = Exclude<Extract<Frame, { readonly n: number }>, OfferFile>

export const encodeFrame = (frame: Frame): string => JSON.stringify(frame)

/** Throws ProtocolError. */
export const decodeFrame = (text: string): Frame => parseJson(Frame, text, CONTROL_CHARS_MAX)

const Together = v.array(Frame)

/** The frames of a text message: one as it is, or several in an array. Throws ProtocolError. */
export const decodeFrames = (text: string): readonly Frame[] =>
  text.startsWith('[') ? parseJson(Together, text, CONTROL_CHARS_MAX) : [decodeFrame(text)]
