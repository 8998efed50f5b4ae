import { get, i32, I64, i64, repeat, set, type Code, type FunctionCode } from './assembler.ts'

/**
 * Where r and the sum are: five numbers each of 26 bits, the lowest first, in 8 bytes each. Products of such numbers, and
 * sums of five, fit into 64 bits.
 */
export const R_AT = 64
export const SUM_AT = R_AT + 40
export const LIMBS = 5
export const LIMB_BITS = 26

const FROM = 0
const END = 1
const limb = (i: number): number => 2 + i
const r = (i: number): number => 7 + i
/** 5 r: what is beyond 130 bits comes back five times, since 2^130 = 5 modulo the prime. */
const r5 = (i: number): number => 12 + i
const product = (i: number): number => 17 + i
const LOW = 22
const HIGH = 23

const five = [0, 1, 2, 3, 4]
const MASK = i64.const(0x3ffffffn)
const bits = (value: Code, from: bigint): number[] => i64.and(i64.shr(value, i64.const(from)), MASK)

/** 16 bytes and a one above them, in five parts. */
const PARTS: readonly Code[] = [
  i64.and(get(LOW), MASK),
  bits(get(LOW), 26n),
  i64.and(i64.or(i64.shr(get(LOW), i64.const(52n)), i64.shl(get(HIGH), i64.const(12n))), MASK),
  bits(get(HIGH), 14n),
  i64.or(i64.shr(get(HIGH), i64.const(40n)), i64.const(1n << 24n)),
]

const row = (i: number): number[] =>
  five
    .map((j) => i64.mul(get(limb(j)), get(j <= i ? r(i - j) : r5(i - j + LIMBS))))
    .reduce((sum, one) => i64.add(sum, one))

const carry = (i: number): number[] =>
  i < LIMBS - 1
    ? set(product(i + 1), i64.add(get(product(i + 1)), i64.shr(get(product(i)), i64.const(26n))))
    : set(limb(0), i64.add(get(limb(0)), i64.mul(i64.shr(get(product(i)), i64.const(26n)), i64.const(5n))))

/** `poly(from, end)`: takes the bytes there, blocks of 16, into the sum (RFC 8439, 2.5): sum = (sum + block) r. */
export const poly: FunctionCode = {
  name: 'poly',
  parameters: 2,
  locals: [[22, I64]],
  body: [
    ...five.map((i) => set(limb(i), i64.load(i32.const(SUM_AT), 8 * i))),
    ...five.map((i) => set(r(i), i64.load(i32.const(R_AT), 8 * i))),
    ...five.map((i) => set(r5(i), i64.mul(get(r(i)), i64.const(5n)))),
    repeat(
      [
        set(LOW, i64.load(get(FROM))),
        set(HIGH, i64.load(get(FROM), 8)),
        ...five.map((i) => set(limb(i), i64.add(get(limb(i)), PARTS[i] ?? []))),
        ...five.map((i) => set(product(i), row(i))),
        ...five.flatMap((i) => [...(i < 4 ? [carry(i)] : []), set(limb(i), i64.and(get(product(i)), MASK))]),
        carry(4),
        set(limb(1), i64.add(get(limb(1)), i64.shr(get(limb(0)), i64.const(26n)))),
        set(limb(0), i64.and(get(limb(0)), MASK)),
        set(FROM, i32.add(get(FROM), i32.const(16))),
      ],
      i32.lessThan(get(FROM), get(END)),
    ),
    ...five.map((i) => i64.store(i32.const(SUM_AT), get(limb(i)), 8 * i)),
  ],
}
