import { CHANNEL_MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import { type Lane, LaneBase, type LaneEvents } from '#transfer/lane.ts'
import { ChannelQueue } from './channel-queue.ts'

/** Milliseconds in which what was sent last may still leave. */
const LEAVE_MS = 1_000

/** A data channel as a lane, for a session that runs in this page. */
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
