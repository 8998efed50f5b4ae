import { ProtocolError } from '#protocol/errors.ts'
import type { Frame } from '#protocol/frames.ts'
import { Bucket, type Pace } from './rate-limit.ts'

/** As many as there are blocks and small files: thousands in a second, and all that waited while this program slept. */
const BUSY: Pace = { burst: 262_144, perSecond: 50_000 }
/** Once for a greeting, or for something that a person did. */
const RARE: Pace = { burst: 32, perSecond: 2 }
/** For a file, or a batch, that a person waits for; again for all of them after a break. */
const FILES: Pace = { burst: 4_096, perSecond: 512 }
/** Up to as many as may wait at a time, again at each greeting. */
const WAITING: Pace = { burst: 512, perSecond: 64 }

/**
 * Says what one lane may bring of each kind of frame: several times what the most eager program of ours says, and so little that
 * all the work of answering it is done in a moment. A kind without a row does not compile.
 */
const PACES: Readonly<Record<Frame['t'], Pace>> = {
  hello: RARE,
  resume: RARE,
  credentials: RARE,
  remember: RARE,
  close: RARE,
  unfinished: WAITING,
  text: WAITING,
  'text-ack': WAITING,
  changed: WAITING,
  sync: { burst: 128, perSecond: 64 },
  records: { burst: 256, perSecond: 128 },
  batch: FILES,
  'want-thumb': FILES,
  thumb: FILES,
  fetch: FILES,
  download: FILES,
  'export-missing': FILES,
  // The ids of all exports that may wait, 300 to a frame.
  export: { burst: 32_768, perSecond: 512 },
  pause: { burst: 8_192, perSecond: 2_048 },
  probe: WAITING,
  probed: WAITING,
  measure: RARE,
  measured: BUSY,
  ping: BUSY,
  offer: BUSY,
  accept: BUSY,
  block: BUSY,
  ack: BUSY,
  resend: BUSY,
  end: BUSY,
  done: BUSY,
  'download-progress': BUSY,
  stop: BUSY,
}

/** Counts what a lane brings: who says more of a kind than any honest program does is not answered for ever. */
export class Allowances {
  readonly #buckets = new Map<Frame['t'], Bucket>()

  /** Counts a frame. Throws ProtocolError where it is too much. */
  take({ t }: Frame): void {
    let bucket = this.#buckets.get(t)
    if (bucket === undefined) this.#buckets.set(t, (bucket = new Bucket(PACES[t])))
    if (!bucket.take()) throw new ProtocolError('overrun', `too many ${t}`)
  }
}
