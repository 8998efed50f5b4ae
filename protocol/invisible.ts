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

// Properties of characters that regular expressions of JavaScript do not know: DerivedJoiningType.txt and
// DerivedCombiningClass.txt of Unicode 14, as classes without their brackets.

/** Letters that join with the one after them (Joining_Type D and L): a class of a regular expression with `u`. */
const JOINS_NEXT = [
  '\\u0620\\u0626\\u0628\\u062a-\\u062e\\u0633-\\u063f\\u0641-\\u0647\\u0649\\u064a\\u066e\\u066f\\u0678-\\u0687',
  '\\u069a-\\u06bf\\u06c1\\u06c2\\u06cc\\u06ce\\u06d0\\u06d1\\u06fa-\\u06fc\\u06ff\\u0712-\\u0714\\u071a-\\u071d',
  '\\u071f-\\u0727\\u0729\\u072b\\u072d\\u072e\\u074e-\\u0758\\u075c-\\u076a\\u076d-\\u0770\\u0772\\u0775-\\u0777',
  '\\u077a-\\u077f\\u07ca-\\u07ea\\u0841-\\u0845\\u0848\\u084a-\\u0853\\u0855\\u0860\\u0862-\\u0865\\u0868\\u0886',
  '\\u0889-\\u088d\\u08a0-\\u08a9\\u08af\\u08b0\\u08b3-\\u08b8\\u08ba-\\u08c8\\u1807\\u1820-\\u1878\\u1887-\\u18a8',
  '\\u18aa\\ua840-\\ua872\\u{10ac0}-\\u{10ac4}\\u{10acd}\\u{10ad3}-\\u{10adc}\\u{10ade}-\\u{10ae0}',
  '\\u{10aeb}-\\u{10aee}\\u{10b80}\\u{10b82}\\u{10b86}-\\u{10b88}\\u{10b8a}\\u{10b8b}\\u{10b8d}\\u{10b90}',
  '\\u{10bad}\\u{10bae}\\u{10d00}-\\u{10d21}\\u{10d23}\\u{10f30}-\\u{10f32}\\u{10f34}-\\u{10f44}',
  '\\u{10f51}-\\u{10f53}\\u{10f70}-\\u{10f73}\\u{10f76}-\\u{10f81}\\u{10fb0}\\u{10fb2}\\u{10fb3}\\u{10fb8}',
  '\\u{10fbb}\\u{10fbc}\\u{10fbe}\\u{10fbf}\\u{10fc1}\\u{10fc4}\\u{10fca}\\u{10fcb}\\u{1e900}-\\u{1e943}',
].join('')

/** Letters that join only with the one before them (Joining_Type R). */
const JOINS_LAST = [
  '\\u0622-\\u0625\\u0627\\u0629\\u062f-\\u0632\\u0648\\u0671-\\u0673\\u0675-\\u0677\\u0688-\\u0699\\u06c0',
  '\\u06c3-\\u06cb\\u06cd\\u06cf\\u06d2\\u06d3\\u06d5\\u06ee\\u06ef\\u0710\\u0715-\\u0719\\u071e\\u0728\\u072a\\u072c',
  '\\u072f\\u074d\\u0759-\\u075b\\u076b\\u076c\\u0771\\u0773\\u0774\\u0778\\u0779\\u0840\\u0846\\u0847\\u0849\\u0854',
  '\\u0856-\\u0858\\u0867\\u0869\\u086a\\u0870-\\u0882\\u088e\\u08aa-\\u08ac\\u08ae\\u08b1\\u08b2\\u08b9\\u{10ac5}',
  '\\u{10ac7}\\u{10ac9}\\u{10aca}\\u{10ace}-\\u{10ad2}\\u{10add}\\u{10ae1}\\u{10ae4}\\u{10aef}\\u{10b81}',
  '\\u{10b83}-\\u{10b85}\\u{10b89}\\u{10b8c}\\u{10b8e}\\u{10b8f}\\u{10b91}\\u{10ba9}-\\u{10bac}\\u{10d22}',
  '\\u{10f33}\\u{10f54}\\u{10f74}\\u{10f75}\\u{10fb4}-\\u{10fb6}\\u{10fb9}\\u{10fba}\\u{10fbd}\\u{10fc2}\\u{10fc3}',
  '\\u{10fc9}',
].join('')

/** Signs that take a letter's vowel away (Canonical_Combining_Class 9). */
const VIRAMA = [
  '\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d3b\\u0d3c\\u0d4d\\u0dca\\u0e3a\\u0eba\\u0f84\\u1039',
  '\\u103a\\u1714\\u1715\\u1734\\u17d2\\u1a60\\u1b44\\u1baa\\u1bab\\u1bf2\\u1bf3\\u2d7f\\ua806\\ua82c\\ua8c4\\ua953',
  '\\ua9c0\\uaaf6\\uabed\\u{10a3f}\\u{11046}\\u{11070}\\u{1107f}\\u{110b9}\\u{11133}\\u{11134}\\u{111c0}\\u{11235}',
  '\\u{112ea}\\u{1134d}\\u{11442}\\u{114c2}\\u{115bf}\\u{1163f}\\u{116b6}\\u{1172b}\\u{11839}\\u{1193d}\\u{1193e}',
  '\\u{119e0}\\u{11a34}\\u{11a47}\\u{11a99}\\u{11c3f}\\u{11d44}\\u{11d45}\\u{11d97}',
].join('')

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
