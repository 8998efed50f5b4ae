import { SHOWN_SINGLY_MAX, type BatchView, type TransferView } from '#transfer/transfer-view.ts'

/** A row of the list: a file, or a batch with those of its files that mean something to a person. */
export interface Row<T, B> {
  readonly id: string
  readonly transfer?: T
  readonly batch?: B
  readonly files: readonly T[]
}

const isFolded = ({ files }: BatchView): boolean => files > SHOWN_SINGLY_MAX

/** Its files move under eyes, or went wrong; the others are a number. */
const isTold = ({ state, phase }: TransferView): boolean =>
  state === 'failed' || (state === 'moving' && phase !== 'queued')

/** A small one says nothing beside its files until its receipt. */
const isShown = (batch: BatchView): boolean =>
  isFolded(batch) || ((batch.files > 1 || batch.skipped > 0) && batch.state !== 'moving')

/**
 * The list as it is shown. A batch stands where the newest of its files would; one of which no file is known is on top
 * while it moves, else it is the oldest there is.
 */
export function rowsOf<T extends TransferView, B extends BatchView>(
  transfers: readonly T[],
  batches: readonly B[],
): Row<T, B>[] {
  const waiting = new Map(batches.filter(isShown).map((batch) => [batch.id, batch]))
  const folded = new Map<string, T[]>(batches.filter(isFolded).map(({ id }) => [id, []]))
  const rowOf = (batch: B): Row<T, B> => ({ id: batch.id, batch, files: folded.get(batch.id) ?? [] })
  const rows: Row<T, B>[] = []
  for (const transfer of transfers) {
    const { id, batch: of = '' } = transfer
    const batch = waiting.get(of)
    if (batch !== undefined) rows.push(rowOf(batch))
    waiting.delete(of)
    const inside = folded.get(of)
    if (inside === undefined) rows.push({ id, transfer, files: [] })
    else if (isTold(transfer)) inside.push(transfer)
  }
  const left = [...waiting.values()]
  const moves = ({ state }: B): boolean => state === 'moving'
  return [...left.filter(moves).map(rowOf), ...rows, ...left.filter((batch) => !moves(batch)).map(rowOf)]
}

/** Files that are told of one by one: not those that are in a batch's row. */
export function aloneOf<T extends TransferView>(transfers: readonly T[], batches: readonly BatchView[]): readonly T[] {
  const folded = new Set(batches.filter(isFolded).map(({ id }) => id))
  return folded.size === 0 ? transfers : transfers.filter(({ batch }) => batch === undefined || !folded.has(batch))
}
