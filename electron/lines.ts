import { Debounce } from '#transfer/debounce.ts'

/** Milliseconds for which lines gather: a crowd of small files has a thousand of them in a second. */
const GATHER_MS = 10

/** Lines on their way out, several in one write: each write is a call of the system that the whole program waits for. */
export class Lines {
  readonly #write: (text: string) => void
  readonly #soon = new Debounce(() => {
    this.flush()
  })
  #text = ''

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  readonly say = (text: string): void => {
    this.#text += text
    this.#soon.within(GATHER_MS)
  }

  /** Now: the program ends. */
  flush(): void {
    const text = this.#text
    this.#text = ''
    if (text !== '') this.#write(text)
  }
}
