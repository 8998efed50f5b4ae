import * as v from 'valibot'
import type { SyncFrame } from '#protocol/frames.ts'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import { Texts } from '#transfer/records/texts.ts'
import type { PageStore } from '#phone/page-store.ts'
import type { StoredValue } from './stored-value.ts'

/** Texts of both sides that this page shows, and keeps as long as it keeps anything. */
const LOGGED_MAX = 20
/** Milliseconds from one writing of the list to the next. */
const WRITE_EVERY_MS = 100

/** Characters that are read out. */
const NEWS_CHARS = 200

/** A text that went to the computer, or came from there. */
const LoggedText = v.object({
  id: v.string(),
  text: v.string(),
  direction: v.picklist(['in', 'out']),
  /** The computer has it. */
  heard: v.boolean(),
})
export type LoggedText = v.InferOutput<typeof LoggedText>
export const LoggedTexts = v.array(LoggedText)

export interface TextLogPorts {
  readonly kept: StoredValue<LoggedText[]>
  readonly say: (frame: SyncFrame) => void
  readonly newId: () => string
}

/** Texts both ways, newest first. */
export class TextLog {
  list = $state.raw<readonly LoggedText[]>([])
  /** The beginning of what came last while this page was open; for ears. */
  news = $state.raw('')
  /** The last one was not taken, as too many wait, or as it is too long. */
  full = $state.raw(false)
  tooLong = $state.raw(false)
  readonly #kept: TextLogPorts['kept']
  readonly #texts: Texts
  /** What has come is being kept. */
  #writing: Promise<void> | null = null
  #writtenAt = -Infinity

  constructor({ kept, say, newId }: TextLogPorts) {
    this.#kept = kept
    this.list = kept.read() ?? []
    this.#texts = new Texts({
      say,
      newId,
      onText: (id, text) => this.#came(id, text),
      onHeard: (id) => {
        this.#show(this.list.map((one) => (one.id === id ? { ...one, heard: true } : one)))
      },
    })
    this.#texts.resume(this.list.filter(({ direction, heard }) => direction === 'out' && !heard).reverse())
  }

  /** False: too many wait already, or it is longer than a text may be. */
  send(text: string): boolean {
    this.tooLong = text.length > TEXT_CHARS_MAX
    if (this.tooLong) return false
    try {
      const id = this.#texts.send(text)
      this.#show([{ id, text, direction: 'out', heard: false }, ...this.list])
      this.full = false
    } catch {
      this.full = true
    }
    return !this.full
  }

  dismiss(id: string): void {
    this.#texts.forget(id)
    this.#show(this.list.filter((one) => one.id !== id))
  }

  greeted(takesTexts: boolean): void {
    this.#texts.greeted(takesTexts)
  }

  receive(frame: SyncFrame): void {
    this.#texts.receive(frame)
  }

  moveTo(store: PageStore): void {
    if (this.#kept.moveTo(store)) this.#show(this.list)
  }

  /** Resolves when it is kept. */
  async #came(id: string, text: string): Promise<void> {
    // It was heard before the reload, and the computer does not know.
    if (this.list.some((one) => one.id === id)) return
    this.news = text.slice(0, NEWS_CHARS)
    this.#list([{ id, text, direction: 'in', heard: true }, ...this.list])
    await (this.#writing ??= this.#writeSoon())
  }

  #show(list: readonly LoggedText[]): void {
    this.#list(list)
    this.#write()
  }

  #list(list: readonly LoggedText[]): void {
    this.list = list.slice(0, LOGGED_MAX)
  }

  #write(): void {
    this.#kept.write([...this.list])
  }

  /**
   * Writes at the end of the turn, and soon after another write once for all that come until then: the whole list is
   * written each time, up to 600,000 characters. A lone text never waits for a timer, which a hidden page may have only
   * once a minute.
   */
  async #writeSoon(): Promise<void> {
    const rest = this.#writtenAt + WRITE_EVERY_MS - performance.now()
    await (rest > 0 ? new Promise((resolve) => setTimeout(resolve, rest)) : Promise.resolve())
    this.#writing = null
    this.#writtenAt = performance.now()
    this.#write()
  }
}
