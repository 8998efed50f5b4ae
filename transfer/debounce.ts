/** Calls back once, however often it is asked to: the nearest time asked for counts. */
export class Debounce {
  readonly #act: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #due = Infinity

  constructor(act: () => void) {
    this.#act = act
  }

  /** Asks for it after so many milliseconds at the latest. */
  within(ms: number): void {
    const due = performance.now() + ms
    if (due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    this.#timer = setTimeout(() => {
      this.#due = Infinity
      this.#act()
    }, ms)
  }
}
