import type { TransferView } from '#transfer/view.ts'
import { m } from '#messages'
import { transferWords } from '#messages/words.ts'

/** More than these at once are told as a number: nobody listens to 200 file names. */
const TOLD_ONE_BY_ONE = 3

function ending(transfer: TransferView): string {
  if (transfer.state === 'failed') return m.news_failed({ file: transfer.name, why: transferWords(transfer.reason) })
  return transfer.direction === 'in'
    ? m.news_arrived({ file: transfer.name })
    : m.news_delivered({ file: transfer.name })
}

/** What to tell a person who does not see the list, when it goes from `before` to `now`. */
export function transferNews(before: readonly TransferView[], now: readonly TransferView[]): string[] {
  const states = new Map(before.map(({ id, state }) => [id, state]))
  const changed = now.filter(({ id, state }) => states.get(id) !== state)
  const failed = changed.filter(({ state }) => state === 'failed')
  const done = changed.filter(({ state }) => state === 'done')
  const begun = changed.filter(({ state, direction }) => state === 'moving' && direction === 'in')
  return [
    ...failed.slice(0, TOLD_ONE_BY_ONE).map(ending),
    ...(done.length > TOLD_ONE_BY_ONE ? [m.news_many({ count: done.length })] : done.map(ending)),
    ...begun.slice(0, 1).map(({ name }) => m.news_incoming({ file: name })),
  ]
}
