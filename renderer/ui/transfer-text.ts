import type { BatchView, Paused, TransferView } from '#transfer/transfer-view.ts'
import { m } from '#messages'
import type { Locale } from '#messages/runtime'
import { formatBytes, formatDuration, formatNumber, formatSpeed } from './format.ts'

const DAY = 24 * 60 * 60

export interface PaceView {
  readonly speed: number | null
  readonly secondsLeft: number | null
}

/** What the text needs beside the transfer. */
export interface Around {
  readonly pace: PaceView
  /** What the other side is called. */
  readonly other: string
  /** Where it is, once it has arrived. */
  readonly place?: string | undefined
}

interface Held extends Pick<TransferView, 'direction'> {
  readonly paused?: Paused
  readonly needBytes?: number
}

/** Why nothing moves, and when it will. The disk is the receiver's, on whichever side that is. */
export function pausedParts({ direction, paused, needBytes }: Held, name: string, locale: Locale): string[] {
  switch (paused) {
    case 'here':
      return [m.paused_here()]
    case 'there':
      return [m.paused_there({ name })]
    case 'anew':
      return [m.unfinished_here({ name })]
    case 'disk-full': {
      const full = direction === 'in' ? m.paused_disk_full() : m.paused_disk_full_there({ name })
      return [full, needBytes ? m.paused_needs({ size: formatBytes(needBytes, locale) }) : m.paused_room()]
    }
    case 'disk-error':
      return [direction === 'in' ? m.paused_disk_error() : m.paused_disk_error_there({ name })]
    default:
      return [m.paused_away({ name })]
  }
}

/** How fast, and how long still, as far as that is known. */
export function paceParts({ speed, secondsLeft }: PaceView, locale: Locale): string[] {
  const parts: string[] = []
  if (speed !== null) parts.push(formatSpeed(speed, locale))
  // More than a day is a guess that helps nobody.
  if (secondsLeft !== null && secondsLeft < DAY)
    parts.push(m.transfer_left({ time: formatDuration(secondsLeft, locale) }))
  return parts
}

function moving(transfer: TransferView, { pace, other }: Around, locale: Locale): string[] {
  const { phase, bytes, lane } = transfer
  const total = formatBytes(transfer.total, locale)
  const done = m.transfer_progress({ done: formatBytes(bytes, locale), total })
  const far = bytes > 0 ? done : total
  if (phase === 'paused') return [...pausedParts(transfer, other, locale), far]
  if (phase === 'queued') return [m.transfer_queued(), far]
  if (phase === 'checking') return [m.transfer_checking(), total]
  if (lane === 'http' && bytes === 0) return transfer.at === undefined ? [m.transfer_waiting_tap(), total] : [total]
  return phase === 'waiting' ? [m.transfer_waiting(), far] : [done, ...paceParts(pace, locale)]
}

/** The quiet line under a transfer's name, part by part. Why it failed is a sentence of its own elsewhere. */
export function transferParts(transfer: TransferView, around: Around, locale: Locale): string[] {
  const again = transfer.startedOver ? [m.transfer_started_over()] : []
  const { skipped = 0 } = transfer
  const left = skipped > 0 ? [m.batch_skipped({ count: formatNumber(skipped, locale) })] : []
  switch (transfer.state) {
    case 'moving':
      return [...moving(transfer, around, locale), ...again, ...left]
    case 'done': {
      const place = transfer.direction === 'in' ? around.place : undefined
      return [doneWords(transfer), ...(place ? [place] : []), formatBytes(transfer.total, locale), ...left, ...again]
    }
    case 'cancelled':
      return [transfer.reason === 'not-allowed' ? m.transfer_refused() : m.transfer_cancelled()]
    case 'failed':
      return []
  }
}

/** What a person may believe of a file that is done. Apps of 2018 compare nothing, and so nothing is said of it. */
export function doneWords({ direction, proof }: Pick<TransferView, 'direction' | 'proof'>): string {
  if (proof === 'browser') return m.transfer_browser()
  if (proof === 'complete') return m.transfer_complete()
  if (direction === 'in') return proof === 'verified' ? m.transfer_arrived() : m.transfer_came()
  return proof === 'verified' ? m.transfer_delivered() : m.transfer_sent()
}

const share = ({ files, done }: BatchView, locale: Locale): string =>
  m.batch_files({ count: files, done: formatNumber(done, locale), files: formatNumber(files, locale) })

/** A batch that has ended, in one line: what of it is there, and whether it is what was sent. */
export function receipt(batch: BatchView, locale: Locale): string {
  const { state, files, done, failed, verified, total } = batch
  const these = share(batch, locale)
  if (state === 'cancelled') return m.batch_cancelled({ files: these })
  if (failed > 0 || done < files) return m.batch_failed({ files: these, failed: formatNumber(files - done, locale) })
  const size = formatBytes(total, locale)
  if (verified >= done) return m.batch_verified({ files: these, size })
  if (verified === 0) return m.batch_unchecked({ files: these, size })
  return m.batch_complete({ files: these, size, verified: formatNumber(verified, locale) })
}

/** The quiet line under a batch's name, part by part. `name`: what the other side is called. */
export function batchParts(batch: BatchView, pace: PaceView, name: string, locale: Locale): string[] {
  const { state, phase, bytes, total, already, skipped } = batch
  const there = already > 0 ? [m.batch_already({ count: formatNumber(already, locale) })] : []
  const left = skipped > 0 ? [m.batch_skipped({ count: formatNumber(skipped, locale) })] : []
  const without = [...there, ...left]
  if (state !== 'moving') return [receipt(batch, locale), ...without]
  const far = m.transfer_progress({ done: formatBytes(bytes, locale), total: formatBytes(total, locale) })
  const going = phase === 'paused' ? pausedParts(batch, name, locale) : paceParts(pace, locale)
  return [share(batch, locale), far, ...going, ...without]
}

/** A crowd of files has no name of its own. */
export const batchName = ({ name, files }: BatchView, locale: Locale): string =>
  name || m.batch_name({ count: files, files: formatNumber(files, locale) })
