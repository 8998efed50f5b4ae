/** The address if the text is nothing but a link to a web page; what may be opened is said once more where it is. */
export function webLinkIn(text: string): string | null {
  const trimmed = text.trim()
  if (!/^https?:\/\/[^\s\p{Cc}]+$/iu.test(trimmed) || !URL.canParse(trimmed)) return null
  return trimmed
}
