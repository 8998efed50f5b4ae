import { Debounce } from '#transfer/debounce.ts'
import { activityOf, barOf, NOTHING, type Activity, type Listed } from './activity.ts'

/** Milliseconds: what happens within it is told to the system at once. */
const TELL_WITHIN_MS = 500

/** What the system can be told, by Electron or to a test. */
export interface WhileMovingPorts {
  /** Returns what is on the list now. */
  listed(): Listed
  /** Whether the computer is to stay awake while files move. */
  keepsAwake(): boolean
  /** Whether a person has the window before them. */
  isSeen(): boolean
  /** Keeps the computer awake; returns the undo. */
  stayAwake(): () => void
  /** Shows how far all is, at the icon in taskbar or dock; -1 = nothing to show. */
  setProgress(value: number, mode: 'normal' | 'paused' | 'error' | 'none'): void
  /** Shows a number at the program's icon; 0 = none. */
  setBadge(count: number): void
}

/** Keeps the computer awake while files move, and shows at the program's icon how far they are, until `stop`. */
export class WhileMoving {
  readonly #ports: WhileMovingPorts
  readonly #soon = new Debounce(() => {
    this.#tell()
  })
  #activity: Activity = NOTHING
  #release: (() => void) | null = null
  #shown = ''
  #isStopped = false

  constructor(ports: WhileMovingPorts) {
    this.#ports = ports
  }

  /** Something has changed, or a person has come to look; called often. */
  readonly changed = (): void => {
    if (!this.#isStopped) this.#soon.within(TELL_WITHIN_MS)
  }

  /** Lets the computer sleep, and takes off what is shown. */
  readonly stop = (): void => {
    this.#isStopped = true
    this.#show(NOTHING)
  }

  #tell(): void {
    if (this.#isStopped) return
    this.#activity = activityOf(this.#activity, this.#ports.listed(), this.#ports.isSeen())
    this.#show(this.#activity)
  }

  #show(activity: Activity): void {
    const isAwake = activity.isMoving && this.#ports.keepsAwake()
    if (isAwake) this.#release ??= this.#ports.stayAwake()
    else {
      this.#release?.()
      this.#release = null
    }
    const { value, mode } = barOf(activity) ?? { value: -1, mode: 'none' as const }
    const shown = JSON.stringify([value, mode, activity.unseen])
    if (shown === this.#shown) return
    this.#shown = shown
    this.#ports.setProgress(value, mode)
    this.#ports.setBadge(activity.unseen)
  }
}
