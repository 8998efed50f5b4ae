import type { HistoryView } from '#electron/window-api.ts'
import { REASONS, type Reason } from '#protocol/errors.ts'
import { m } from '#messages'
import { getLocale } from '#messages/runtime'
import { transferWords } from '#messages/words.ts'
import { formatBytes, formatDuration } from '#ui/format.ts'
import { formatWhen, laneName } from '#desktop/devices/device-text.ts'

/** Below it a duration says nothing. */
const TOLD_FROM_MS = 1000

const isReason = (code: string | undefined): code is Reason => REASONS.some((reason) => reason === code)

/** What is told of a row under its name. */
export function historyLine(entry: HistoryView): string {
  const { direction, deviceName, deviceId, size, lane, ms, at, what, result, reason } = entry
  const name = deviceName || m.device_phone()
  const who =
    deviceId === '' ? m.history_export() : direction === 'in' ? m.transfer_from({ name }) : m.transfer_to({ name })
  const parts = [who, formatWhen(at)]
  if (what !== 'text') parts.push(formatBytes(size, getLocale()))
  if (result !== 'done') return [...parts, transferWords(isReason(reason) ? reason : undefined)].join(' · ')
  if (ms !== undefined && ms >= TOLD_FROM_MS)
    parts.push(m.history_took({ time: formatDuration(ms / 1000, getLocale()) }))
  if (lane !== undefined) parts.push(laneName(lane))
  return parts.filter(Boolean).join(' · ')
}
