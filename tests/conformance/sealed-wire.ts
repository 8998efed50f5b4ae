import { WebSocket } from 'ws'
import type { SessionKey } from '#protocol/proof.ts'
import { RECORD, RecordOpener, RecordSealer, recordWith, type RecordType } from '#protocol/sealed-records.ts'
import { isRightHello, LANE_PATH, LANE_REFUSED, laneAnswer, laneHello, laneKeys, readLaneAnswer, readLaneHello } from '#protocol/sealed.ts' // prettier-ignore
import { nativeAead, primitives, startExchange } from '#hub/node-crypto.ts'
import { must } from './checks.ts'
import { ANSWER_MS, type Wire } from './conversation.ts'
import { Mailbox } from './mailbox.ts'

/** One sealed socket (section 4.1), at either of its two ends. */
export class SealedWire implements Wire {
  readonly messages = new Mailbox<string | Uint8Array>()
  /** How it ended: code and text. */
  readonly farewell = new Mailbox<string>()
  readonly #ws: WebSocket
  readonly #handshake = new Mailbox<Uint8Array>()
  readonly #confirms = new Mailbox<true>()
  #sealer: RecordSealer | null = null
  #opener: RecordOpener | null = null

  constructor(ws: WebSocket) {
    this.#ws = ws
    ws.on('message', (data: Buffer) => {
      this.#take(Uint8Array.from(data))
    })
    // What went wrong is told by the end as well.
    ws.on('error', () => undefined)
    ws.on('close', (code, reason) => {
      this.farewell.put(`${code} ${reason.toString()}`.trimEnd())
      for (const one of [this.messages, this.#handshake, this.#confirms]) one.end('the sealed socket is closed')
    })
  }

  /** Returns the socket of the hub at `url`, or the status of its refusal: nothing is said on it yet. */
  static dial(url: string): Promise<SealedWire | number> {
    const ws = new WebSocket(url.replace(/^http/, 'ws') + LANE_PATH, { perMessageDeflate: false })
    const wire = new SealedWire(ws)
    return new Promise((resolve, reject) => {
      ws.once('open', () => {
        resolve(wire)
      })
      ws.once('unexpected-response', (request, { statusCode }) => {
        request.destroy()
        resolve(statusCode ?? 0)
      })
      ws.once('error', reject)
    })
  }

  get isOpen(): boolean {
    return this.#ws.readyState === WebSocket.OPEN
  }

  get waiting(): number {
    return this.#ws.bufferedAmount
  }

  /** Makes a lane of it, as the phone. `spoil`: its first message has a mac that is not right. */
  async joinHub(session: SessionKey, spoil = false): Promise<void> {
    const own = startExchange()
    const hello = laneHello(primitives, session, own.publicKey)
    if (spoil) hello[hello.length - 1]! ^= 1
    this.#ws.send(hello)
    const server = readLaneAnswer(primitives, session, own.publicKey, await this.#handshake.take('answer', ANSWER_MS))
    const keys = laneKeys(primitives, session, { client: own.publicKey, server }, own.shared(server))
    this.#agreed(keys.client, keys.server)
    this.#say(RECORD.confirm)
    await this.#confirms.take('confirm', ANSWER_MS)
  }

  /** Makes a lane of it, as the hub. */
  async takePhone(session: SessionKey): Promise<void> {
    const hello = readLaneHello(await this.#handshake.take('hello', ANSWER_MS))
    must(primitives.same(hello.sessionId, session.id), 'its hello names another session')
    must(isRightHello(primitives, session, hello), 'the mac of its hello is not right')
    const own = startExchange()
    const client = hello.clientPublic
    const keys = laneKeys(primitives, session, { client, server: own.publicKey }, own.shared(client))
    this.#agreed(keys.server, keys.client)
    this.#ws.send(laneAnswer(primitives, session, client, own.publicKey))
    await this.#confirms.take('confirm', ANSWER_MS)
    this.#say(RECORD.confirm)
  }

  send(data: string | Uint8Array): void {
    if (this.isOpen) this.#say(typeof data === 'string' ? RECORD.text : RECORD.binary, data)
  }

  /** Sends a record of which one bit was changed on its way. */
  sendChanged(text: string): void {
    const record = this.#sealed(RECORD.text, text)
    record[0]! ^= 1
    this.#ws.send(record)
  }

  async close(): Promise<void> {
    if (this.isOpen && this.#sealer !== null) this.#say(RECORD.end)
    this.#ws.close()
  }

  #agreed(own: Uint8Array, theirs: Uint8Array): void {
    this.#sealer = new RecordSealer(nativeAead(own))
    this.#opener = new RecordOpener(nativeAead(theirs))
  }

  #sealed(type: RecordType, payload: string | Uint8Array = ''): Uint8Array {
    const record = recordWith(typeof payload === 'string' ? Buffer.from(payload) : payload)
    this.#sealer?.seal(type, record)
    return record
  }

  #say(type: RecordType, payload?: string | Uint8Array): void {
    this.#ws.send(this.#sealed(type, payload))
  }

  #take(bytes: Uint8Array): void {
    if (this.#opener === null) {
      this.#handshake.put(bytes)
      return
    }
    try {
      const { type, payload } = this.#opener.open(bytes)
      if (type === RECORD.confirm) this.#confirms.put(true)
      else if (type === RECORD.text) this.messages.put(Buffer.from(payload).toString())
      else if (type === RECORD.binary) this.messages.put(payload)
    } catch (error) {
      this.messages.end(String(error))
      this.#ws.close(LANE_REFUSED, 'tampered')
    }
  }
}

/** What is checked of a lane that both sides have confirmed: a record that was changed on its way ends it. */
export async function endsAtChangedRecord(wire: SealedWire): Promise<void> {
  wire.sendChanged('{"t":"ping"}')
  const farewell = await wire.farewell.take('end of the sealed socket', ANSWER_MS)
  must(/^(1008|4008) tampered$/.test(farewell), `it ends the socket by ${farewell}, not 1008 or 4008 and \`tampered\``)
}
