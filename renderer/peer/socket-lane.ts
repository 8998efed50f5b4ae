import type { Reason } from '#protocol/errors.ts'
import { MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { RECORD_OVERHEAD_BYTES, recordWith } from '#protocol/sealed-records.ts'
import { LANE_HANDSHAKE_MS } from '#protocol/sealed.ts'
import { BufferPool } from '#transfer/buffer-pool.ts'
import { type Lane, LaneBase, type LaneEvents } from '#transfer/lane.ts'

/** Between a page and the worker that has its sealed socket. Binary frames change hands, they are not copied. */
export type ToSocketWorker =
  /** First, and once. */
  | { readonly t: 'connect'; readonly url: string; readonly session: SessionKey }
  /** A frame with room for a record around it, see recordWith. */
  | { readonly t: 'send'; readonly text: boolean; readonly record: Uint8Array<ArrayBuffer> }
  | { readonly t: 'close' }

export type FromSocketWorker =
  /** Both ends have shown their keys. */
  | { readonly t: 'open' }
  | { readonly t: 'frame'; readonly data: string | Uint8Array<ArrayBuffer> }
  /** A record that was given by `send` is with the browser, which has room for more: its memory, to be used again. */
  | { readonly t: 'sent'; readonly record: Uint8Array<ArrayBuffer> }
  /** Last: how it ended, and which of the two did not keep to the protocol, if one did not. Nothing is left to do but end the worker. */
  | { readonly t: 'closed'; readonly ending: 'end' | 'broken'; readonly refused: Reason | null }

/**
 * Bytes of a message that the lane likes best. Chromium copies what does not fit its pipe to the network into fresh memory,
 * which is dear, and smaller ones cost more turns.
 */
const LIKED_BYTES = 131_072
/** Bytes given to the lane that the browser has not taken yet, above which it wants no more. */
const AHEAD_BYTES = 1_048_576
/** ms for the worker to say goodbye before it is ended. */
const CLOSE_MS = 2000

export interface SocketLaneOptions {
  /** ws://host:port of the hub, with LANE_PATH. */
  readonly url: string
  /** Of the registration that was proved last. */
  readonly session: SessionKey
  readonly limitMs?: number
  /** Called when one of the two said something that is not of the protocol. The lane is over then, also where it was not open yet. */
  readonly onRefused?: (code: Reason) => void
}

/**
 * Opens a sealed socket to the hub, in a worker that is loaded for it. Rejects when there is none to be had: no workers,
 * no way through, a hub that does not know the session, nothing within `limitMs`. Nothing is left behind then.
 */
export function openSocketLane({
  url,
  session,
  limitMs = LANE_HANDSHAKE_MS,
  onRefused,
}: SocketLaneOptions): Promise<Lane> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./socket-worker.ts', import.meta.url), { type: 'module' })
    const fail = (): void => {
      clearTimeout(timer)
      worker.terminate()
      reject(new Error('no sealed socket'))
    }
    const timer = setTimeout(fail, limitMs)
    worker.onerror = fail
    worker.onmessage = ({ data }: MessageEvent<FromSocketWorker>) => {
      if (data.t !== 'open') {
        if (data.t === 'closed' && data.refused !== null) onRefused?.(data.refused)
        fail()
        return
      }
      clearTimeout(timer)
      resolve(new SocketLane(worker, onRefused))
    }
    const connect: ToSocketWorker = { t: 'connect', url, session }
    worker.postMessage(connect)
  })
}

/** Makes a lane of a sealed socket, for a session that runs in this page. */
class SocketLane implements Lane {
  readonly kind = 'socket'
  readonly maxMessage = LIKED_BYTES
  readonly #worker: Worker
  readonly #utf8 = new TextEncoder()
  readonly #inside = new LaneBase()
  readonly #onRefused: SocketLaneOptions['onRefused']
  readonly #records = new BufferPool(LIKED_BYTES + RECORD_OVERHEAD_BYTES, AHEAD_BYTES / LIKED_BYTES)
  #ahead = 0

  constructor(worker: Worker, onRefused: SocketLaneOptions['onRefused']) {
    this.#worker = worker
    this.#onRefused = onRefused
    worker.onmessage = ({ data }: MessageEvent<FromSocketWorker>) => {
      this.#take(data)
    }
    worker.onerror = () => {
      this.#inside.end()
      worker.terminate()
    }
  }

  send(data: string | Uint8Array): void {
    if (this.#inside.isOver) return
    const text = typeof data === 'string'
    const payload = text ? this.#utf8.encode(data) : data
    if (payload.length > MESSAGE_BYTES_MAX) {
      this.close()
      return
    }
    const record = recordWith(payload, (length) => this.#records.take(length))
    this.#ahead += record.length
    this.#tell({ t: 'send', text, record }, [record.buffer])
  }

  ready(): Promise<void> {
    return this.#inside.ready(this.#ahead < AHEAD_BYTES)
  }

  listen(events: LaneEvents): void {
    this.#inside.listen(events)
  }

  close(): void {
    if (this.#inside.isOver) return
    this.#tell({ t: 'close' })
    setTimeout(() => {
      this.#worker.terminate()
    }, CLOSE_MS)
    this.#inside.end()
  }

  #tell(message: ToSocketWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer)
  }

  #take(message: FromSocketWorker): void {
    if (message.t === 'closed') {
      if (message.refused !== null) this.#onRefused?.(message.refused)
      this.#inside.end()
      this.#worker.terminate()
    } else if (message.t === 'sent') {
      this.#ahead -= message.record.length
      this.#records.giveBack(message.record.buffer)
      if (this.#ahead < AHEAD_BYTES) this.#inside.wake()
    } else if (message.t === 'frame') this.#inside.deliver(message.data)
  }
}
