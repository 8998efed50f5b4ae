import { shown } from '#protocol/text.ts'

/** Foreign text as a terminal may show it: one line of at most `most` characters that steers nothing. */
export function onTerminal(text: string, most: number): string {
  const chars = [...shown(text)]
  return chars.length <= most ? chars.join('') : `${chars.slice(0, most - 1).join('')}…`
}
