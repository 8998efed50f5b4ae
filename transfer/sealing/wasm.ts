import { sameBytes } from '#protocol/primitives.ts'
import { RECORD_BYTES_MAX, TAG_BYTES, type Aead, type MakeAead } from '#protocol/sealed-records.ts'
import { assemble } from './assembler.ts'
import { chacha, STATE_AT, STEP_BYTES } from './chacha.ts'
import { nobleAead } from './noble.ts'
import { LIMB_BITS, LIMBS, poly, R_AT, SUM_AT } from './poly.ts'

/** What every runtime has of it where it is not switched off, as hardened browsers do. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly chacha: (from: number, end: number) => void
  readonly poly: (from: number, end: number) => void
}

/** The key stream's first four blocks; of these the first 32 bytes are the key of the tag. */
const KEYS_AT = 256
/** What is bound to the record goes before it, so that the tag's bytes are all in one row. */
const AAD_AT = 1008
const DATA_AT = AAD_AT + 16
const PAGES = Math.ceil((DATA_AT + RECORD_BYTES_MAX + STEP_BYTES) / 65_536)
/** "expand 32-byte k" */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]

/** ChaCha20-Poly1305 in WebAssembly with vectors of 128 bits. One memory for all keys: each call leaves it to the next. */
class Machine {
  readonly #code: Exports
  readonly #bytes: Uint8Array<ArrayBuffer>
  readonly #view: DataView<ArrayBuffer>

  constructor() {
    this.#code = new WebAssembly.Instance(new WebAssembly.Module(assemble(PAGES, [chacha, poly]))).exports as Exports
    this.#bytes = new Uint8Array(this.#code.memory.buffer)
    this.#view = new DataView(this.#code.memory.buffer)
  }

  aead(key: Uint8Array): Aead {
    const own = Uint8Array.from(key)
    return {
      seal: (nonce, aad, data) => {
        const length = this.#load(own, nonce, aad, data)
        this.#stream(length)
        data.set(this.#bytes.subarray(DATA_AT, DATA_AT + length))
        data.set(this.#tag(aad.length, length), length)
      },
      open: (nonce, aad, data) => {
        const length = this.#load(own, nonce, aad, data)
        if (!sameBytes(this.#tag(aad.length, length), data.subarray(length))) return false
        this.#stream(length)
        data.set(this.#bytes.subarray(DATA_AT, DATA_AT + length))
        return true
      },
    }
  }

  /** Puts everything in its place. The length of the payload. */
  #load(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, data: Uint8Array): number {
    const length = data.length - TAG_BYTES
    if (length > RECORD_BYTES_MAX - TAG_BYTES || aad.length > 16) throw new RangeError('too long for a record')
    CONSTANTS.forEach((word, i) => {
      this.#view.setUint32(STATE_AT + 4 * i, word, true)
    })
    this.#bytes.set(key, STATE_AT + 16)
    this.#view.setUint32(STATE_AT + 48, 0, true)
    this.#bytes.set(nonce, STATE_AT + 52)
    this.#bytes.fill(0, KEYS_AT, KEYS_AT + STEP_BYTES)
    this.#code.chacha(KEYS_AT, KEYS_AT + STEP_BYTES)
    this.#bytes.fill(0, AAD_AT, DATA_AT)
    this.#bytes.set(aad, AAD_AT)
    this.#bytes.set(data.subarray(0, length), DATA_AT)
    return length
  }

  #stream(length: number): void {
    this.#view.setUint32(STATE_AT + 48, 1, true)
    if (length > 0) this.#code.chacha(DATA_AT, DATA_AT + length)
  }

  #tag(aadLength: number, length: number): Uint8Array {
    const end = DATA_AT + Math.ceil(length / 16) * 16
    this.#bytes.fill(0, DATA_AT + length, end)
    this.#view.setBigUint64(end, BigInt(aadLength), true)
    this.#view.setBigUint64(end + 8, BigInt(length), true)
    const r = this.#number(KEYS_AT) & 0x0ffffffc0ffffffc0ffffffc0fffffffn
    for (let i = 0; i < LIMBS; i++) {
      this.#view.setBigUint64(R_AT + 8 * i, BigInt.asUintN(LIMB_BITS, r >> BigInt(LIMB_BITS * i)), true)
      this.#view.setBigUint64(SUM_AT + 8 * i, 0n, true)
    }
    this.#code.poly(aadLength > 0 ? AAD_AT : DATA_AT, end + 16)
    return this.#finish()
  }

  /** (sum modulo 2^130 - 5) + s. A key of a tag is used once, so how long this takes tells nothing of the next one. */
  #finish(): Uint8Array {
    let sum = 0n
    for (let i = 0; i < LIMBS; i++) sum += this.#view.getBigUint64(SUM_AT + 8 * i, true) << BigInt(LIMB_BITS * i)
    const tag = (sum % ((1n << 130n) - 5n)) + this.#number(KEYS_AT + 16)
    const out = new DataView(new ArrayBuffer(TAG_BYTES))
    out.setBigUint64(0, BigInt.asUintN(64, tag), true)
    out.setBigUint64(8, BigInt.asUintN(64, tag >> 64n), true)
    return new Uint8Array(out.buffer)
  }

  #number(at: number): bigint {
    return this.#view.getBigUint64(at, true) | (this.#view.getBigUint64(at + 8, true) << 64n)
  }
}

/** Whether it does what the audited one in script does, there and back; and sees a changed bit. */
function agrees(one: MakeAead, other: MakeAead): boolean {
  const key = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1)
  const nonce = Uint8Array.from({ length: 12 }, (_, i) => 250 - i)
  const aad = Uint8Array.from({ length: 13 }, (_, i) => i)
  const plain = Uint8Array.from({ length: 1000 + TAG_BYTES }, (_, i) => (i < 1000 ? i * i : 0))
  const [mine, its] = [Uint8Array.from(plain), Uint8Array.from(plain)]
  one(key).seal(nonce, aad, mine)
  other(key).seal(nonce, aad, its)
  if (!sameBytes(mine, its)) return false
  const changed = Uint8Array.from(mine)
  changed[999] = (changed[999] ?? 0) ^ 1
  if (one(key).open(nonce, aad, changed)) return false
  return one(key).open(nonce, aad, mine) && sameBytes(mine.subarray(0, 1000), plain.subarray(0, 1000))
}

/** Null where there is no WebAssembly, or none with vectors, or one that does not give the known answer. */
export function wasmAead(): MakeAead | null {
  try {
    const machine = new Machine()
    const make: MakeAead = (key) => machine.aead(key)
    return agrees(make, nobleAead) ? make : null
  } catch {
    return null
  }
}
