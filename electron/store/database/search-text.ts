/** Words of a query beyond these are ignored. */
const QUERY_WORDS_MAX = 16
/** UTF-16 units of a query that are looked at. */
const QUERY_CHARS_MAX = 256
/** Grams of a word that are asked for: each is a list to go through. */
const GRAMS_MAX = 8
/** Characters of the longest gram. A longer word is found by its grams and then looked at. */
export const GRAM_CHARS = 3

/** What ends a word: white space, and the characters of ASCII that the index can't hold. */
// eslint-disable-next-line no-control-regex -- they are what is meant
const BETWEEN = /[\s\u0000-\u001f\u007f]+/
// eslint-disable-next-line no-control-regex -- as above
const ASCII = /^[\u0000-\u007f]*$/
const UNHOLDABLE = /[\0\p{Surrogate}]/gu
const SURROGATE = /[\ud800-\udfff]/

/** Returns whether all of the text is ASCII. */
export const isAscii = (text: string): boolean => ASCII.test(text)

/** Returns text as the database can hold it: SQLite ends a text at NUL, and half a character is none in UTF-8. */
export const clean = (text: string): string => text.replace(UNHOLDABLE, '\ufffd')

/** Encodes text that must come back exactly as it was: the names that a phone gives. */
export const keepExact = (text: string): string => JSON.stringify(text)
export const readExact = (kept: string): string => JSON.parse(kept) as string

/** Folds text, so that what differs in case or width alone becomes the same. A final sigma depends on what follows: there is one sigma. */
export function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase()
  // Down, up and down: the capital ẞ has no larger form, the small one has two letters.
  return text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase().normalize('NFKC').replaceAll('ς', 'σ')
}

/** Returns the words of a query, folded; none for a query that asks for everything. */
export function wordsOf(query: string): readonly string[] {
  const words = fold(clean(query.slice(0, QUERY_CHARS_MAX))).split(BETWEEN)
  return [...new Set(words.filter((word) => word !== ''))].slice(0, QUERY_WORDS_MAX)
}

/** Returns whole characters, so that none is cut in two. */
const charactersOf = (word: string): string | readonly string[] => (SURROGATE.test(word) ? [...word] : word)
const cut = (characters: string | readonly string[], from: number, count: number): string => {
  const part = characters.slice(from, from + count)
  return typeof part === 'string' ? part : part.join('')
}

/** Returns every part of one to GRAM_CHARS characters of every word of a folded text: what the index holds. */
export function gramsOf(folded: string): Set<string> {
  const grams = new Set<string>()
  for (const word of folded.split(BETWEEN)) {
    const characters = charactersOf(word)
    for (let from = 0; from < characters.length; from++)
      for (let count = 1; count <= GRAM_CHARS && from + count <= characters.length; count++)
        grams.add(cut(characters, from, count))
  }
  return grams
}

/** Returns grams from all over the word: the more of them, the fewer texts are left to compare. */
export function gramsToFind(word: string): readonly string[] {
  const characters = charactersOf(word)
  const last = characters.length - GRAM_CHARS
  if (last <= 0) return [word]
  const count = Math.min(last + 1, GRAMS_MAX)
  return Array.from({ length: count }, (_, i) => cut(characters, Math.floor((i * last) / (count - 1)), GRAM_CHARS))
}

/** Returns whether the word is longer than a gram, so that grams alone do not prove that a text has it. */
export const isLong = (word: string): boolean => charactersOf(word).length > GRAM_CHARS
