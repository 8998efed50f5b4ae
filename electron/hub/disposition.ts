// What may stand in front of a browser's or an old download manager's own reading of quotes, escapes and percent signs.
const NOT_PLAIN = /[^\x20-\x7e]|["\\%]/gu
// eslint-disable-next-line no-control-regex -- control characters are what this is for
const NOT_IN_NAMES = /[\u0000-\u001f\u007f-\u009f/\\]/gu
const LONE_SURROGATE = /\p{Surrogate}/gu
/** UTF-16 units of the name's end, with its extension: file systems take 255, and more would only fill the header. */
const NAME_CHARS_MAX = 255
// Beyond what encodeURIComponent does, RFC 8187 wants these encoded.
const NOT_ATTR_CHAR = /['()*]/g

const encoded = (text: string): string =>
  encodeURIComponent(text).replace(NOT_ATTR_CHAR, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/**
 * Content-Disposition for a file of this name: RFC 6266 with the name as it is (RFC 8187), and before it a plain one
 * for who does not know that. Always both and always quoted: one shape is one that was tried.
 */
export function attachment(name: string): string {
  const shown = name.slice(-NAME_CHARS_MAX).replace(LONE_SURROGATE, '_').replace(NOT_IN_NAMES, '_') || 'untitled'
  return `attachment; filename="${shown.replace(NOT_PLAIN, '_')}"; filename*=UTF-8''${encoded(shown)}`
}
