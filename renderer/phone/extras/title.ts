/** Characters: enough to know a text by. */
const TITLE_CHARS = 80

/** A text's first line that says something, cut between characters. */
export function titleOf(text: string): string {
  const line = text.trim().split(/\s*\n/, 1)[0] ?? ''
  const chars = [...line.slice(0, TITLE_CHARS * 4)]
  return chars.length <= TITLE_CHARS && line.length <= TITLE_CHARS * 4
    ? line
    : `${chars.slice(0, TITLE_CHARS - 1).join('')}…`
}
