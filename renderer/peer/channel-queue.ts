import { decodeFrames, encodeFrame } from '#protocol/frames.ts'
import { CHANNEL_MESSAGE_BYTES_MAX, FLIGHT_BYTES_MAX, GOT_EVERY_BYTES } from '#protocol/limits.ts'

/**
 * Bytes in a channel's queue below which it wants more, and above which it wants no more, where the other end does not tell
 * what has come. Chrome throws at about 16 MB; half of the upper mark is what a fast LAN takes in the time of a slow turn of
 * the event loop.
 */
const LOW_BYTES = 2_097_152
const HIGH_BYTES = 4_194_304

/**
 * The send side of a data channel: told when there is room instead of asking again and again, and with few bytes on their way
 * where the other end says how many have come. Left to itself SCTP has more and more of them, until a browser's own queues
 * lose what does not fit, and then it says nothing for a second or five (decision 0022).
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

  /** `onRoom` will be called for what is queued now. */
  get willTell(): boolean {
    return this.#isFull || this.#channel.bufferedAmount > LOW_BYTES
  }

  /** Bytes may have to wait, unless it `wantsMore`: their memory is its own then. Text does not wait for them. */
  push(data: string | Uint8Array): void {
    const waits = typeof data !== 'string' && this.#isFull && this.#channel.readyState === 'open'
    if (waits) this.#held.push(data)
    else this.#send(data)
  }

  /** What came over the channel, of an end that speaks version 2. */
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
