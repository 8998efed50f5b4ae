import { MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import type { Lane, LaneEvents } from '#transfer/lane.ts'
import { ChannelQueue } from './channel-queue.ts'

/** A data channel as a lane, for a session that runs in this page. */
export class ChannelLane implements Lane {
  readonly kind = 'webrtc'
  readonly maxMessage: number
  readonly #channel: RTCDataChannel
  readonly #queue: ChannelQueue
  #waiting: (() => void)[] = []

  constructor(channel: RTCDataChannel, maxMessage: number) {
    this.#channel = channel
    this.maxMessage = Math.min(maxMessage, MESSAGE_BYTES_MAX)
    this.#queue = new ChannelQueue(channel, () => {
      this.#wake()
    })
    channel.addEventListener('close', () => {
      this.#wake()
    })
  }

  send(data: string | Uint8Array): void {
    this.#queue.push(data)
  }

  ready(): Promise<void> {
    if (this.#queue.wantsMore || this.#channel.readyState !== 'open') return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  listen(events: LaneEvents): void {
    this.#channel.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      events.onFrame(typeof data === 'string' ? data : new Uint8Array(data))
    })
    this.#channel.addEventListener('close', () => {
      events.onClose()
    })
  }

  close(): void {
    this.#channel.close()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
