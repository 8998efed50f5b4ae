import type { MeasureFrame } from '#protocol/frames.ts'
import type { Filler } from '#protocol/measure.ts'
import type { Lane } from '#transfer/lane.ts'

/** What one side of a session does about how fast its lanes are: the desktop asks (link-test.ts), the phone answers. */
export interface Measuring {
  /** Takes a frame. Throws ProtocolError for one that this side does not expect. */
  receive(frame: MeasureFrame, lane: Lane): void
  /** Takes note of so many bytes of filler, header included. Throws ProtocolError for more than there may be. */
  take(filler: Filler, bytes: number, lane: Lane): void
  /** Stops at once: there is something to send, or something comes. */
  giveWay(): void
  /** The lane is gone. */
  lost(lane: Lane): void
}

/** Says a frame on a lane. */
export type SayOn = (lane: Lane, frame: MeasureFrame) => void
