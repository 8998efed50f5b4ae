import type { SyncFrame } from '#protocol/frames.ts'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import type { Text } from '#protocol/records.ts'
import { BoundedMap } from '#transfer/bounded-map.ts'

/** What texts need of the program around them. */
export interface TextsPorts {
  say(frame: SyncFrame): void
  /** 32 characters of hex from a good source of randomness. */
  newId(): string
  /** A text is here, for the first time. Once it is kept (the promise resolves) it is told to be heard; thrown = not. */
  onText(id: string, text: string): void | Promise<void>
  /** The other side has it. */
  onHeard?(id: string, text: string): void
}

export interface WaitingText {
  readonly id: string
  readonly text: string
}

/** Texts that are not heard yet. A phone that was away for long gets these, not a book. */
export const WAITING_MAX = 64
/** Ids of texts that came. One said again later than this many others is shown again. */
const CAME_MAX = 256
/** Texts that are being kept at the same time; others are said again. */
const KEEPING_MAX = 64

/** Sends and takes texts: each is sent after every `hello` until it is acknowledged, and shown once. */
export class Texts {
  readonly #ports: TextsPorts
  readonly #waiting = new Map<string, string>()
  readonly #came = new BoundedMap<string, true>(CAME_MAX)
  readonly #keeping = new Set<string>()
  /** The other side is known to take texts. */
  #isWelcome = false

  constructor(ports: TextsPorts) {
    this.#ports = ports
  }

  /** Before the first greeting: texts of an earlier run that were not heard, oldest first. */
  resume(earlier: readonly WaitingText[]): void {
    for (const { id, text } of earlier.slice(-WAITING_MAX)) this.#waiting.set(id, text)
  }

  /** What the other side has not got yet, oldest first. */
  get waiting(): readonly WaitingText[] {
    return [...this.#waiting].map(([id, text]) => ({ id, text }))
  }

  /** Returns its id. Throws RangeError: it is empty, too long, or too many wait. */
  send(text: string): string {
    if (text === '' || text.length > TEXT_CHARS_MAX)
      throw new RangeError(`a text has 1 to ${TEXT_CHARS_MAX} characters`)
    if (this.#waiting.size >= WAITING_MAX) throw new RangeError(`${WAITING_MAX} texts wait already`)
    const id = this.#ports.newId()
    this.#waiting.set(id, text)
    if (this.#isWelcome) this.#ports.say({ t: 'text', id, text })
    return id
  }

  /** Drops a text that nobody wants to send any more. It may have been sent already. */
  forget(id: string): void {
    this.#waiting.delete(id)
  }

  /** Called after each `hello`, and whenever control frames may have been lost. */
  greeted(takesTexts: boolean): void {
    this.#isWelcome = takesTexts
    if (takesTexts) for (const [id, text] of this.#waiting) this.#ports.say({ t: 'text', id, text })
  }

  receive(frame: SyncFrame): void {
    if (frame.t === 'text') void this.#onText(frame)
    else if (frame.t === 'text-ack') this.#onHeard(frame.id)
  }

  #onHeard(id: string): void {
    const text = this.#waiting.get(id)
    if (text === undefined) return
    this.#waiting.delete(id)
    this.#ports.onHeard?.(id, text)
  }

  async #onText({ id, text }: Text): Promise<void> {
    if (this.#keeping.has(id)) return
    const isHere = this.#came.has(id) || (this.#keeping.size < KEEPING_MAX && (await this.#keep(id, text)))
    if (!isHere) return
    this.#ports.say({ t: 'text-ack', id })
  }

  async #keep(id: string, text: string): Promise<boolean> {
    this.#keeping.add(id)
    try {
      await this.#ports.onText(id, text)
      // In one step with the end of the keeping: the same text may come between this and whatever waits for it.
      this.#came.set(id, true)
      return true
    } catch {
      return false
    } finally {
      this.#keeping.delete(id)
    }
  }
}
