type Answered = (reply: unknown) => void

interface Question {
  readonly answered: Answered
  readonly timer: ReturnType<typeof setTimeout>
}

/** What we have asked the hub over one connection and it has not answered yet. */
export class HubQuestions {
  readonly #open = new Map<number, Question>()
  readonly #answerMs: number
  readonly #onSilence: () => void
  #asked = 0

  /** `answerMs`: how long an answer may take; then `onSilence` is called instead. */
  constructor(answerMs: number, onSilence: () => void) {
    this.#answerMs = answerMs
    this.#onSilence = onSilence
  }

  /** The number to ask under; never used again, so that no late answer is taken for another's. */
  ask(answered: Answered): number {
    this.#open.set(this.#asked, { answered, timer: setTimeout(this.#onSilence, this.#answerMs) })
    return this.#asked++
  }

  answer(id: number, reply: unknown): void {
    const question = this.#open.get(id)
    if (question === undefined) return
    clearTimeout(question.timer)
    this.#open.delete(id)
    question.answered(reply)
  }

  /** Nobody will answer any more. */
  forget(): void {
    for (const { timer } of this.#open.values()) clearTimeout(timer)
    this.#open.clear()
  }
}
