import { shown } from '#protocol/text.ts'

// Control characters, and format characters: they move the cursor, or hide what follows.
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Returns foreign text as a terminal may show it: one line of at most `most` characters that steers nothing. */
export function onTerminal(text: string, most: number): string {
  const chars = [...shown(text)]
  return chars.length <= most ? chars.join('') : `${chars.slice(0, most - 1).join('')}…`
}

const escaped = (char: string): string =>
  Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

/**
 * Returns a value as JSON on one line that steers no terminal either: what JSON.stringify leaves raw (DEL, C1 controls,
 * bidi marks, line separators) is escaped, so whoever parses it reads the same value.
 */
export const jsonLine = (value: unknown): string => JSON.stringify(value).replace(UNSHOWABLE, escaped)
