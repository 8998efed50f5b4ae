/**
 * Bytes in a channel's queue below which it wants more, and above which it wants no more. Chrome throws at
 * about 16 MB; half of the upper mark is what a fast LAN takes in the time of a slow turn of the event loop.
 */
const LOW_BYTES = 2_097_152
const HIGH_BYTES = 4_194_304

/** The send side of a data channel: told when there is room instead of asking again and again. */
export class ChannelQueue {
  readonly #channel: RTCDataChannel

  constructor(channel: RTCDataChannel, onRoom: () => void) {
    this.#channel = channel
    channel.bufferedAmountLowThreshold = LOW_BYTES
    channel.addEventListener('bufferedamountlow', onRoom)
  }

  get wantsMore(): boolean {
    return this.#channel.bufferedAmount < HIGH_BYTES
  }

  /** `onRoom` will be called for what is queued now. */
  get willTell(): boolean {
    return this.#channel.bufferedAmount > LOW_BYTES
  }

  push(data: string | Uint8Array): void {
    if (this.#channel.readyState !== 'open') return
    try {
      if (typeof data === 'string') this.#channel.send(data)
      else this.#channel.send(data as Uint8Array<ArrayBuffer>)
    } catch {
      // Its queue is over the browser's limit, or it is closing: either way nothing sent later would arrive in order.
      this.#channel.close()
    }
  }
}
