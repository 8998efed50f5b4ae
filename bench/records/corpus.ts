import type { SyncedRecord } from '#protocol/records.ts'

/** The same numbers in each run. */
function numbers(seed: number): () => number {
  let state = seed
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}

const SYLLABLES = 'ka to mi ren sol ver an ti pra lo dis com ing er est ble qu ex ur om'.split(' ')
const VOCABULARY = 6_000
/** Chinese characters that are used. */
const HAN = 4_000
const FIRST_HAN = 0x4e00
/** One record in a thousand has it. */
export const RARE = 'Needle'
const YEAR_MS = 31_536_000_000

/**
 * Records as a person may have them: notes, links, photos, three in ten in Chinese, 130 characters on average. Few words are
 * common and many are rare, as in any language.
 */
export function corpus(count: number): readonly SyncedRecord[] {
  const random = numbers(1)
  const upTo = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  /** Small numbers far more often than large ones. */
  const few = (most: number) => Math.floor(random() ** 3 * most)
  const made = (length: number, make: () => string) => Array.from({ length }, make)
  const vocabulary = made(VOCABULARY, () => made(upTo(1, 4), () => SYLLABLES[upTo(0, 19)]!).join(''))
  vocabulary.splice(0, 3, 'the', 'document', 'and')
  const words = (length: number) => made(length, () => vocabulary[few(VOCABULARY)]!).join(' ')
  const han = (length: number) =>
    made(length, () => (random() < 0.12 ? '，' : String.fromCodePoint(FIRST_HAN + few(HAN)))).join('')
  return Array.from({ length: count }, (_, i) => {
    const chinese = random() < 0.3
    const what = random()
    const kind = what < 0.5 ? 'note' : what < 0.7 ? 'link' : 'file'
    const title = chinese ? han(upTo(4, 16)) : words(upTo(3, 8))
    const text = kind === 'note' ? (chinese ? han(upTo(20, 120)) : words(upTo(10, 60))) : undefined
    return {
      id: `record-${i}`,
      kind,
      title: i % 1000 === 7 ? `${RARE} ${title}` : title,
      ...(text !== undefined && { text }),
      ...(kind === 'link' && { text: `https://example.com/${words(3).replaceAll(' ', '/')}` }),
      ...(kind === 'file' && { mime: 'image/jpeg', size: upTo(1_000, 10_000_000) }),
      modified: 1_700_000_000_000 + upTo(0, YEAR_MS),
    }
  })
}
