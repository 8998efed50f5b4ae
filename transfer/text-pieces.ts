import { CONTROL_CHARS_MAX, PIECE_CHARS_MAX } from '#protocol/limits.ts'

/**
 * Marks the pieces of a long text over a data channel, which no stack tears. Each but the last begins with `+`, the last with `.`,
 * neither of which any JSON begins with here; a short text goes as it is.
 */
const MORE = '+'
const LAST = '.'

/** Of the longest text, cut before halves of characters. */
const PIECES_MAX = Math.ceil(CONTROL_CHARS_MAX / (PIECE_CHARS_MAX - 1))

/** Returns the messages that a text is sent as. */
export function piecesOf(text: string): readonly string[] {
  if (text.length <= PIECE_CHARS_MAX) return [text]
  const pieces: string[] = []
  for (let at = 0; at < text.length;) {
    const end = endOf(text, at)
    pieces.push((end < text.length ? MORE : LAST) + text.slice(at, end))
    at = end
  }
  return pieces
}

/** Returns where a piece ends: never between the two halves of a character, since each message is UTF-8 of its own. */
function endOf(text: string, at: number): number {
  const end = at + PIECE_CHARS_MAX
  const last = text.charCodeAt(end - 1)
  return end < text.length && last >= 0xd800 && last <= 0xdbff ? end - 1 : end
}

/** Joins the texts of one lane again. */
export class Joining {
  #pieces: string[] = []
  #chars = 0

  /** Returns the whole text; null while it is not whole. What is too long comes out as no JSON. */
  add(text: string): string | null {
    const isMore = text.startsWith(MORE)
    const isLast = text.startsWith(LAST)
    // A whole one that comes between: what has come is told by who knows nothing of texts.
    if (!isMore && !isLast) return text
    this.#pieces.push(text.slice(1))
    // An empty piece is one of a list without end, too.
    this.#chars += text.length
    if (this.#chars > CONTROL_CHARS_MAX + PIECES_MAX) {
      this.#take()
      return MORE
    }
    return isLast ? this.#take() : null
  }

  #take(): string {
    const whole = this.#pieces.join('')
    this.#pieces = []
    this.#chars = 0
    return whole
  }
}
