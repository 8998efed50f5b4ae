import { get, I32, i32, i32x4, repeat, set, V128, type Code, type FunctionCode } from './assembler.ts'

/** Where its state of 16 words is (RFC 8439, 2.3): constants, key, counter, nonce. */
export const STATE_AT = 0
const COUNTER_AT = STATE_AT + 48
/** Bytes of four blocks, which are made at once. */
export const STEP_BYTES = 256

const FROM = 0
const END = 1
const ROUND = 2
/** The local that has word `i` of all four blocks. */
const word = (i: number): number => 3 + i
const SPARE = word(16)

const bytesOf = (...lanes: readonly number[]): number[] =>
  lanes.flatMap((lane) => [0, 1, 2, 3].map((b) => 4 * lane + b))
/** Turning by whole bytes is a shuffle; the others are two shifts. */
const turned = (value: Code, bits: number): number[] => {
  if (bits % 8 > 0) return i32x4.or(i32x4.shl(value, bits), i32x4.shr(value, 32 - bits))
  const order = [0, 1, 2, 3].flatMap((lane) => [0, 1, 2, 3].map((b) => 4 * lane + ((b + 4 - bits / 8) % 4)))
  return i32x4.shuffle(value, value, order)
}

const mix = (a: number, b: number, d: number, bits: number): number[] => [
  ...set(word(a), i32x4.add(get(word(a)), get(word(b)))),
  ...set(word(d), i32x4.xor(get(word(d)), get(word(a)))),
  ...set(word(d), turned(get(word(d)), bits)),
]
const quarter = (a: number, b: number, c: number, d: number): number[] => [
  ...mix(a, b, d, 16),
  ...mix(c, d, b, 12),
  ...mix(a, b, d, 8),
  ...mix(c, d, b, 7),
]
const DOUBLE_ROUND = [0, 1, 2, 3]
  .flatMap((i) => quarter(i, 4 + i, 8 + i, 12 + i))
  .concat([0, 1, 2, 3].flatMap((i) => quarter(i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4))))

const all = Array.from({ length: 16 }, (_, i) => i)
/** Each block has a counter of its own. */
const state = (i: number): number[] => {
  const splat = i32x4.loadSplat(i32.const(STATE_AT), 4 * i)
  return i === 12 ? i32x4.add(splat, i32x4.const(0, 1, 2, 3)) : splat
}

/** Four words of each block, which are in four locals, to where the blocks are. */
function spread(group: number): number[] {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => get(word(4 * group + i))) as unknown as readonly [Code, Code, Code, Code]
  const pairs = (lanes: number[]): number[][] => [
    i32x4.shuffle(a, b, bytesOf(...lanes)),
    i32x4.shuffle(c, d, bytesOf(...lanes)),
  ]
  const halves = [pairs([0, 4, 1, 5]), pairs([2, 6, 3, 7])] as [number[][], number[][]]
  const put = (block: number): number[] => {
    const offset = 64 * block + 16 * group
    const pair = SPARE + (block < 2 ? 0 : 2)
    const lanes = block % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7]
    return i32x4.store(
      get(FROM),
      i32x4.xor(i32x4.load(get(FROM), offset), i32x4.shuffle(get(pair), get(pair + 1), bytesOf(...lanes))),
      offset,
    )
  }
  return [...halves.flat().flatMap((code, i) => set(SPARE + i, code)), ...[0, 1, 2, 3].flatMap(put)]
}

/**
 * `chacha(from, end)`: bytes from there on XOR the key stream, in steps of STEP_BYTES; what is beyond the end is not to be
 * used. The counter goes on. Four blocks side by side, each of their 16 words in a vector with the same word of the
 * others, so a round is the same for all of them and nothing in it depends on a secret but numbers.
 */
export const chacha: FunctionCode = {
  name: 'chacha',
  parameters: 2,
  locals: [
    [1, I32],
    [20, V128],
  ],
  body: [
    repeat(
      [
        ...all.map((i) => set(word(i), state(i))),
        set(ROUND, i32.const(0)),
        repeat([DOUBLE_ROUND, set(ROUND, i32.add(get(ROUND), i32.const(1)))], i32.lessThan(get(ROUND), i32.const(10))),
        ...all.map((i) => set(word(i), i32x4.add(get(word(i)), state(i)))),
        ...[0, 1, 2, 3].map(spread),
        i32.store(i32.const(COUNTER_AT), i32.add(i32.load(i32.const(COUNTER_AT)), i32.const(4))),
        set(FROM, i32.add(get(FROM), i32.const(STEP_BYTES))),
      ],
      i32.lessThan(get(FROM), get(END)),
    ),
  ],
}
