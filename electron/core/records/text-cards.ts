import type { TextCard } from '#electron/app-state.ts'
import { newId } from '#core/ids.ts'
import { webLink } from '#transfer/web-link.ts'

/** Texts on the screen. The history has them all. */
const CARDS_MAX = 20
/** Characters of one that go into the state, which is sent to the window again and again. */
const SHOWN_CHARS = 600

interface Card extends Omit<TextCard, 'text' | 'isCut' | 'isLink'> {
  readonly whole: string
}

/** Texts that came in this run and that nobody has put away. */
export class TextCards {
  #cards: readonly Card[] = []

  /** Adds a card that is not on the clipboard. Returns its id. */
  add(card: Omit<Card, 'id' | 'copied'>): string {
    const id = newId()
    this.#cards = [{ ...card, id, copied: false }, ...this.#cards].slice(0, CARDS_MAX)
    return id
  }

  /** The card's text is on the clipboard. */
  copied(id: string): void {
    this.#cards = this.#cards.map((card) => (card.id === id ? { ...card, copied: true } : card))
  }

  remove(id: string): void {
    this.#cards = this.#cards.filter((card) => card.id !== id)
  }

  /** Returns the whole text; null when there is no such card. */
  textOf(id: string): string | null {
    return this.#cards.find((card) => card.id === id)?.whole ?? null
  }

  /** Returns what the window shows, newest first. */
  views(): TextCard[] {
    return this.#cards.map(({ whole, ...card }) => ({
      ...card,
      text: whole.slice(0, SHOWN_CHARS),
      isCut: whole.length > SHOWN_CHARS,
      isLink: webLink(whole) !== null,
    }))
  }
}
