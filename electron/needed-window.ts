/** What is done with a window here; a BrowserWindow can do it, or a test's. */
export interface Shown {
  isDestroyed(): boolean
  isMinimized(): boolean
  restore(): void
  show(): void
  focus(): void
  hide(): void
  minimize(): void
  /** Ends the window and its page at once. */
  destroy(): void
}

export interface NeededWindowPorts<W extends Shown> {
  /** False where there is no screen to show it on. */
  readonly mayShow: boolean
  /** Opens the window and begins to load its page; `isShown`: it comes to the screen as soon as there is something to see. */
  open(isShown: boolean): { readonly window: W; readonly loaded: Promise<unknown> }
  /** Whether somebody needs the page although nobody looks at it: it is the WebRTC peer of every phone. */
  isNeeded(): boolean
  /** The page could not be loaded, other than for the first time. */
  onFault(error: unknown): void
}

/** Milliseconds for which the page stays after it was needed last. A phone that reloads its page, or is unlocked, finds it. */
const LINGER_MS = 10_000

/**
 * Keeps the window, with its page, while a person has it or a phone needs it, and no longer: the page alone takes as much
 * memory as the rest of the program but the main process. It loads faster than a phone's page does, so no phone waits for it.
 */
export class NeededWindow<W extends Shown> {
  readonly #ports: NeededWindowPorts<W>
  #phase: 'before' | 'running' | 'over' = 'before'
  #opened: ReturnType<NeededWindowPorts<W>['open']> | null = null
  /** Whether it is where a person finds it: on the screen, or minimised. */
  #isWanted = false
  #lingering: ReturnType<typeof setTimeout> | undefined

  constructor(ports: NeededWindowPorts<W>) {
    this.#ports = ports
  }

  /** Returns the window, also while its page still loads; null while there is none. */
  get window(): W | null {
    // One that the system has ended throws at whatever it is asked.
    return this.#opened?.window.isDestroyed() === false ? this.#opened.window : null
  }

  /** Whether a person finds it on the screen or minimised. */
  get isWanted(): boolean {
    return this.#isWanted
  }

  /** Opens the window for the first time, shown if it is wanted and may be. Rejects when its page can't be loaded. */
  async start(isWanted: boolean): Promise<void> {
    this.#phase = 'running'
    this.#isWanted = isWanted && this.#ports.mayShow
    await this.#open(this.#isWanted).loaded
    this.#linger()
  }

  /** Has the page there for some time at least: a phone is at the door, or was just now. */
  wake(): void {
    if (this.#phase !== 'running') return
    if (this.window === null) this.#openLater(false)
    this.#linger()
  }

  /** Brings the window to the front. */
  show(): void {
    if (!this.#want()) return
    const { window } = this
    if (window === null) {
      this.#openLater(true)
      return
    }
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }

  /** Puts the window where a person finds it, but not before them. */
  minimise(): void {
    if (!this.#want()) return
    if (this.window === null) this.#openLater(false)
    this.window?.minimize()
  }

  hide(): void {
    this.#isWanted = false
    this.window?.hide()
    this.#linger()
  }

  /** Calls back once the page of the window has loaded; not where it does not. */
  whenLoaded(then: (window: W) => void): void {
    const opened = this.#opened
    void opened?.loaded.then(
      () => {
        if (!opened.window.isDestroyed()) then(opened.window)
      },
      () => undefined,
    )
  }

  /** Opens and closes nothing any more. */
  readonly stop = (): void => {
    this.#phase = 'over'
    clearTimeout(this.#lingering)
  }

  /** Notes that a person wants it. Returns whether it may be shown. */
  #want(): boolean {
    if (this.#phase !== 'running' || !this.#ports.mayShow) return false
    this.#isWanted = true
    clearTimeout(this.#lingering)
    return true
  }

  #open(isShown: boolean): { readonly window: W; readonly loaded: Promise<unknown> } {
    return (this.#opened = this.#ports.open(isShown))
  }

  #openLater(isShown: boolean): void {
    const { window, loaded } = this.#open(isShown)
    loaded.catch((error: unknown) => {
      // Ended before it was there, it is no fault of the page's.
      if (!window.isDestroyed()) this.#ports.onFault(error)
    })
  }

  #linger(): void {
    clearTimeout(this.#lingering)
    if (this.#isWanted || this.#phase !== 'running') return
    this.#lingering = setTimeout(() => {
      if (this.#ports.isNeeded()) this.#linger()
      else this.#close()
    }, LINGER_MS).unref()
  }

  #close(): void {
    this.window?.destroy()
    this.#opened = null
  }
}
