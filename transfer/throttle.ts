import { Bucket, type Pace } from './bucket.ts'

/** Does something at once as often as a pace allows; asked more often, once more a little later, and not each time. */
export class Throttle {
  readonly #act: () => void
  readonly #bucket: Bucket
  readonly #gapMs: number
  #isDue = false

  constructor(act: () => void, pace: Pace) {
    this.#act = act
    this.#bucket = new Bucket(pace)
    this.#gapMs = 1_000 / pace.perSecond
  }

  ask(): void {
    if (this.#isDue) return
    if (this.#bucket.take()) {
      this.#act()
      return
    }
    this.#isDue = true
    setTimeout(() => {
      this.#isDue = false
      this.#act()
    }, this.#gapMs)
  }
}
