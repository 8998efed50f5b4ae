import { DEVICE_NAME_CHARS_MAX } from './limits.ts'

// Characters that change how the text around them is shown or hide in it, and all control characters.
// eslint-disable-next-line no-control-regex -- control characters are what this is for
const UNSHOWABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu

/**
 * A device's name as it may be shown: one line, no control or direction characters, at most
 * DEVICE_NAME_CHARS_MAX characters. Empty when nothing is left; the caller then says what it is instead.
 */
export function cleanDeviceName(name: string): string {
  const flat = name.normalize('NFC').replace(UNSHOWABLE, ' ').replace(/\s+/gu, ' ').trim()
  const chars = [...flat]
  return chars.length <= DEVICE_NAME_CHARS_MAX ? flat : `${chars.slice(0, DEVICE_NAME_CHARS_MAX - 1).join('')}…`
}
