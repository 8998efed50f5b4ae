import { ProtocolError } from '#protocol/errors.ts'
import type { MeasureFrame } from '#protocol/frames.ts'
import type { Filler } from '#protocol/measure.ts'
import type { Lane, LaneKind } from '#transfer/lane.ts'
import { FillerStream, PaceMeter } from './filler-stream.ts'
import { FillerCount } from './measure-answers.ts'
import type { Measuring, SayOn } from './measuring.ts'

/** How fast a lane was. */
export interface LaneFigures {
  readonly lane: LaneKind
  /** Bytes a second to the phone, and from it. */
  readonly out: number
  readonly in: number
  /** Milliseconds there and back: the usual while nothing else goes, and the longest while bytes do. Null: none came back. */
  readonly roundTrip: number | null
  readonly loaded: number | null
}

/** What is measured just now. */
export interface TestStep {
  readonly lane: LaneKind
  readonly what: 'round-trip' | 'out' | 'in'
}

export interface LinkTestOptions {
  readonly onStep: (step: TestStep) => void
  /** Milliseconds of filler each way; 3 s unless given. */
  readonly ms?: number
}

const MEASURE_MS = 3_000
const PROBES = 10
/** Milliseconds between two probes, while nothing else goes and while bytes do, and until one counts as not answered. */
const PROBE_EVERY_MS = 30
const LOADED_EVERY_MS = 200
const PROBE_LIMIT_MS = 2_000
/** Milliseconds beyond its time after which filler that should come is not waited for any more. */
const LATE_MS = 3_000
/** Bytes of filler that may still come when nobody waits for them any more: more than is under way at any time. */
const LATE_BYTES_MAX = 16_777_216

interface Asked {
  readonly lane: Lane
  readonly count: FillerCount
  readonly meter: PaceMeter
  readonly end: () => void
}

/** Measures, on the desktop, how fast the lanes to a phone are. One test at a time. */
export class LinkTest implements Measuring {
  readonly #say: SayOn
  readonly #now: () => number
  /** Numbers of probes and of filler: the last one that was given. */
  #k = 0
  /** Called when the one that runs has to end. */
  #abort: (() => void) | null = null
  #lane: Lane | null = null
  #stream: FillerStream | null = null
  #asked: Asked | null = null
  readonly #probes = new Map<number, () => void>()
  #late = 0

  constructor(say: SayOn, now: () => number = () => performance.now()) {
    this.#say = say
    this.#now = now
  }

  get isRunning(): boolean {
    return this.#abort !== null
  }

  /** Measures these lanes, one after the other. Resolves with their figures; with null when it gave way, or a lane went. */
  async run(lanes: readonly Lane[], options: LinkTestOptions): Promise<readonly LaneFigures[] | null> {
    if (this.isRunning) return null
    const end = new AbortController()
    const aborted = new Promise<null>((resolve) => {
      this.#abort = () => {
        end.abort()
        resolve(null)
      }
    })
    const figures: LaneFigures[] = []
    for (const lane of lanes) {
      this.#lane = lane
      const found = await Promise.race([aborted, this.#measure(lane, options, () => end.signal.aborted)])
      if (found === null) break
      figures.push(found)
    }
    this.#abort = null
    this.#lane = null
    return end.signal.aborted ? null : figures
  }

  receive(frame: MeasureFrame, lane: Lane): void {
    if (frame.t === 'probed') this.#probes.get(frame.k)?.()
    else if (frame.t !== 'measured') throw ProtocolError.malformed('a phone that measures')
    else if (this.#stream?.k === frame.k && this.#stream.lane === lane) this.#stream.arrived(frame.bytes)
  }

  take({ k, isLast }: Filler, bytes: number, lane: Lane): void {
    const asked = this.#asked
    if (asked?.count.k === k && asked.lane === lane) {
      asked.count.add(bytes, isLast)
      asked.meter.add(bytes)
      if (isLast) asked.end()
      return
    }
    if (k > this.#k || k === 0) throw ProtocolError.malformed('filler that was not asked for')
    this.#late += bytes
    if (this.#late > LATE_BYTES_MAX) throw new ProtocolError('overrun', 'filler after its end')
  }

  giveWay(): void {
    if (this.#abort === null) return
    this.#stream?.stop()
    if (this.#asked !== null) this.#say(this.#asked.lane, { t: 'measure', k: this.#asked.count.k, ms: 0 })
    this.#asked?.end()
    this.#abort()
  }

  lost(lane: Lane): void {
    if (this.#lane === lane) this.giveWay()
  }

  async #measure(
    lane: Lane,
    { onStep, ms = MEASURE_MS }: LinkTestOptions,
    isOver: () => boolean,
  ): Promise<LaneFigures> {
    const step = (what: TestStep['what']): void => {
      if (!isOver()) onStep({ lane: lane.kind, what })
    }
    step('round-trip')
    const idle: number[] = []
    for (let i = 0; i < PROBES && !isOver(); i++) {
      const took = await this.#probe(lane)
      // Who does not answer once need not be waited for ten times.
      if (took === null) break
      idle.push(took)
      await pause(PROBE_EVERY_MS)
    }
    const loaded: number[] = []
    step('out')
    const out = isOver() ? 0 : await this.#besides(lane, loaded, () => this.#send(lane, ms))
    step('in')
    const incoming = isOver() ? 0 : await this.#besides(lane, loaded, () => this.#ask(lane, ms))
    return { lane: lane.kind, out, in: incoming, roundTrip: middleOf(idle), loaded: loaded.length > 0 ? Math.max(...loaded) : null } // prettier-ignore
  }

  /** Does it, and takes round trips meanwhile. */
  async #besides(lane: Lane, trips: number[], act: () => Promise<number>): Promise<number> {
    const done = new AbortController()
    const goesOn = (): boolean => !done.signal.aborted
    const probing = async (): Promise<void> => {
      while (goesOn()) {
        await pause(LOADED_EVERY_MS)
        const took = goesOn() ? await this.#probe(lane) : null
        if (took !== null) trips.push(took)
      }
    }
    void probing()
    const found = await act()
    done.abort()
    return found
  }

  async #send(lane: Lane, ms: number): Promise<number> {
    const stream = new FillerStream(lane, this.#next(), this.#now)
    this.#stream = stream
    await stream.run(ms)
    this.#stream = null
    return stream.rate
  }

  async #ask(lane: Lane, ms: number): Promise<number> {
    const k = this.#next()
    const meter = new PaceMeter(this.#now)
    let timer: ReturnType<typeof setTimeout> | undefined
    await new Promise<void>((end) => {
      this.#late = 0
      this.#asked = { lane, count: new FillerCount(lane, k, this.#say), meter, end }
      this.#say(lane, { t: 'measure', k, ms })
      timer = setTimeout(() => {
        this.#say(lane, { t: 'measure', k, ms: 0 })
        end()
      }, ms + LATE_MS)
    })
    clearTimeout(timer)
    this.#asked = null
    return meter.rate
  }

  /** Returns how long it took to be answered, in milliseconds; null where it was not. */
  async #probe(lane: Lane): Promise<number | null> {
    const k = this.#next()
    const began = this.#now()
    let timer: ReturnType<typeof setTimeout> | undefined
    const took = await new Promise<number | null>((resolve) => {
      this.#probes.set(k, () => {
        resolve(this.#now() - began)
      })
      timer = setTimeout(() => {
        resolve(null)
      }, PROBE_LIMIT_MS)
      this.#say(lane, { t: 'probe', k })
    })
    clearTimeout(timer)
    this.#probes.delete(k)
    return took
  }

  #next(): number {
    this.#k = (this.#k % 0xffff_ffff) + 1
    return this.#k
  }
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

function middleOf(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null
}
