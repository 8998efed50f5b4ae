import { withoutInvisible } from './invisible.ts'
import { DEVICE_NAME_CHARS_MAX } from './limits.ts'

// Control characters, and visible format characters. What is left of the others belongs to its word or its emoji.
const UNSHOWABLE = /[\p{Cc}\p{Cf}]/gu
const JOINER = /[\u200d\u200c\u180e\u{e0030}-\u{e007f}]/u

/**
 * A device's name as it may be shown: one line, no control or direction characters, at most
 * DEVICE_NAME_CHARS_MAX characters. Empty when nothing is left; the caller then says what it is instead.
 */
export function cleanDeviceName(name: string): string {
  const flat = shown(name).replace(/\s+/gu, ' ').trim()
  const chars = [...flat]
  if (chars.length <= DEVICE_NAME_CHARS_MAX) return flat
  // What the cut has left of an emoji or a word may not hold what joined it.
  return `${withoutInvisible(chars.slice(0, DEVICE_NAME_CHARS_MAX - 1).join(''))}…`
}

/** Foreign text as it may be shown: nothing in it steers or hides. A space stands in the place of what would. */
export const shown = (text: string): string =>
  withoutInvisible(text, ' ').replace(UNSHOWABLE, (char) => (JOINER.test(char) ? char : ' '))
