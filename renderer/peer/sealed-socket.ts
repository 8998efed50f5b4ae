import { x25519 } from '@noble/curves/ed25519.js'
import { ProtocolError, toReason, type Reason } from '#protocol/errors.ts'
import type { SessionKey } from '#protocol/proof.ts'
import {
  RECORD,
  RecordOpener,
  RecordSealer,
  recordWith,
  type MakeAead,
  type RecordType,
} from '#protocol/sealed-records.ts'
import { laneHello, laneKeys, LANE_REFUSED, LANE_REFUSED_HERE, readLaneAnswer } from '#protocol/sealed.ts'
import { primitives } from './noble-crypto.ts'
import type { FromSocketWorker } from './socket-lane.ts'

type Bytes = Uint8Array<ArrayBuffer>
type Post = (message: FromSocketWorker, transfer?: Transferable[]) => void

/**
 * Bytes in the browser's own queue above which records wait here: what it cannot pass on at once it copies into fresh memory.
 * And the ms between two looks at that queue, of which a WebSocket tells nobody; whatever comes or is to be sent has it looked at
 * as well.
 */
const QUEUED_BYTES = 262_144
const LOOK_EVERY_MS = 4

const fromUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

interface Ends {
  readonly sealer: RecordSealer
  readonly opener: RecordOpener
}

/** The phone's end of a sealed socket: lives in a worker, so that neither the page nor the cipher waits for the other. */
export class SealedSocket {
  readonly #ws: WebSocket
  readonly #session: SessionKey
  readonly #makeAead: MakeAead
  readonly #post: Post
  readonly #pair = x25519.keygen()
  #ends: Ends | null = null
  #ending: 'end' | 'broken' = 'broken'
  /** What came was not of the protocol. */
  #refused: Reason | null = null
  /** Binary records that the browser has no room for yet. Text does not wait for them. */
  readonly #waiting: Bytes[] = []
  #looking = false

  constructor(url: string, session: SessionKey, makeAead: MakeAead, post: Post) {
    this.#session = session
    this.#makeAead = makeAead
    this.#post = post
    this.#ws = new WebSocket(url)
    this.#ws.binaryType = 'arraybuffer'
    this.#ws.onopen = () => {
      this.#ws.send(Uint8Array.from(laneHello(primitives, this.#session, this.#pair.publicKey)))
    }
    this.#ws.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.#take(data)
    }
    this.#ws.onclose = ({ code, reason }) => {
      const there = code === LANE_REFUSED && reason !== '' ? toReason(reason) : null
      this.#post({ t: 'closed', ending: this.#ending, refused: this.#refused ?? there })
    }
  }

  /** Takes a record, which begins with the frame, see recordWith. */
  send(text: boolean, record: Bytes): void {
    if (text) this.#sendNow(RECORD.text, record)
    else {
      this.#waiting.push(record)
      this.#sendWaiting(QUEUED_BYTES)
    }
  }

  close(): void {
    if (this.#ends !== null && this.#ws.readyState === WebSocket.OPEN) {
      this.#sendWaiting(Infinity)
      this.#ending = 'end'
      this.#seal(RECORD.end, recordWith(new Uint8Array(0)))
    }
    this.#ws.close()
  }

  #take(data: string | ArrayBuffer): void {
    try {
      if (typeof data === 'string') throw ProtocolError.malformed('text on a sealed socket')
      const bytes = new Uint8Array(data)
      if (this.#ends === null) this.#ends = this.#agree(bytes)
      else this.#opened(this.#ends.opener.open(bytes))
      this.#sendWaiting(QUEUED_BYTES)
    } catch (error) {
      // Whatever it was, nothing that comes after it is to be trusted.
      this.#ending = 'broken'
      this.#ws.onmessage = null
      this.#refused = error instanceof ProtocolError ? error.code : 'malformed'
      this.#ws.close(LANE_REFUSED_HERE, this.#refused)
    }
  }

  #agree(bytes: Uint8Array): Ends {
    const client = this.#pair.publicKey
    const server = readLaneAnswer(primitives, this.#session, client, bytes)
    const shared = x25519.getSharedSecret(this.#pair.secretKey, server)
    const keys = laneKeys(primitives, this.#session, { client, server }, shared)
    this.#pair.secretKey.fill(0)
    const sealer = new RecordSealer(this.#makeAead(keys.client))
    const opener = new RecordOpener(this.#makeAead(keys.server))
    const confirm = recordWith(new Uint8Array(0))
    sealer.seal(RECORD.confirm, confirm)
    this.#ws.send(confirm)
    return { sealer, opener }
  }

  #opened({ type, payload }: { readonly type: RecordType; readonly payload: Uint8Array }): void {
    const bytes = payload as Bytes
    if (type === RECORD.binary) this.#post({ t: 'frame', data: bytes }, [bytes.buffer])
    else if (type === RECORD.text) this.#post({ t: 'frame', data: fromUtf8.decode(bytes) })
    else if (type === RECORD.confirm) this.#post({ t: 'open' })
    else {
      this.#ending = 'end'
      this.#ws.close()
    }
  }

  /** Sends what waits as far as the browser has room, now and until nothing is left. */
  #sendWaiting(queuedMax: number): void {
    while (this.#waiting.length > 0 && this.#ws.bufferedAmount <= queuedMax) {
      const record = this.#waiting.shift()
      if (record !== undefined) this.#sendNow(RECORD.binary, record)
    }
    if (this.#looking || this.#waiting.length === 0) return
    this.#looking = true
    setTimeout(() => {
      this.#looking = false
      this.#sendWaiting(QUEUED_BYTES)
    }, LOOK_EVERY_MS)
  }

  /** Sends a record and gives its memory back: the browser has a copy. */
  #sendNow(type: RecordType, record: Bytes): void {
    this.#seal(type, record)
    this.#post({ t: 'sent', record }, [record.buffer])
  }

  #seal(type: RecordType, record: Bytes): void {
    if (this.#ends === null || this.#ws.readyState !== WebSocket.OPEN) return
    this.#ends.sealer.seal(type, record)
    this.#ws.send(record)
  }
}
