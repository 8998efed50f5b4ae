import { baseLocale, locales, overwriteGetLocale, type Locale } from '#messages/runtime'
import { firstSpoken } from '#protocol/language.ts'

/** The first of a person's languages that we speak. The hub chooses the phone's page by the same rule. */
export const pickLocale = (preferred: readonly string[]): Locale => firstSpoken(preferred, locales) ?? baseLocale

/** To be called once per program, before the first message: the window passes `navigator.languages`. */
export function speak(preferred: readonly string[]): Locale {
  const locale = pickLocale(preferred)
  overwriteGetLocale(() => locale)
  return locale
}
