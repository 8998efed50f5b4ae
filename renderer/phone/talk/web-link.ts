export interface WebLink {
  readonly href: string
  /** Where it leads, as the browser reads it: a text can look like another address than it is. */
  readonly host: string
}

/** A text that as a whole is an address of the web; null for any other. */
export function webLink(text: string): WebLink | null {
  const whole = text.trim()
  if (!/^https?:\/\/\S+$/i.test(whole)) return null
  try {
    const { href, host, username, password } = new URL(whole)
    // `https://bank.example@elsewhere.example` leads elsewhere, and nobody writes that in good faith.
    return username === '' && password === '' ? { href, host } : null
  } catch {
    return null
  }
}
