/** Why the program ends. Only a person is ever asked whether it should. */
export type EndReason = 'person' | 'session-end' | 'signal' | 'update'

/** An event of Electron's that can be held up. */
interface Preventable {
  preventDefault(): void
}

/** What the lifecycle has done for it: Electron and the app, or a test. */
export interface LifecyclePorts {
  /** Whether files are on their way just now. */
  isMoving(): boolean
  /** Asks the person whether to quit although files move. `gone` is aborted when the answer is not wanted any more. */
  confirmQuit(gone: AbortSignal): Promise<boolean>
  /** Whether closing the window leaves the program running. */
  staysWhenClosed(): boolean
  /** Whether something on the screen brings a hidden window back: a tray icon, or a dock. */
  canReopen(): boolean
  hide(): void
  minimise(): void
  /** Brings the window to the front, making it first if there is none. */
  show(): void
  /** Says goodbye to phones and saves what is to be saved, in bounded time. Never rejects. */
  close(): Promise<void>
  /** Ends the process in Electron's own order, `quit` included. */
  leave(): void
}

/**
 * Owns whether the program runs, hides, ends or is being updated, and why. All ways out lead through `quit`, so that each
 * closes once, asks at most once, and reaches Electron's `quit` event, on which an updater installs.
 *
 * - The window's close button: `windowCloses`. A second start, a click on the dock, an entry of the tray's menu: `reopen`.
 * - An updater calls `quit('update', handOff)` and hands its own quitAndInstall over: that starts the installer before it
 *   asks the program to quit, so it is called only when all is closed and nothing holds the quit up any more.
 */
export class Lifecycle {
  #phase: 'running' | 'asking' | 'closing' | 'over' = 'running'
  #reason: EndReason | null = null
  #question: AbortController | null = null
  readonly #ports: LifecyclePorts

  constructor(ports: LifecyclePorts) {
    this.#ports = ports
  }

  /** Returns why the program ends; null while it does not. */
  get reason(): EndReason | null {
    return this.#reason
  }

  /** Ends the program, unless a person is asked and says no. `handOff` takes the place of leaving. */
  quit(reason: EndReason, handOff?: () => void): void {
    if (this.#reason !== null) return
    if (reason === 'person' && this.#ports.isMoving()) this.#ask()
    else void this.#end(reason, handOff)
  }

  /** Takes the window's `close`: a person means the window, not what goes on behind it. */
  windowCloses(event: Preventable): void {
    if (this.#reason !== null) return
    event.preventDefault()
    if (!this.#ports.staysWhenClosed()) this.quit('person')
    else if (this.#ports.canReopen()) this.#ports.hide()
    else this.#ports.minimise()
  }

  /** Takes the program's `before-quit`: from a menu, a dock, a system that waits for it, or from `leave`. */
  beforeQuit(event: Preventable): void {
    if (this.#phase === 'over') return
    // Whoever holds up the end of a session is named as what keeps the computer from going down.
    if (this.#reason !== 'session-end') event.preventDefault()
    this.quit('person')
  }

  /** Brings the window back. Nothing comes back once the end has begun. */
  reopen(): void {
    if (this.#reason === null) this.#ports.show()
  }

  #ask(): void {
    if (this.#phase === 'asking') return
    this.#phase = 'asking'
    const question = (this.#question = new AbortController())
    const answered = (yes: boolean): void => {
      if (question.signal.aborted) return
      this.#question = null
      this.#phase = 'running'
      if (yes) void this.#end('person')
    }
    this.#ports.confirmQuit(question.signal).then(answered, () => {
      // Whoever can't be asked can't say no.
      answered(true)
    })
  }

  async #end(reason: EndReason, handOff?: () => void): Promise<void> {
    this.#reason = reason
    this.#phase = 'closing'
    this.#question?.abort()
    await this.#ports.close()
    this.#phase = 'over'
    if (handOff === undefined) this.#ports.leave()
    else handOff()
  }
}
