import type { WebSocket } from 'ws'
import { toReason, type Reason } from '#protocol/errors.ts'
import { MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import { RECORD, recordWith, type RecordType } from '#protocol/sealed-records.ts'
import { LANE_REFUSED, LANE_REFUSED_HERE, type LaneKeys } from '#protocol/sealed.ts'
import type { LaneCipher, CipherThread } from './cipher-thread.ts'
import type { MessageSocket } from './message-socket.ts'
import type { BufferPool } from '#transfer/buffer-pool.ts'
import type { Lane, LaneEvents } from '#transfer/lane.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Bytes given to `send` that have not left for the network yet, above which the lane wants no more. */
const AHEAD_BYTES = 4_194_304
/**
 * Bytes of the same above which the lane is cut. Bytes of files wait for `ready`; answers do not, so a phone that asks
 * and never reads would have them all kept here.
 */
const AHEAD_BYTES_MAX = 33_554_432
/** Bytes of memory of records that came and have not been passed on, above which the socket is not read. */
const INSIDE_BYTES = 2_097_152

const utf8 = new TextEncoder()
// A byte order mark is part of the text, as it is for whoever sent it.
const fromUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface SealedLane extends Lane {
  /** Null while it is open. `end`: one of the two said so; `broken`: it was cut, or what came was not the phone's. */
  readonly ending: 'end' | 'broken' | null
}

export interface SocketLaneOptions {
  readonly messages: MessageSocket
  /** Memory of records, in both directions. */
  readonly records: BufferPool
  readonly thread: CipherThread
  readonly keys: LaneKeys
  /** Called once, when the phone has shown that it has the keys. */
  readonly onConfirmed: (lane: SocketLane) => void
  /** Called when the phone asks and does not read, before the lane is cut. */
  readonly onOverrun: () => void
  /** Called once when the lane has ended, by either side. */
  readonly onOver: (lane: SocketLane) => void
  /** Called when data from the phone was not of the protocol; or, `there`, when the phone says so of what it got. */
  readonly onRefused: (code: Reason, where: 'here' | 'there') => void
  /** ms for the phone to close its side, before it is cut. */
  readonly endGraceMs: number
}

/** Carries messages over a sealed socket, at the computer's end. The cipher's work is done by the thread. */
export class SocketLane implements SealedLane {
  readonly kind = 'socket'
  readonly maxMessage = MESSAGE_BYTES_MAX
  readonly #options: SocketLaneOptions
  readonly #ws: WebSocket
  readonly #sealing: LaneCipher
  #events: LaneEvents | null = null
  #early: { readonly data: string | Uint8Array; readonly payload: Bytes }[] = []
  #ahead = 0
  #inside = 0
  /** Records that are with the thread to be opened. */
  #opening = 0
  #closed = false
  #waiting: (() => void)[] = []
  #over = false
  #ending: 'end' | 'broken' | null = null

  constructor(options: SocketLaneOptions) {
    this.#options = options
    this.#ws = options.messages.ws
    this.#sealing = options.thread.begin(options.keys, {
      onSealed: (record) => {
        this.#post(record)
      },
      onOpened: (type, payload) => {
        this.#opening--
        this.#take(type, payload)
        this.#finishIfHeard()
      },
      onBroken: () => {
        this.#refuse('tampered')
      },
    })
    options.messages.onMessage = (message) => {
      if (message === null) this.#refuse('malformed')
      else this.#open(message)
    }
    this.#ws.on('close', (code, reason) => {
      if (code === LANE_REFUSED_HERE && !this.#over) options.onRefused(toReason(reason.toString()), 'there')
      this.#closed = true
      this.#finishIfHeard()
    })
  }

  get ending(): 'end' | 'broken' | null {
    return this.#ending
  }

  send(data: string | Uint8Array): void {
    if (this.#over) return
    const payload = typeof data === 'string' ? utf8.encode(data) : data
    if (payload.length > MESSAGE_BYTES_MAX) this.cut()
    else if (this.#ahead > AHEAD_BYTES_MAX) {
      this.#options.onOverrun()
      this.cut()
    } else {
      const record = recordWith(payload, (length) => this.#options.records.take(length))
      this.#seal(typeof data === 'string' ? RECORD.text : RECORD.binary, record)
    }
  }

  ready(): Promise<void> {
    if (this.#over || this.#ahead < AHEAD_BYTES) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  listen(events: LaneEvents): void {
    this.#events = events
    for (const { data, payload } of this.#early.splice(0)) {
      events.onFrame(data)
      this.#passed(payload)
    }
    if (this.#over) events.onClose()
  }

  close(): void {
    if (this.#over) return
    this.#seal(RECORD.end, recordWith(new Uint8Array(0)))
    this.#finish('end')
  }

  /** Closes the socket without an `end` record. */
  cut(): void {
    this.#finish('broken')
    this.#ws.terminate()
  }

  /** Ends the lane as its data is not of the protocol: nothing more is read, and the socket's own goodbye says why. */
  #refuse(code: Reason): void {
    if (this.#over) return
    this.#finish('broken')
    this.#options.onRefused(code, 'here')
    this.#closeSocket(LANE_REFUSED, code)
  }

  #seal(type: RecordType, record: Bytes): void {
    this.#ahead += record.length
    this.#sealing.seal(type, record)
  }

  #post(record: Bytes): void {
    const { length } = record
    this.#ws.send(record, () => {
      this.#options.records.giveBack(record.buffer)
      this.#ahead -= length
      if (this.#ahead < AHEAD_BYTES) this.#wake()
    })
    if (record.at(-1) === RECORD.end) this.#leave()
  }

  #open(record: Bytes): void {
    this.#inside += record.buffer.byteLength
    if (this.#inside > INSIDE_BYTES) this.#ws.pause()
    this.#opening++
    this.#sealing.open(record)
  }

  #take(type: RecordType, payload: Bytes): void {
    if (this.#over) return
    switch (type) {
      case RECORD.confirm:
        this.#passed(payload)
        this.#seal(RECORD.confirm, recordWith(new Uint8Array(0)))
        this.#options.onConfirmed(this)
        break
      case RECORD.end:
        this.#finish('end')
        this.#leave()
        break
      default:
        this.#deliver(type, payload)
    }
  }

  #deliver(type: RecordType, payload: Bytes): void {
    const data = type === RECORD.binary ? payload : textOf(payload)
    if (data === null) this.#refuse('malformed')
    else if (this.#events === null) this.#early.push({ data, payload })
    else {
      this.#events.onFrame(data)
      this.#passed(payload)
    }
  }

  /** Takes the memory back of what was passed on, and reads the socket again when little enough is left. */
  #passed({ buffer }: Bytes): void {
    this.#inside -= buffer.byteLength
    this.#options.records.giveBack(buffer)
    if (this.#ws.isPaused && this.#inside <= INSIDE_BYTES / 2) this.#ws.resume()
  }

  #finish(ending: 'end' | 'broken'): void {
    if (this.#over) return
    this.#over = true
    this.#ending = ending
    this.#options.messages.skip()
    if (ending === 'broken') this.#sealing.finish()
    this.#wake()
    this.#options.onOver(this)
    this.#events?.onClose()
  }

  /** Ends a lane whose socket is closed, once all that came before is heard: the last of it may say how it ended. */
  #finishIfHeard(): void {
    if (this.#closed && this.#opening === 0) this.#finish('broken')
  }

  /** Closes the socket after the last record was sent, or the other side's came. */
  #leave(): void {
    this.#sealing.finish()
    this.#closeSocket(1000)
  }

  #closeSocket(code: number, reason?: Reason): void {
    if (this.#closed) return
    const { endGraceMs } = this.#options
    const ws = this.#ws
    // One that is not read would never see the other side close.
    ws.resume()
    ws.close(code, reason)
    const timer = setTimeout(() => {
      ws.terminate()
    }, endGraceMs)
    ws.once('close', () => {
      clearTimeout(timer)
    })
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

function textOf(payload: Uint8Array): string | null {
  try {
    return fromUtf8.decode(payload)
  } catch {
    return null
  }
}
