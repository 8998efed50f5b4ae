import type { BatchView } from '#transfer/transfer-view.ts'
import { m } from '#messages'
import type { Locale } from '#messages/runtime'
import { formatBytes, formatNumber } from './format.ts'
import { paceParts, pausedParts, type PaceView } from './transfer-text.ts'

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
