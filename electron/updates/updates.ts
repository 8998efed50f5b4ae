import type { EndReason } from '#electron/shell/lifecycle.ts'
import type { UpdateFailure, UpdateState, UpdateWay } from '#electron/app-state.ts'

/** Finds, fetches and installs versions: electron-updater, or a test. Its promises reject with UpdateError. */
export interface Updater {
  /** Returns the newer version; null where there is none. */
  check(): Promise<string | null>
  /** Fetches what `check` has found, checks that it is whole, and has it installed when the program ends. */
  download(onProgress: (percent: number) => void): Promise<void>
  /** Does not install what was fetched at this end of the program. */
  keepForLater(): void
  /** Ends the program, installs what was fetched and starts that. */
  installAndRestart(): void
}

/** A step towards a newer version has failed; nothing is changed by it. */
export class UpdateError extends Error {
  readonly why: UpdateFailure

  constructor(why: UpdateFailure, options?: ErrorOptions) {
    super(why, options)
    this.why = why
  }
}

export interface UpdatesOptions {
  readonly way: UpdateWay
  readonly updater: Updater
  /** Whether a newer version is fetched without a click. */
  readonly isQuiet: () => boolean
  readonly onChange: (state: UpdateState) => void
  /** A number from 0 up to, not including, 1. */
  readonly random?: () => number
}

/** ms from the start to the first look: what a person opened the window for comes first, and not all look at once. */
const FIRST_MS = { least: 10_000, most: 30_000 }
/** ms between two looks. */
const EVERY_MS = 6 * 60 * 60_000

/**
 * Owns where things stand with a newer version: it looks now and then, fetches quietly or at a click, and never ends the
 * program by itself. What was fetched is installed when a person quits; not when the session ends, which may be cut short.
 */
export class Updates {
  #state: UpdateState
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #options: UpdatesOptions

  constructor(options: UpdatesOptions) {
    this.#options = options
    const { way } = options
    this.#state = way.way === 'none' ? { state: 'disabled', why: way.why } : { state: 'idle', looked: false }
  }

  get state(): UpdateState {
    return this.#state
  }

  /** Looks soon, and then every six hours. */
  start(): void {
    if (this.#state.state === 'disabled') return
    const { random = Math.random } = this.#options
    this.#next(FIRST_MS.least + random() * (FIRST_MS.most - FIRST_MS.least))
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Looks for a newer version now. Does nothing while one is being fetched, or waits to be installed. */
  async check(): Promise<void> {
    const { state } = this.#state
    if (['disabled', 'checking', 'downloading', 'ready'].includes(state)) return
    this.#become({ state: 'checking' })
    const { way, updater, isQuiet } = this.#options
    try {
      const version = await updater.check()
      this.#become(version === null ? { state: 'idle', looked: true } : { state: 'available', version })
    } catch (error) {
      this.#become({ state: 'failed', at: 'check', why: whyOf(error) })
    }
    if (way.way === 'self' && isQuiet()) await this.download()
  }

  /** Fetches the version that was found. Does nothing where none was, or where this copy does not replace itself. */
  async download(): Promise<void> {
    const { way, updater } = this.#options
    if (this.#state.state !== 'available' || way.way !== 'self') return
    const { version } = this.#state
    this.#become({ state: 'downloading', version, percent: 0 })
    try {
      await updater.download((percent) => {
        if (this.#state.state === 'downloading') this.#become({ state: 'downloading', version, percent })
      })
      this.#become({ state: 'ready', version })
    } catch (error) {
      this.#become({ state: 'failed', at: 'download', why: whyOf(error) })
    }
  }

  /** Ends the program and starts the version that was fetched. Returns false where there is none. */
  install(): boolean {
    if (this.#state.state !== 'ready') return false
    this.#options.updater.installAndRestart()
    return true
  }

  /** The program ends. Who pulls the plug, or the session's end, leaves no time for an installation. */
  ends(reason: EndReason | null): void {
    this.stop()
    if (reason === 'session-end' || reason === 'signal') this.#options.updater.keepForLater()
  }

  #next(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#next(EVERY_MS)
      void this.check()
    }, ms)
    this.#timer.unref()
  }

  #become(state: UpdateState): void {
    this.#state = state
    this.#options.onChange(state)
  }
}

const whyOf = (error: unknown): UpdateFailure => (error instanceof UpdateError ? error.why : 'failed')
