import { soonest } from './soonest.ts'

/** Characters said together, so that it fits into any channel's largest message, whatever the characters are. */
const CHARS = 16_384
/** Frames said together: no turn is to be spent on one message alone. */
const FRAMES_TOGETHER_MAX = 256

/** Of an end that says words together; undefined as long as it can't: the page's comes with a later script. */
export type Together = (send: (text: string) => void) => Pick<Words, 'say' | 'flush'> | undefined

/**
 * Words on their way out of one lane: what is said in one turn of the event loop leaves as one message. A small file takes
 * seven words, and each message of a data channel costs a third of a millisecond at both ends together, more than its file.
 * Where `gapMs` is given, messages leave no closer together than that: what hears of many files at once answers so, too.
 */
export class Words {
  readonly #send: (text: string) => void
  readonly #gapMs: number
  #leftAt = -Infinity
  #texts: string[] = []
  #chars = 0
  #due = false

  constructor(send: (text: string) => void, gapMs = 0) {
    this.#send = send
    this.#gapMs = gapMs
  }

  say(text: string): void {
    if (this.#chars + text.length > CHARS || this.#texts.length === FRAMES_TOGETHER_MAX) this.flush()
    this.#texts.push(text)
    this.#chars += text.length + 1
    if (this.#due) return
    this.#due = true
    const left = this.#leftAt + this.#gapMs - performance.now()
    const leave = (): void => {
      this.#due = false
      this.flush()
    }
    if (left > 0) setTimeout(leave, left)
    else soonest(leave)
  }

  /** Now: the lane ends. */
  flush(): void {
    const [first] = this.#texts
    if (first === undefined) return
    const text = this.#texts.length === 1 ? first : `[${this.#texts.join(',')}]`
    this.#texts = []
    this.#chars = 0
    this.#leftAt = performance.now()
    this.#send(text)
  }
}
