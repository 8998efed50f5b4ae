/** A link to a web page, as both ends show and open it. */
export interface WebLink {
  /** As the browser writes it. */
  readonly href: string
  /** Where it leads, as the browser reads it: a text can look like another address than it is. */
  readonly host: string
}

/** Characters. Longer ones are a program's, not a person's; and as the browser writes them they can be three times as long. */
const LINK_CHARS_MAX = 8_192

/** Returns the address if the text is nothing but a link to a web page; null for any other text. */
export function webLink(text: string): WebLink | null {
  const whole = text.trim()
  if (whole.length > LINK_CHARS_MAX || !/^https?:\/\/[^\s\p{Cc}]+$/iu.test(whole)) return null
  try {
    const { href, host, username, password } = new URL(whole)
    // `https://bank.example@elsewhere.example` leads elsewhere, and nobody writes that in good faith.
    return username === '' && password === '' ? { href, host } : null
  } catch {
    return null
  }
}
