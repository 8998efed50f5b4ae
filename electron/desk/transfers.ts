import type { DeskTransfer } from '#electron/shell-api.ts'
import type { Source } from '#transfer/source.ts'
import type { TransferView } from '#transfer/view.ts'

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

/** Finished rows kept on the list. History that survives is another matter. */
const FINISHED_MAX = 500

/** All transfers of this run, newest first on screen. */
export class Transfers {
  readonly #rows = new Map<string, TransferRow>()

  /** A transfer as it is now. Returns the row before, if there was one. */
  put(row: Omit<TransferRow, 'source'>): TransferRow | undefined {
    const before = this.#rows.get(row.id)
    this.#rows.set(row.id, before?.source ? { ...row, source: before.source } : row)
    if (before === undefined) this.#prune()
    return before
  }

  attachSource(id: string, source: Source): void {
    const row = this.#rows.get(id)
    if (row !== undefined) this.#rows.set(id, { ...row, source })
  }

  get(id: string): TransferRow | undefined {
    return this.#rows.get(id)
  }

  remove(id: string): void {
    this.#rows.delete(id)
  }

  clearFinished(): void {
    for (const [id, row] of this.#rows) if (row.view.state !== 'moving') this.#rows.delete(id)
  }

  views(questions = NONE): DeskTransfer[] {
    return [...this.#rows.values()].reverse().map((row) => toDesk(row, questions))
  }

  #prune(): void {
    const finished = [...this.#rows.values()].filter((row) => row.view.state !== 'moving')
    for (const row of finished.slice(0, Math.max(0, finished.length - FINISHED_MAX))) this.#rows.delete(row.id)
  }
}

function toDesk(row: TransferRow, questions: Questions): DeskTransfer {
  const { path, ...view } = row.view
  const thumb = questions.thumb(row.id)
  return {
    ...view,
    id: row.id,
    deviceId: row.deviceId,
    deviceName: row.deviceName,
    canShow: view.direction === 'in' && path !== undefined,
    canRetry: row.source !== undefined && (view.state === 'failed' || view.state === 'cancelled'),
    asks: questions.has(row.id),
    ...(thumb !== undefined && { thumb }),
  }
}
