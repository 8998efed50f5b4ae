import { DEVICE_NAME_CHARS_MAX } from './limits.ts'

// Control characters, and format characters: they change how the text around them is shown, or hide in it.
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A device's name as it may be shown: one line, no control or direction characters, at most
 * DEVICE_NAME_CHARS_MAX characters. Empty when nothing is left; the caller then says what it is instead.
 */
export function cleanDeviceName(name: string): string {
  const flat = name.normalize('NFC').replace(UNSHOWABLE, ' ').replace(/\s+/gu, ' ').trim()
  const chars = [...flat]
  return chars.length <= DEVICE_NAME_CHARS_MAX ? flat : `${chars.slice(0, DEVICE_NAME_CHARS_MAX - 1).join('')}…`
}
