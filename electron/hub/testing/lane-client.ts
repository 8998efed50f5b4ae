import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { nativeAead, startExchange, primitives } from '#hub/node-crypto.ts'
import { bounded } from './client.ts'
import { MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import type { SessionKey } from '#protocol/proof.ts'
import {
  RECORD,
  RecordOpener,
  RecordSealer,
  recordWith,
  type Opened,
  type RecordType,
} from '#protocol/sealed-records.ts'
import { type Lane, LaneBase, type LaneEvents } from '#transfer/lane.ts'
import { LANE_PATH, laneHello, laneKeys, readLaneAnswer } from '#protocol/sealed.ts'

/** A phone's end of a sealed socket in plain Node, one step at a time, so that a test can take a wrong one. */
export class LaneClient {
  readonly ws: WebSocket
  readonly #exchange = startExchange()
  readonly #came: (Buffer | string)[] = []
  readonly #listeners = new Set<() => void>()
  #code: number | null = null
  #reason = ''
  #error: Error | null = null
  sealer: RecordSealer | null = null
  opener: RecordOpener | null = null

  /** `localAddress`: where it comes from; 127.0.0.1 is exempt from some limits. */
  constructor(port: number, localAddress = '127.0.0.1') {
    const options = { localAddress, perMessageDeflate: false }
    this.ws = new WebSocket(`ws://127.0.0.1:${port}${LANE_PATH}`, options)
    this.ws.on('error', (error) => {
      this.#error = error
      this.#tell()
    })
    this.ws.on('message', (data: Buffer, isBinary) => {
      this.#came.push(isBinary ? data : data.toString())
      this.#tell()
    })
    this.ws.on('open', () => {
      this.#tell()
    })
    this.ws.on('close', (code, reason) => {
      this.#code = code
      this.#reason = reason.toString()
      this.#tell()
    })
  }

  /** Rejects with the hub's status when it is not let in. */
  async opened(): Promise<void> {
    await this.#until(() => this.ws.readyState === WebSocket.OPEN || this.#error !== null, 'open socket')
    if (this.#error !== null) throw this.#error
  }

  /** As far as keys, without the first record. */
  async agree(session: SessionKey, change: (hello: Uint8Array) => Uint8Array = (hello) => hello): Promise<void> {
    await this.opened()
    this.ws.send(change(laneHello(primitives, session, this.#exchange.publicKey)))
    const client = this.#exchange.publicKey
    const server = readLaneAnswer(primitives, session, client, new Uint8Array(await this.message()))
    const keys = laneKeys(primitives, session, { client, server }, this.#exchange.shared(server))
    this.sealer = new RecordSealer(nativeAead(keys.client))
    this.opener = new RecordOpener(nativeAead(keys.server))
  }

  /** All of it. */
  async join(session: SessionKey): Promise<this> {
    await this.agree(session)
    this.say(RECORD.confirm)
    await this.hear(RECORD.confirm)
    return this
  }

  record(type: RecordType, payload: Uint8Array | string = ''): Uint8Array {
    const record = recordWith(typeof payload === 'string' ? Buffer.from(payload) : payload)
    this.sealer?.seal(type, record)
    return record
  }

  say(type: RecordType, payload: Uint8Array | string = ''): void {
    this.ws.send(this.record(type, payload))
  }

  async hear(type: RecordType): Promise<Opened> {
    const record = Uint8Array.from(await this.message())
    const opened = this.opener?.open(record)
    if (opened?.type !== type) throw new Error(`not ${type} but ${opened?.type ?? 'nothing'}`)
    return opened
  }

  /** Writes these bytes to the connection itself, whatever they are. */
  write(bytes: Uint8Array): void {
    ;(this.ws as unknown as { readonly _socket: Socket })._socket.write(bytes)
  }

  /** Makes a lane of it, once both ends have their keys, for a session. */
  lane(): Lane {
    return new ClientLane(this)
  }

  /** The next message as it is. */
  async message(): Promise<Buffer> {
    await this.#until(() => this.#came.length > 0 || this.#code !== null, 'message')
    const data = this.#came.shift()
    if (!(data instanceof Buffer)) throw new Error(`no message; closed with ${this.#code}`)
    return data
  }

  /** The code with which the connection ended; 1006 when it was cut. */
  async closed(): Promise<number> {
    await this.#until(() => this.#code !== null, 'close')
    return this.#code ?? 0
  }

  /** The same with the text that came with it: `1008 malformed`. */
  async farewell(): Promise<string> {
    return `${await this.closed()} ${this.#reason}`.trimEnd()
  }

  #until(holds: () => boolean, what: string): Promise<void> {
    return bounded(what, (resolve) => {
      const look = (): void => {
        if (!holds()) return
        this.#listeners.delete(look)
        resolve()
      }
      this.#listeners.add(look)
      look()
    })
  }

  #tell(): void {
    for (const look of [...this.#listeners]) look()
  }
}

class ClientLane implements Lane {
  readonly kind = 'socket'
  readonly maxMessage = MESSAGE_BYTES_MAX
  readonly #client: LaneClient
  readonly #inside = new LaneBase()

  constructor(client: LaneClient) {
    this.#client = client
    client.ws.on('message', (record: Buffer) => {
      this.#take(Uint8Array.from(record))
    })
    client.ws.on('close', () => {
      this.#inside.end()
    })
  }

  send(data: string | Uint8Array): void {
    if (!this.#inside.isOver) this.#client.say(typeof data === 'string' ? RECORD.text : RECORD.binary, data)
  }

  async ready(): Promise<void> {
    const { ws } = this.#client
    while (ws.readyState === WebSocket.OPEN && ws.bufferedAmount > MESSAGE_BYTES_MAX) await new Promise(setImmediate)
  }

  listen(events: LaneEvents): void {
    this.#inside.listen(events)
  }

  close(): void {
    if (this.#inside.isOver) return
    this.#client.say(RECORD.end)
    this.#client.ws.close()
    this.#inside.end()
  }

  #take(record: Uint8Array): void {
    const { type, payload } = this.#client.opener!.open(record)
    if (type === RECORD.end) this.#inside.end()
    else this.#inside.deliver(type === RECORD.text ? Buffer.from(payload).toString() : payload)
  }
}
