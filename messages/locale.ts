import { baseLocale, locales, overwriteGetLocale, type Locale } from '#messages/runtime'

const languageOf = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0] ?? ''

/**
 * The first of a person's languages that we speak. Only the language counts, not script or region: `zh`, `zh-Hans` and
 * `zh-TW` all read better in Simplified Chinese than in English.
 */
export function pickLocale(preferred: readonly string[]): Locale {
  for (const tag of preferred) {
    const found = locales.find((locale) => languageOf(locale) === languageOf(tag))
    if (found !== undefined) return found
  }
  return baseLocale
}

/** To be called once per program, before the first message: a page passes `navigator.languages`. */
export function speak(preferred: readonly string[]): Locale {
  const locale = pickLocale(preferred)
  overwriteGetLocale(() => locale)
  return locale
}
