import { ProtocolError } from '#protocol/errors.ts'
import type { MeasureFrame } from '#protocol/frames.ts'
import { MEASURE_BYTES_MAX, MEASURED_EVERY_BYTES } from '#protocol/limits.ts'
import type { Filler } from '#protocol/measure.ts'
import type { Lane } from '#transfer/lane.ts'
import { FillerStream } from './filler-stream.ts'
import type { Measuring, SayOn } from './measuring.ts'

/** Tells who sends filler how much of it has come, now and then and at its end. */
export class FillerCount {
  readonly k: number
  readonly lane: Lane
  readonly #say: SayOn
  #bytes = 0
  #said = 0

  constructor(lane: Lane, k: number, say: SayOn) {
    this.lane = lane
    this.k = k
    this.#say = say
  }

  /** Counts a message. Throws ProtocolError where that is more than one `measure` brings. */
  add(bytes: number, isLast: boolean): void {
    this.#bytes += bytes
    if (this.#bytes > MEASURE_BYTES_MAX) throw new ProtocolError('overrun', 'too much filler')
    if (!isLast && this.#bytes - this.#said < MEASURED_EVERY_BYTES) return
    this.#said = this.#bytes
    this.#say(this.lane, { t: 'measured', k: this.k, bytes: this.#bytes })
  }
}

/** Answers, on a phone, the computer that asks how fast a lane is. */
export class MeasureAnswers implements Measuring {
  readonly #say: SayOn
  #stream: FillerStream | null = null
  #count: FillerCount | null = null

  constructor(say: SayOn) {
    this.#say = say
  }

  receive(frame: MeasureFrame, lane: Lane): void {
    switch (frame.t) {
      case 'probe':
        this.#say(lane, { t: 'probed', k: frame.k })
        return
      case 'measure':
        this.giveWay()
        if (frame.ms > 0) this.#fill(lane, frame.k, frame.ms)
        return
      case 'measured':
        if (this.#stream?.k === frame.k) this.#stream.arrived(frame.bytes)
        return
      case 'probed':
        throw ProtocolError.malformed('an answer that was not asked for')
    }
  }

  take({ k, isLast }: Filler, bytes: number, lane: Lane): void {
    if (this.#count?.k !== k || this.#count.lane !== lane) this.#count = new FillerCount(lane, k, this.#say)
    this.#count.add(bytes, isLast)
  }

  giveWay(): void {
    this.#stream?.stop()
    this.#stream = null
  }

  lost(lane: Lane): void {
    if (this.#stream?.lane === lane) this.giveWay()
    if (this.#count?.lane === lane) this.#count = null
  }

  #fill(lane: Lane, k: number, ms: number): void {
    this.#stream = new FillerStream(lane, k)
    void this.#stream.run(ms)
  }
}
