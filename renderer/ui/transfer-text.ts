import type { Paused, TransferView } from '#transfer/view.ts'
import { m } from '#messages'
import type { Words } from '#messages/words.ts'
import type { Locale } from '#messages/runtime'
import { formatBytes, formatDuration, formatSpeed } from './format.ts'

const DAY = 24 * 60 * 60

/** Why nothing moves, and when it will. */
const PAUSED = {
  here: m.paused_here,
  there: m.paused_there,
  away: m.paused_away,
  'disk-full': m.paused_disk_full,
  'disk-error': m.paused_disk_error,
} satisfies Record<Paused, Words>

export interface PaceView {
  readonly speed: number | null
  readonly secondsLeft: number | null
}

function moving(transfer: TransferView, pace: PaceView, locale: Locale): string[] {
  const total = formatBytes(transfer.total, locale)
  const done = m.transfer_progress({ done: formatBytes(transfer.bytes, locale), total })
  switch (transfer.phase) {
    case 'queued':
      return [m.transfer_queued(), total]
    case 'waiting':
      return [m.transfer_waiting(), transfer.bytes > 0 ? done : total]
    case 'checking':
      return [m.transfer_checking(), total]
    case 'paused':
      return [PAUSED[transfer.paused ?? 'away'](), done]
    case 'sending': {
      const parts: string[] = [done]
      if (pace.speed !== null) parts.push(formatSpeed(pace.speed, locale))
      // More than a day is a guess that helps nobody.
      if (pace.secondsLeft !== null && pace.secondsLeft < DAY)
        parts.push(m.transfer_left({ time: formatDuration(pace.secondsLeft, locale) }))
      return parts
    }
  }
}

/** The quiet line under a transfer's name, part by part. Why it failed is a sentence of its own elsewhere. */
export function transferParts(transfer: TransferView, pace: PaceView, outcome: string, locale: Locale): string[] {
  switch (transfer.state) {
    case 'moving':
      return moving(transfer, pace, locale)
    case 'done':
      return [outcome, formatBytes(transfer.total, locale)]
    case 'cancelled':
      return [transfer.reason === 'not-allowed' ? m.transfer_refused() : m.transfer_cancelled()]
    case 'failed':
      return []
  }
}

/** What the person who sent a file may believe: only our own lanes compare a sum at the other end. */
export function sentWords(transfer: TransferView): string {
  return transfer.lane === 'legacy' ? m.transfer_sent() : m.transfer_delivered()
}
