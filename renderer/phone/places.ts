/** Knows where the computer's hub may be: where this page was loaded from, and where the computer has said. */
export class Places {
  readonly #home: string
  #others: readonly string[] = []
  #current: string
  #tried = 0

  /** `home`: host and port that the page was loaded from. */
  constructor(home: string) {
    this.#home = home
    this.#current = home
  }

  /** Host and port where the hub was last. */
  get current(): string {
    return this.#current
  }

  /** Tells whether the hub was last where the page was loaded from. */
  get isAtHome(): boolean {
    return this.#current === this.#home
  }

  /** Takes what the computer has said of where it is, in place of what it said before. */
  learn(places: readonly string[]): void {
    this.#others = places
  }

  /** Returns where to look next, each in its turn; undefined: nothing is known but where it was. */
  next(): string | undefined {
    const all = [...new Set([this.#home, ...this.#others])].filter((place) => place !== this.#current)
    return all[this.#tried++ % Math.max(1, all.length)]
  }

  /** The hub is here. */
  found(place: string): void {
    this.#current = place
    this.#tried = 0
  }

  /** Returns the address of something on the hub, for a link in this page. */
  urlOf(path: string): string {
    return this.isAtHome ? path : `http://${this.#current}${path}`
  }
}
