import { decodeFrames, encodeFrame } from '#protocol/frames.ts'
import { CHANNEL_MESSAGE_BYTES_MAX, FLIGHT_BYTES_MAX, GOT_EVERY_BYTES } from '#protocol/limits.ts'
import { type Lane, LaneBase, type LaneEvents } from '#transfer/lane.ts'

/**
 * Bytes in a channel's queue below which it wants more, and above which it wants no more, where the other end does not tell
 * what has come. Chrome throws at about 16 MB; half of the upper mark is what a fast LAN takes in the time of a slow turn of
 * the event loop.
 */
const LOW_BYTES = 2_097_152
const HIGH_BYTES = 4_194_304

/**
 * Queues what is sent over a data channel: tells when there is room instead of being asked again and again, and caps the
 * in-flight bytes where the other end says how many have come. Left to itself SCTP has more and more of them in flight, until
 * a browser's own queues lose what does not fit, and the channel falls silent for a second or five (decision 0022).
 */
export class ChannelQueue {
  readonly #channel: RTCDataChannel
  readonly #onRoom: () => void
  /** Binary messages that wait until more have come. */
  readonly #held: Uint8Array[] = []
  /** The other end tells. */
  #isTold = false
  /** Bytes of binary messages: sent, come at the other end, come here, said to have come here. */
  #sent = 0
  #took = 0
  #came = 0
  #said = 0

  constructor(channel: RTCDataChannel, onRoom: () => void) {
    this.#channel = channel
    this.#onRoom = onRoom
    channel.bufferedAmountLowThreshold = LOW_BYTES
    channel.addEventListener('bufferedamountlow', onRoom)
  }

  get wantsMore(): boolean {
    return !this.#isFull && this.#channel.bufferedAmount < HIGH_BYTES
  }

  /** Returns whether `onRoom` will be called for what is queued now. */
  get willTell(): boolean {
    return this.#isFull || this.#channel.bufferedAmount > LOW_BYTES
  }

  /** Sends now, or queues bytes unless `wantsMore`: their memory is the queue's own then. Text does not wait for bytes. */
  push(data: string | Uint8Array): void {
    const waits = typeof data !== 'string' && this.#isFull && this.#channel.readyState === 'open'
    if (waits) this.#held.push(data)
    else this.#send(data)
  }

  /** Takes note of what came over the channel, from an end that speaks version 2. */
  hear(data: string | Uint8Array): void {
    if (typeof data !== 'string') this.#count(data.length)
    else if (data.includes('"got"')) this.#read(data)
  }

  get #isFull(): boolean {
    return this.#held.length > 0 || this.#isNearlyFull
  }

  get #isNearlyFull(): boolean {
    return this.#isTold && this.#sent - this.#took + CHANNEL_MESSAGE_BYTES_MAX > FLIGHT_BYTES_MAX
  }

  #count(bytes: number): void {
    this.#came += bytes
    if (this.#came - this.#said < GOT_EVERY_BYTES) return
    this.#said = this.#came
    this.#send(encodeFrame({ t: 'ping', got: this.#came }))
  }

  #read(text: string): void {
    try {
      for (const frame of decodeFrames(text)) {
        if (frame.t === 'hello') this.#isTold = frame.got === true
        else if (frame.t === 'ping') this.#took = Math.max(this.#took, Math.min(frame.got ?? 0, this.#sent))
      }
    } catch {
      // It goes on to who reads all frames, and says so.
      return
    }
    while (!this.#isNearlyFull) {
      const data = this.#held.shift()
      if (data === undefined) break
      this.#send(data)
    }
    if (this.wantsMore) this.#onRoom()
  }

  #send(data: string | Uint8Array): void {
    if (this.#channel.readyState !== 'open') return
    try {
      if (typeof data === 'string') this.#channel.send(data)
      else {
        this.#sent += data.length
        this.#channel.send(data as Uint8Array<ArrayBuffer>)
      }
    } catch {
      // Its queue is over the browser's limit, or it is closing: either way nothing sent later would arrive in order.
      this.#channel.close()
    }
  }
}

/** Milliseconds in which what was sent last may still leave. */
const LEAVE_MS = 1_000

/** Makes a lane of a data channel, for a session that runs in this page. */
export class ChannelLane implements Lane {
  readonly kind = 'webrtc'
  readonly maxMessage: number
  readonly #channel: RTCDataChannel
  readonly #queue: ChannelQueue
  readonly #inside = new LaneBase()
  readonly #leave: () => void

  /** `leave` ends the connection: a channel that is closed waits for the other end, which may have fallen silent. */
  constructor(channel: RTCDataChannel, maxMessage: number, leave: () => void) {
    this.#channel = channel
    this.#leave = leave
    this.maxMessage = Math.min(maxMessage, CHANNEL_MESSAGE_BYTES_MAX)
    this.#queue = new ChannelQueue(channel, () => {
      this.#inside.wake()
    })
    channel.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const frame = typeof data === 'string' ? data : new Uint8Array(data)
      this.#queue.hear(frame)
      this.#inside.deliver(frame)
    })
    channel.addEventListener('close', () => {
      this.#inside.end()
    })
  }

  send(data: string | Uint8Array): void {
    // The memory is used again.
    this.#queue.push(typeof data === 'string' || this.#queue.wantsMore ? data : data.slice())
  }

  ready(): Promise<void> {
    return this.#inside.ready(this.#queue.wantsMore || this.#channel.readyState !== 'open')
  }

  listen(events: LaneEvents): void {
    this.#inside.listen(events)
  }

  close(): void {
    this.#channel.close()
    this.#inside.end()
    setTimeout(this.#leave, LEAVE_MS)
  }
}
