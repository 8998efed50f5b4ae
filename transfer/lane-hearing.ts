import { Allowances } from './allowances.ts'
import { Throttle } from './rate-limit.ts'

/** The first greeting on a lane, and the first word that words go over it now, are answered at once. */
const REPEATED = { burst: 1, perSecond: 20 }

export interface LaneHearingPorts {
  /** It greeted: what it should know of us is said again. */
  greeted(): void
  /** The same, of what is kept of its files. */
  tellKept(): void
  /** Its words go over this lane from now on, and ours may be lost. */
  resume(): void
}

/** What comes over one lane, as far as it is answered by more than it is long: a lane costs a handshake, a frame nothing. */
export class LaneHearing {
  readonly allowances = new Allowances()
  readonly greeted: Throttle
  readonly tellKept: Throttle
  readonly resume: Throttle

  constructor(ports: LaneHearingPorts) {
    this.greeted = new Throttle(() => {
      ports.greeted()
    }, REPEATED)
    this.tellKept = new Throttle(() => {
      ports.tellKept()
    }, REPEATED)
    this.resume = new Throttle(() => {
      ports.resume()
    }, REPEATED)
  }
}
