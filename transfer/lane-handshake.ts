import * as v from 'valibot'
import { fromBase64Url, toBase64Url } from '#protocol/base64url.ts'
import { encodeFrame } from '#protocol/frames.ts'
import { parseJson } from '#protocol/parse.ts'
import type { Lane, LaneEvents } from './lane.ts'

/** The first frame of each side of a lane. */
const Confirm = v.object({ t: v.literal('confirm'), mac: v.pipe(v.string(), v.maxLength(64)) })
const CONFIRM_CHARS_MAX = 256
/** What is said to who confirms wrongly: it does not come back by itself. */
const GOODBYE = encodeFrame({ t: 'close', code: 'tampered' })
/** Milliseconds for the other side to confirm. */
const LIMIT_MS = 5000

export interface LaneHandshakeOptions {
  /** What this side says. */
  readonly own: Uint8Array
  /** Whether the other side has said the right thing. */
  readonly isRight: (mac: Uint8Array) => boolean
  /** Once, instead of `onRefused`: the lane is the session's now. */
  readonly onConfirmed: (lane: Lane) => void
  /** Once: what came is not right, or nothing came in time. The lane is closed. */
  readonly onRefused: (code: 'tampered' | 'timeout') => void
  readonly limitMs?: number
}

/**
 * Holds a lane shut until both ends have shown the session key for exactly this connection: nothing is parsed before,
 * nothing is sent but our own word, and why the lane is shut.
 */
export function confirmLane(lane: Lane, options: LaneHandshakeOptions): void {
  new LaneHandshake(lane, options).start()
}

class LaneHandshake {
  readonly #lane: Lane
  readonly #options: LaneHandshakeOptions
  readonly #timer: ReturnType<typeof setTimeout>
  /** Of the session behind, once the gate is open. */
  #inner: LaneEvents | null = null
  #over = false

  constructor(lane: Lane, options: LaneHandshakeOptions) {
    this.#lane = lane
    this.#options = options
    this.#timer = setTimeout(() => {
      this.#refuse('timeout')
    }, options.limitMs ?? LIMIT_MS)
  }

  start(): void {
    this.#lane.listen({
      onFrame: (data) => {
        if (this.#inner === null) this.#first(data)
        else this.#inner.onFrame(data)
      },
      onClose: () => {
        this.#end()
        this.#inner?.onClose()
      },
    })
    this.#lane.send(JSON.stringify({ t: 'confirm', mac: toBase64Url(this.#options.own) }))
  }

  #first(data: string | Uint8Array): void {
    if (this.#over) return
    const mac = macOf(data)
    if (mac === null || !this.#options.isRight(mac)) {
      // It has ended it for the same reason, which is not answered.
      if (data !== GOODBYE) this.#lane.send(GOODBYE)
      this.#refuse('tampered')
      return
    }
    this.#end()
    this.#options.onConfirmed(this.#opened())
  }

  #refuse(code: 'tampered' | 'timeout'): void {
    if (this.#over) return
    this.#end()
    this.#lane.close()
    this.#options.onRefused(code)
  }

  #end(): void {
    this.#over = true
    clearTimeout(this.#timer)
  }

  /** The lane as the session has it. */
  #opened(): Lane {
    const lane = this.#lane
    return {
      kind: lane.kind,
      maxMessage: lane.maxMessage,
      send: (data) => {
        lane.send(data)
      },
      ready: () => lane.ready(),
      close: () => {
        lane.close()
      },
      listen: (events) => {
        this.#inner = events
      },
    }
  }
}

function macOf(data: string | Uint8Array): Uint8Array | null {
  try {
    return typeof data === 'string' ? fromBase64Url(parseJson(Confirm, data, CONFIRM_CHARS_MAX).mac) : null
  } catch {
    return null
  }
}
