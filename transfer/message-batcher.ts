/** Characters of one message, so that it fits into any channel's largest, whatever the characters are. */
const CHARS = 16_384
/** Frames of one message: the event loop is not to be held up by one alone. */
const FRAMES_MAX = 256

/** Makes what batches the control frames of a lane; undefined as long as it can't: the page's comes with a later script. */
export type NewBatcher = (send: (text: string) => void) => Pick<MessageBatcher, 'say' | 'flush'> | undefined

/**
 * Batches the control frames of one lane: those of one turn of the event loop leave as one message. A small file takes
 * seven frames, and each message of a data channel costs a third of a millisecond at both ends together, more than its file.
 * Where `gapMs` is given, messages leave no closer together than that, so that what hears of many files at once answers
 * them at once.
 */
export class MessageBatcher {
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
    if (this.#chars + text.length > CHARS || this.#texts.length === FRAMES_MAX) this.flush()
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

  /** Sends what is batched, since the lane ends. */
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

interface Port {
  onmessage: (() => void) | null
  postMessage(message: null): void
  /** Node's alone. */
  unref?(): void
}

let waiting: (() => void)[] = []
const { port1, port2 } = new MessageChannel() as unknown as { readonly port1: Port; readonly port2: Port }
port1.onmessage = () => {
  const acts = waiting
  waiting = []
  for (const act of acts) act()
}
// Node's keep a program running that has nothing else to do.
port1.unref?.()

/**
 * Calls back after what the event loop has at hand. Not by a timer: browsers slow those of a page in the background down to
 * one a second, and let none follow another within 4 ms.
 */
function soonest(act: () => void): void {
  if (waiting.push(act) === 1) port2.postMessage(null)
}
