/** Just enough of WebAssembly's binary format to write a cipher in, by the names of its text format. */
export type Code = readonly number[]

const uleb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...uleb(value >>> 7)])
const sleb = (value: bigint): number[] => {
  const byte = Number(BigInt.asUintN(7, value))
  const rest = value >> 7n
  return rest === 0n && byte < 64 ? [byte] : [byte | 0x80, ...sleb(rest)]
}
const sized = (code: Code): number[] => [...uleb(code.length), ...code]
const list = (items: readonly Code[]): number[] => [...uleb(items.length), ...items.flat()]
const text = (name: string): number[] => sized(Array.from(name, (letter) => letter.charCodeAt(0)))
const section = (id: number, code: Code): number[] => [id, ...sized(code)]
const simd = (op: number, ...rest: Code): number[] => [0xfd, ...uleb(op), ...rest]

export const I32 = 0x7f
export const I64 = 0x7e
export const V128 = 0x7b

export const get = (local: number): number[] => [0x20, ...uleb(local)]
export const set = (local: number, ...value: readonly Code[]): number[] => [...value.flat(), 0x21, ...uleb(local)]

const binary =
  (...op: Code) =>
  (a: Code, b: Code): number[] => [...a, ...b, ...op]

export const i32 = {
  const: (value: number): number[] => [0x41, ...sleb(BigInt(value))],
  add: binary(0x6a),
  lessThan: binary(0x49),
  load: (at: Code, offset = 0): number[] => [...at, 0x28, 2, ...uleb(offset)],
  store: (at: Code, value: Code, offset = 0): number[] => [...at, ...value, 0x36, 2, ...uleb(offset)],
}

export const i64 = {
  const: (value: bigint): number[] => [0x42, ...sleb(value)],
  add: binary(0x7c),
  mul: binary(0x7e),
  and: binary(0x83),
  or: binary(0x84),
  shl: binary(0x86),
  shr: binary(0x88),
  load: (at: Code, offset = 0): number[] => [...at, 0x29, 0, ...uleb(offset)],
  store: (at: Code, value: Code, offset = 0): number[] => [...at, ...value, 0x37, 0, ...uleb(offset)],
}

/** Four numbers of 32 bits at a time. */
export const i32x4 = {
  const: (...lanes: readonly number[]): number[] => simd(0x0c, ...lanes.flatMap((lane) => [lane, 0, 0, 0])),
  add: binary(...simd(0xae)),
  shl: (a: Code, bits: number): number[] => [...a, ...i32.const(bits), ...simd(0xab)],
  shr: (a: Code, bits: number): number[] => [...a, ...i32.const(bits), ...simd(0xad)],
  xor: binary(...simd(0x51)),
  or: binary(...simd(0x50)),
  /** One number, four times. */
  loadSplat: (at: Code, offset: number): number[] => [...at, ...simd(0x09, 2, ...uleb(offset))],
  load: (at: Code, offset: number): number[] => [...at, ...simd(0x00, 0, ...uleb(offset))],
  store: (at: Code, value: Code, offset: number): number[] => [...at, ...value, ...simd(0x0b, 0, ...uleb(offset))],
  /** The bytes of both, numbered from 0 to 31, in another order. */
  shuffle: (a: Code, b: Code, bytes: Code): number[] => [...a, ...b, ...simd(0x0d, ...bytes)],
}

/** Runs at least once, and again while `condition` holds. */
export const repeat = (body: readonly Code[], condition: Code): number[] => [
  ...[0x03, 0x40, ...body.flat(), ...condition],
  ...[0x0d, 0, 0x0b],
]

export interface FunctionCode {
  readonly name: string
  /** Numbers of 32 bits. Locals are counted from 0, these first. */
  readonly parameters: number
  readonly locals: readonly (readonly [count: number, type: number])[]
  readonly body: readonly Code[]
}

/** A module with so many pages of 64 KiB as `memory`, and these functions, which return nothing. */
export function assemble(pages: number, functions: readonly FunctionCode[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, ...list(Array<Code>(parameters).fill([I32])), 0])
  const bodies = functions.map(({ locals, body }) =>
    sized([...list(locals.map(([count, type]) => [...uleb(count), type])), ...body.flat(), 0x0b]),
  )
  const exported = functions.map(({ name }, at) => [...text(name), 0, ...uleb(at)])
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(types)),
    ...section(3, list(functions.map((_, at) => uleb(at)))),
    ...section(5, list([[1, ...uleb(pages), ...uleb(pages)]])),
    ...section(7, list([[...text('memory'), 2, 0], ...exported])),
    ...section(10, list(bodies)),
  ])
}
