import { isRunning, SHOWN_SINGLY_MAX, type BatchView, type TransferView } from '#transfer/transfer-view.ts'

/** A file or a batch, as far as it matters whether it moves. */
type Thing = Pick<TransferView, 'id' | 'direction' | 'state' | 'phase' | 'bytes' | 'total'>

/**
 * What has been going on since nothing moved: everything in it counts until all of it has ended, so that a bar does not jump
 * back with each file that is done.
 */
export interface Activity {
  /** By id, bytes that arrived and bytes in all. */
  readonly things: ReadonlyMap<string, { readonly bytes: number; readonly total: number }>
  /** Ids of what is on the list and has ended. */
  readonly over: ReadonlySet<string>
  /** Bytes are on their way, or are checked; what is paused or waits for somebody is not. */
  readonly isMoving: boolean
  /** All that has not ended is held up by somebody or something. */
  readonly isPaused: boolean
  /** Something has failed since a person looked. */
  readonly hasFailed: boolean
  /** Files and batches that came in since a person looked. */
  readonly unseen: number
}

export const NOTHING: Activity = {
  things: new Map(),
  over: new Set(),
  isMoving: false,
  isPaused: false,
  hasFailed: false,
  unseen: 0,
}

/** What is on the list of transfers. A batch that is listed stands for its files. */
export interface Listed {
  readonly transfers: readonly (TransferView & { readonly batch?: string })[]
  readonly batches: readonly BatchView[]
}

/** Returns what is going on, after `before`. `isSeen`: a person has the window before them. */
export function activityOf(before: Activity, { transfers, batches }: Listed, isSeen: boolean): Activity {
  const inBatches = new Set(batches.map(({ id }) => id))
  const all: readonly Thing[] = [...batches, ...transfers.filter(({ batch = '' }) => !inBatches.has(batch))]
  const left = all.filter(({ state }) => state === 'moving')
  // Files of a large batch have no rows once they have ended; the receipt of a small one tells of files that have rows.
  const over = [...transfers, ...batches.filter(({ files }) => files > SHOWN_SINGLY_MAX)].filter(
    ({ state }) => state !== 'moving',
  )
  const fresh = over.filter(({ id }) => !before.over.has(id))
  return {
    things: left.length === 0 ? new Map() : together(before.things, left, all),
    over: new Set(over.map(({ id }) => id)),
    isMoving: transfers.some((one) => isRunning(one) || (one.state === 'moving' && one.phase === 'checking')),
    isPaused: left.length > 0 && left.every(({ phase }) => phase === 'paused'),
    hasFailed: !isSeen && (before.hasFailed || fresh.some(({ state }) => state === 'failed')),
    unseen: isSeen
      ? 0
      : before.unseen + fresh.filter(({ direction, state }) => direction === 'in' && state === 'done').length,
  }
}

/** Returns what is left, and what ended meanwhile as all of it; what did not arrive does not count any more. */
function together(before: Activity['things'], left: readonly Thing[], all: readonly Thing[]): Activity['things'] {
  const things = new Map(left.map(({ id, bytes, total }) => [id, { bytes, total }]))
  const failed = new Set(all.filter(({ state }) => state === 'failed' || state === 'cancelled').map(({ id }) => id))
  for (const [id, { total }] of before) if (!things.has(id) && !failed.has(id)) things.set(id, { bytes: total, total })
  return things
}

/** The bar of a taskbar or dock; `value` from 0 to 1. */
export interface ActivityBar {
  readonly value: number
  readonly mode: 'normal' | 'paused' | 'error'
}

/** Returns the bar that says it; null for none. */
export function barOf({ things, isPaused, hasFailed }: Activity): ActivityBar | null {
  if (things.size === 0) return hasFailed ? { value: 1, mode: 'error' } : null
  let [bytes, total] = [0, 0]
  for (const thing of things.values()) {
    bytes += thing.bytes
    total += thing.total
  }
  return { value: total === 0 ? 0 : Math.min(1, bytes / total), mode: isPaused ? 'paused' : 'normal' }
}
