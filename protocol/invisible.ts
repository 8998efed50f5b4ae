import { JOINS_LAST, JOINS_NEXT, VIRAMA } from './joining-types.ts'

/**
 * Characters that nobody sees, in foreign names: they can make `gpj.exe` look like `exe.jpg`, or two names look like one. A
 * few of them belong to how words are written and emoji are put together, and stay where they do that.
 */

const TAG = '\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}'
/** Joiners, variation selectors, fillers of old Korean, and the tags of flags. */
const SOMETIMES = `\\u200d\\u200c\\u115f\\u1160\\u180e\\p{Variation_Selector}${TAG}\\u{e007f}`
const ALWAYS = new RegExp(`(?![${SOMETIMES}])[\\p{Default_Ignorable_Code_Point}\\p{Zl}\\p{Zp}\\ufff9-\\ufffb]`, 'gu')
const EACH_OF_SOMETIMES = new RegExp(`[${SOMETIMES}]`, 'gu')

interface Rule {
  /** What may stay. */
  readonly char: RegExp
  /** Behind this, */
  readonly before: RegExp
  /** and in front of this. */
  readonly after: RegExp
}

const ANYTHING = ''
const rule = (char: string, before: string, after = ANYTHING): Rule => ({
  char: new RegExp(`^[${char}]$`, 'u'),
  before: new RegExp(`(?:${before})$`, 'u'),
  after: new RegExp(`^(?:${after})`, 'u'),
})

const PICTOGRAPH = '\\p{Extended_Pictographic}'
/** Joining_Type T, apart from what is removed anyway. */
const MARKS = '[\\p{M}\\u{1e94b}]*'
const FLAG = '\\u{1f3f4}'

const RULES: readonly Rule[] = [
  // RFC 5892, appendix A.1 and A.2.
  rule('\\u200c\\u200d', `[${VIRAMA}]`),
  rule('\\u200c', `[${JOINS_NEXT}]${MARKS}`, `${MARKS}[${JOINS_NEXT}${JOINS_LAST}]`),
  // The Unicode Standard, 12.2: ra that keeps its form before a virama, in Bengali.
  rule('\\u200d', '\\p{L}', `[${VIRAMA}]`),
  // UTS 51: emoji of several, each with its colour or its form, or a flag with its region.
  rule('\\u200d', `${PICTOGRAPH}(?:\\ufe0f|\\p{Emoji_Modifier}|[${TAG}]+\\u{e007f})*`, PICTOGRAPH),
  rule('\\ufe0e\\ufe0f', PICTOGRAPH),
  rule('\\ufe0e\\ufe0f', '[0-9#*]', '\\u20e3'),
  rule(TAG, `${FLAG}[${TAG}]*`, `[${TAG}]*\\u{e007f}`),
  rule('\\u{e007f}', `${FLAG}[${TAG}]+`),
  // Forms of characters that a person chose: StandardizedVariants.txt, and the database of ideographs.
  rule('\\ufe00-\\ufe0d', '\\p{Ideographic}|\\p{S}|[\\p{Script=Myanmar}\\p{Script=Phags_Pa}\\p{Script=Manichaean}]'),
  rule('\\u{e0100}-\\u{e01ef}', '\\p{Ideographic}'),
  rule('\\u180b-\\u180d\\u180f', '\\p{Script=Mongolian}'),
  rule('\\u180e', '\\p{Script=Mongolian}[\\u180b-\\u180d\\u180f]?', '\\p{Script=Mongolian}'),
  rule('\\u115f', ANYTHING, '[\\u1160-\\u11a7]'),
  rule('\\u1160', '[\\u1100-\\u115f]', '[\\u11a8-\\u11ff]'),
]

/** UTF-16 units that are looked at on either side: more than any word or emoji needs, and the same work for every name. */
const SIGHT = 32
/** Composing letters may take its reason from a joiner, and its going let others be composed. Honest names take two rounds. */
const ROUNDS_MAX = 4

/** Removes joiners, selectors and tags from where they do nothing that a person sees. */
function withoutLoose(text: string): string {
  const kept: string[] = []
  let before = ''
  let end = 0
  const keep = (piece: string): void => {
    kept.push(piece)
    before = (before + piece.slice(-SIGHT)).slice(-SIGHT)
  }
  for (const { 0: char, index } of text.matchAll(EACH_OF_SOMETIMES)) {
    keep(text.slice(end, index))
    end = index + char.length
    const after = text.slice(end, end + SIGHT)
    if (RULES.some((one) => one.char.test(char) && one.before.test(before) && one.after.test(after))) keep(char)
  }
  return kept.join('') + text.slice(end)
}

/**
 * The text in normal form (NFC) without characters that nobody sees, except where they belong to a word or an emoji. The
 * same for what it has returned. `instead`: in the place of those that belong nowhere.
 */
export function withoutInvisible(text: string, instead = ''): string {
  let clean = text.replace(ALWAYS, instead).normalize('NFC')
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const less = withoutLoose(clean).normalize('NFC')
    if (less === clean) return clean
    clean = less
  }
  return clean.replace(EACH_OF_SOMETIMES, '').normalize('NFC')
}
