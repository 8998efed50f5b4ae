import type { BatchView, TransferView } from '#transfer/transfer-view.ts'
import { m } from '#messages'
import { getLocale } from '#messages/runtime'
import { transferWords } from '#messages/words.ts'
import { formatNumber } from './format.ts'
import { aloneOf } from './rows.ts'
import { batchName, doneWords, receipt } from './transfer-text.ts'

/** More than these at once are told as a number: nobody listens to 200 file names. */
const TOLD_ONE_BY_ONE = 3

/** All that a list shows. */
export interface Listed {
  readonly transfers: readonly TransferView[]
  readonly batches: readonly BatchView[]
}

/** Those whose state is another than before. */
function turned<T extends TransferView | BatchView>(before: readonly T[], now: readonly T[]): readonly T[] {
  const states = new Map(before.map(({ id, state }) => [id, state]))
  return now.filter(({ id, state }) => states.get(id) !== state)
}

function ending(transfer: TransferView): string {
  const { name: file, state, reason } = transfer
  if (state === 'failed') return m.news_failed({ file, why: transferWords(reason) })
  const { skipped = 0 } = transfer
  const without = skipped > 0 ? `, ${m.batch_skipped({ count: formatNumber(skipped, getLocale()) })}` : ''
  return m.news_done({ file, what: doneWords(transfer) + without })
}

function batchNews(batch: BatchView): string {
  const file = batchName(batch, getLocale())
  return batch.state === 'moving'
    ? m.news_incoming({ file })
    : m.news_done({ file, what: receipt(batch, getLocale()).replace(/\.$/u, '') })
}

/** What to tell a person who does not see the list, when it goes from `before` to `now`. */
export function transferNews(before: Listed, now: Listed): string[] {
  const changed = turned(before.transfers, aloneOf(now.transfers, now.batches))
  const failed = changed.filter(({ state }) => state === 'failed')
  const done = changed.filter(({ state }) => state === 'done')
  const begun = changed.filter(({ state, direction }) => state === 'moving' && direction === 'in')
  const batches = turned(before.batches, now.batches).filter(
    ({ state, direction, files }) => files > 1 && (state !== 'moving' || direction === 'in'),
  )
  return [
    ...failed.slice(0, TOLD_ONE_BY_ONE).map(ending),
    ...(done.length > TOLD_ONE_BY_ONE ? [m.news_many({ count: done.length })] : done.map(ending)),
    ...batches.map(batchNews),
    ...begun.slice(0, 1).map(({ name }) => m.news_incoming({ file: name })),
  ]
}
