import * as v from 'valibot'
import { fromBase64Url, toBase64Url } from '#protocol/base64url.ts'
import { encodeFrame } from '#protocol/frames.ts'
import { parseJson } from '#protocol/parse.ts'
import type { Lane } from './lane.ts'

/** The first frame of each side of a lane. */
const Confirm = v.object({ t: v.literal('confirm'), mac: v.pipe(v.string(), v.maxLength(64)) })
const CONFIRM_CHARS_MAX = 256
/** Sent to who confirms wrongly, so that it does not come back by itself. */
const GOODBYE = encodeFrame({ t: 'close', code: 'tampered' })
/** Milliseconds for the other side to confirm. */
const LIMIT_MS = 5000

export interface LaneHandshakeOptions {
  /** The MAC that this side sends. */
  readonly own: Uint8Array
  /** Whether the other side's MAC is right. */
  readonly isRight: (mac: Uint8Array) => boolean
  /** Called once, or `onRefused` is: the lane is the session's now. */
  readonly onConfirmed: (lane: Lane) => void
  /** Called once: what came is not right, or nothing came in time. The lane is closed. */
  readonly onRefused: (code: 'tampered' | 'timeout') => void
  readonly limitMs?: number
}

/**
 * Keeps a lane shut until both ends have shown the session key for exactly this connection: nothing is parsed before, and
 * nothing is sent but this side's `confirm`, and why the lane is shut. Whoever gets the lane then listens in its place.
 */
export function confirmLane(
  lane: Lane,
  { own, isRight, onConfirmed, onRefused, limitMs = LIMIT_MS }: LaneHandshakeOptions,
): void {
  let isOver = false
  const end = (): void => {
    isOver = true
    clearTimeout(timer)
  }
  const refuse = (code: 'tampered' | 'timeout'): void => {
    if (isOver) return
    end()
    lane.close()
    onRefused(code)
  }
  const timer = setTimeout(() => {
    refuse('timeout')
  }, limitMs)
  // Before anything is heard: what has come early may open the lane at once, and then `hello` must come second.
  lane.send(JSON.stringify({ t: 'confirm', mac: toBase64Url(own) }))
  lane.listen({
    onFrame: (data) => {
      if (isOver) return
      const mac = macOf(data)
      if (mac !== null && isRight(mac)) {
        end()
        onConfirmed(lane)
        return
      }
      // The other side has ended it for the same reason, which is not answered.
      if (data !== GOODBYE) lane.send(GOODBYE)
      refuse('tampered')
    },
    onClose: end,
  })
}

function macOf(data: string | Uint8Array): Uint8Array | null {
  try {
    return typeof data === 'string' ? fromBase64Url(parseJson(Confirm, data, CONFIRM_CHARS_MAX).mac) : null
  } catch {
    return null
  }
}
