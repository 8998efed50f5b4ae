// Control characters, and format characters: they move the cursor, or hide what follows.
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Foreign text as a terminal may show it: one line of at most `most` characters that steers nothing. */
export function onTerminal(text: string, most: number): string {
  const chars = [...text.replace(UNSHOWABLE, ' ')]
  return chars.length <= most ? chars.join('') : `${chars.slice(0, most - 1).join('')}…`
}
