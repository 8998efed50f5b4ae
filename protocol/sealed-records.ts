import { ProtocolError } from './errors.ts'
import { MESSAGE_BYTES_MAX } from './limits.ts'

/**
 * What travels on a sealed socket after its handshake (sealed.ts): each WebSocket message is one record, a payload
 * sealed with ChaCha20-Poly1305, then the tag, then one byte that says what it is. The type is last so that a payload
 * begins where its memory begins, which ciphers and readers like.
 */
export const TAG_BYTES = 16
export const RECORD_OVERHEAD_BYTES = TAG_BYTES + 1
/** Bytes of the largest record. */
export const RECORD_BYTES_MAX = MESSAGE_BYTES_MAX + RECORD_OVERHEAD_BYTES

export const RECORD = {
  /** The first of each side, and only that, with no payload: the sender has the keys, and is there now. */
  confirm: 0,
  /** A frame of text. */
  text: 1,
  /** A frame of bytes. */
  binary: 2,
  /** The last one, with no payload. A connection that ends without was cut. */
  end: 3,
} as const

export type RecordType = (typeof RECORD)[keyof typeof RECORD]

/** ChaCha20-Poly1305 (RFC 8439) with one key, in place. `nonce` has 12 bytes, `data` holds payload and tag. */
export interface Aead {
  /** Replaces the payload by its ciphertext and fills in the tag. */
  seal(nonce: Uint8Array, aad: Uint8Array, data: Uint8Array): void
  /** Replaces the ciphertext by its payload; false, and no payload to be seen, when the tag is not right. */
  open(nonce: Uint8Array, aad: Uint8Array, data: Uint8Array): boolean
}

export type MakeAead = (key: Uint8Array) => Aead

/** Counts the records of one direction: their nonces, and what is bound to them beside the payload. */
class Sequence {
  /** 4 zero bytes, then the counter from 0, big-endian. */
  readonly nonce = new Uint8Array(12)
  /** Type, counter, length of the payload. */
  readonly aad = new Uint8Array(13)
  #next = 0

  take(type: number, length: number): void {
    const counter = new DataView(this.nonce.buffer)
    // Two halves of 32 bits: no number is too large for that before 2^53, which no connection lives to see.
    counter.setUint32(4, Math.floor(this.#next / 0x1_0000_0000))
    counter.setUint32(8, this.#next >>> 0)
    this.aad[0] = type
    this.aad.set(this.nonce.subarray(4), 1)
    new DataView(this.aad.buffer).setUint32(9, length)
    if (!Number.isSafeInteger(++this.#next)) throw new ProtocolError('overrun', 'records of a lane')
  }
}

/** Makes room for a record with this payload, which it begins with. `take` gives the memory, of whatever content. */
export function recordWith(
  payload: Uint8Array,
  take: (length: number) => Uint8Array<ArrayBuffer> = (length) => new Uint8Array(length),
): Uint8Array<ArrayBuffer> {
  const record = take(payload.length + RECORD_OVERHEAD_BYTES)
  record.set(payload)
  return record
}

/** One direction of a lane, at its sender. */
export class RecordSealer {
  readonly #aead: Aead
  readonly #sequence = new Sequence()

  constructor(aead: Aead) {
    this.#aead = aead
  }

  /** Seals a record in place: `record` is of recordWith. */
  seal(type: RecordType, record: Uint8Array): void {
    const { nonce, aad } = this.#sequence
    const typeAt = record.length - 1
    this.#sequence.take(type, typeAt - TAG_BYTES)
    record[typeAt] = type
    this.#aead.seal(nonce, aad, record.subarray(0, typeAt))
  }
}

export interface Opened {
  readonly type: RecordType
  /** Part of the record's own memory. */
  readonly payload: Uint8Array
}

const isType = (type: number | undefined): type is RecordType => type !== undefined && type <= RECORD.end

/** One direction of a lane, at its receiver. After the first wrong record nothing is right any more. */
export class RecordOpener {
  readonly #aead: Aead
  readonly #sequence = new Sequence()
  #state: 'new' | 'open' | 'over' = 'new'

  constructor(aead: Aead) {
    this.#aead = aead
  }

  /** Opens a record in place. Throws ProtocolError for all that is not the next record of the other side. */
  open(record: Uint8Array): Opened {
    const before = this.#state
    this.#state = 'over'
    if (before === 'over') throw ProtocolError.malformed('record after the end')
    const type = record[record.length - 1]
    const length = record.length - RECORD_OVERHEAD_BYTES
    if (length < 0 || length > MESSAGE_BYTES_MAX || !isType(type)) throw ProtocolError.malformed('record')
    if ((type === RECORD.confirm) !== (before === 'new')) throw ProtocolError.malformed('order of records')
    if ((type === RECORD.confirm || type === RECORD.end) && length > 0) throw ProtocolError.malformed('record')
    const { nonce, aad } = this.#sequence
    this.#sequence.take(type, length)
    if (!this.#aead.open(nonce, aad, record.subarray(0, -1))) throw new ProtocolError('tampered', 'record')
    if (type !== RECORD.end) this.#state = 'open'
    return { type, payload: record.subarray(0, length) }
  }
}
