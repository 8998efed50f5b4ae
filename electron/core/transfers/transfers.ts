import type { ListedTransfer } from '#electron/window-api.ts'
import type { Source } from '#transfer/source.ts'
import type { TransferView } from '#transfer/transfer-view.ts'

/** What is known of files that wait for a person's answer. */
interface Questions {
  has(id: string): boolean
  thumb(id: string): string | undefined
}
const NONE: Questions = { has: () => false, thumb: () => undefined }

export interface TransferRow {
  /** Unique over all devices; the peer chose only part of it. */
  readonly id: string
  readonly deviceId: string
  readonly deviceName: string
  readonly view: TransferView
  /** What was sent, so that it can be sent again. */
  readonly source?: Source
}

interface Kept {
  readonly row: TransferRow
  /** Rows are shown in the order in which they came; a Map's own order is no help in picking some of them. */
  readonly at: number
}

/** Finished rows kept on the list. History that survives is another matter. */
const FINISHED_MAX = 500
/** Rows shown of those whose turn has not come: the next ones. */
const QUEUED_SHOWN_MAX = 200

/** `queued` may be a hundred thousand rows, `active` are as many as sessions let be under way, `finished` are bounded. */
type Group = 'queued' | 'active' | 'finished'

function groupOf({ state, phase }: TransferView): Group {
  if (state !== 'moving') return 'finished'
  return ['waiting', 'sending', 'checking'].includes(phase) ? 'active' : 'queued'
}

/**
 * All transfers of this run, newest first on screen. Nothing here looks at all rows: an event costs the same with a
 * hundred thousand of them as with one, and a screen gets those that mean something to a person.
 */
export class Transfers {
  readonly #rows = new Map<string, Kept>()
  /** Ids by what their rows do, each group in the order of entering it. */
  readonly #groups = { queued: new Set<string>(), active: new Set<string>(), finished: new Set<string>() }
  #came = 0

  /** A transfer as it is now. Returns the row before, if there was one. */
  put(row: Omit<TransferRow, 'source'>): TransferRow | undefined {
    const before = this.#rows.get(row.id)
    const source = before?.row.source
    this.#rows.set(row.id, { row: source ? { ...row, source } : row, at: before?.at ?? this.#came++ })
    this.#regroup(row.id, before && groupOf(before.row.view), groupOf(row.view))
    this.#prune()
    return before?.row
  }

  attachSource(id: string, source: Source): void {
    const kept = this.#rows.get(id)
    if (kept !== undefined) this.#rows.set(id, { ...kept, row: { ...kept.row, source } })
  }

  get(id: string): TransferRow | undefined {
    return this.#rows.get(id)?.row
  }

  remove(id: string): void {
    const kept = this.#rows.get(id)
    if (kept === undefined) return
    this.#groups[groupOf(kept.row.view)].delete(id)
    this.#rows.delete(id)
  }

  clearFinished(): void {
    for (const id of this.#groups.finished) this.remove(id)
  }

  views(questions = NONE): ListedTransfer[] {
    const { active, finished } = this.#groups
    const shown = [...active, ...finished, ...this.#nextQueued()].flatMap((id) => this.#rows.get(id) ?? [])
    return shown.sort((a, b) => b.at - a.at).map(({ row }) => toDesk(row, questions))
  }

  #nextQueued(): string[] {
    const next: string[] = []
    for (const id of this.#groups.queued) {
      if (next.length === QUEUED_SHOWN_MAX) break
      next.push(id)
    }
    return next
  }

  #regroup(id: string, from: Group | undefined, to: Group): void {
    if (from === to) return
    if (from !== undefined) this.#groups[from].delete(id)
    this.#groups[to].add(id)
  }

  /** Those that ended first go first. */
  #prune(): void {
    for (const id of this.#groups.finished) {
      if (this.#groups.finished.size <= FINISHED_MAX) return
      this.remove(id)
    }
  }
}

function toDesk(row: TransferRow, questions: Questions): ListedTransfer {
  const { path, ...view } = row.view
  const thumb = questions.thumb(row.id)
  return {
    ...view,
    id: row.id,
    ...(view.batch !== undefined && { batch: `${row.deviceId}-${view.batch}` }),
    deviceId: row.deviceId,
    deviceName: row.deviceName,
    canShow: view.direction === 'in' && path !== undefined,
    canRetry: row.source !== undefined && (view.state === 'failed' || view.state === 'cancelled'),
    asks: questions.has(row.id),
    ...(thumb !== undefined && { thumb }),
  }
}
