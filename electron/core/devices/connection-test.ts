import type { ConnectionTestView } from '#electron/app-state.ts'
import { TESTS_MAX, type KeptTest } from '#store/device-store.ts'
import { LinkTest, type TestStep } from '#transfer/measuring/link-test.ts'
import type { SayOn } from '#transfer/measuring/measuring.ts'
import type { Session } from '#transfer/session.ts'

export interface ConnectionTestOptions {
  /** ms since 1970, by the system's clock: for people. */
  readonly now: () => number
  readonly onChange: () => void
  /** Milliseconds of filler each way; three seconds unless given. */
  readonly ms?: number | undefined
}

/** Tests, when a person asks, how fast the connection to one device is, and keeps what came of the last tests. */
export class ConnectionTest {
  /** Whether the device answers to it. */
  isOffered = false
  readonly #options: ConnectionTestOptions
  #tester: LinkTest | null = null
  #step: TestStep | null = null
  /** The last one was cut short. */
  #isCut = false
  #kept: readonly KeptTest[] = []

  constructor(options: ConnectionTestOptions) {
    this.#options = options
  }

  /** Makes the part of a session that measures. */
  readonly newMeasuring = (say: SayOn): LinkTest => (this.#tester = new LinkTest(say))

  get isRunning(): boolean {
    return this.#tester?.isRunning === true
  }

  /** What came of the last tests, oldest first. */
  get kept(): readonly KeptTest[] {
    return this.#kept
  }

  restore(kept: readonly KeptTest[]): void {
    this.#kept = kept.slice(-TESTS_MAX)
  }

  /** Tests the session's lanes. `isBusy`: files are moving, so it does not begin. Resolves with whether there is a result. */
  async run(session: Session | null, isBusy: boolean): Promise<boolean> {
    const { now, onChange, ms } = this.#options
    const lanes = session?.lanesToMeasure ?? []
    if (this.#tester === null || this.isRunning || !this.isOffered || lanes.length === 0) return false
    this.#isCut = isBusy
    if (isBusy) {
      onChange()
      return false
    }
    const onStep = (step: TestStep): void => {
      this.#step = step
      onChange()
    }
    const figures = await this.#tester.run(lanes, { onStep, ...(ms !== undefined && { ms }) })
    this.#step = null
    this.#isCut = figures === null
    if (figures !== null) this.#kept = [...this.#kept, { at: now(), lanes: [...figures] }].slice(-TESTS_MAX)
    onChange()
    return figures !== null
  }

  /** Stops for files that move, or because a person wants it to. */
  stop(): void {
    this.#tester?.giveWay()
  }

  view(): ConnectionTestView {
    return { step: this.#step, isCut: this.#isCut, kept: this.#kept }
  }
}
