const languageOf = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0] ?? ''

/**
 * The first of a person's languages that is spoken; null = none of them. Only the language counts, not script or region:
 * `zh`, `zh-Hans` and `zh-TW` all read better in Simplified Chinese than in English.
 */
export function firstSpoken<Tag extends string>(preferred: readonly string[], spoken: readonly Tag[]): Tag | null {
  for (const tag of preferred) {
    const found = spoken.find((one) => languageOf(one) === languageOf(tag))
    if (found !== undefined) return found
  }
  return null
}

/** Characters of an Accept-Language header that are read, and languages in it. A person's has some 30 of 1 to 5. */
const HEADER_CHARS_MAX = 1_000
const TAGS_MAX = 32
const RANGE = /^([a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i

/** The languages of an Accept-Language header, the best first; what is not of its grammar, or refused by q=0, is left out. */
export function acceptedLanguages(header: string): string[] {
  const ranges = header.slice(0, HEADER_CHARS_MAX).split(',').slice(0, TAGS_MAX)
  const found = ranges.flatMap((range) => {
    const [, tag, q] = RANGE.exec(range.trim()) ?? []
    return tag === undefined ? [] : [{ tag, q: Number(q ?? 1) }]
  })
  return found
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q)
    .map(({ tag }) => tag)
}
