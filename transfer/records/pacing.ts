import type { Sync } from '#protocol/records.ts'
import { Bucket } from '#transfer/rate-limit.ts'

/** Questions for pages: at once a good many, then as many in a second as a disk likes to store. */
const PACE = { burst: 64, perSecond: 40 }
const LATER_MS = 100

/**
 * Says `sync` no more often than is good for who asks: each page is stored at once, and a phone that says `changed` again and
 * again, or sends pages of one record, would have this side do nothing else. Of those that wait the last one counts.
 */
export class SyncPacing {
  readonly #say: (frame: Sync) => void
  readonly #bucket = new Bucket(PACE)
  #waiting: Sync | null = null

  constructor(say: (frame: Sync) => void) {
    this.#say = say
  }

  say(frame: Sync): void {
    if (this.#waiting === null && this.#bucket.take()) {
      this.#say(frame)
      return
    }
    if (this.#waiting === null) this.#later()
    this.#waiting = frame
  }

  #later(): void {
    setTimeout(() => {
      const frame = this.#waiting
      this.#waiting = null
      if (frame !== null) this.say(frame)
    }, LATER_MS)
  }
}
