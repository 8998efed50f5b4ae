import { relative, sep } from 'node:path'
import type { Found, HistoryQuery, HistoryView } from '#electron/window-api.ts'
import { m } from '#messages'
import type { HistoryEntry, HistoryTable } from '#store/database/store.ts'
import type { BatchView, TransferView } from '#transfer/transfer-view.ts'
import type { Source } from '#transfer/source.ts'
import type { Device } from '#core/devices/device.ts'
import type { TextsWritten } from './text-export.ts'

/** Characters of a text that a row shows. */
const SHOWN_CHARS = 300

export interface HistoryOptions {
  readonly table: HistoryTable
  /** The folder of an inbox that a path is in; null where it is in none. */
  readonly rootOf: (path: string) => string | null
  /** The batch is one of files that somebody here asked for. */
  readonly isExport: (batch: string | undefined) => boolean
  readonly onChange: () => void
}

type Who = Pick<Device, 'id' | 'name'>
type Entry = Omit<HistoryEntry, 'key'>

/** What was sent and what came, as it ended. It outlives the run; the list of transfers does not. */
export class History {
  /** Counts up with every change. */
  version = 0
  /** There is something in it. */
  any: boolean
  readonly #options: HistoryOptions
  /** When transfers began, by their row, on a clock that nobody sets. */
  readonly #began = new Map<string, number>()

  constructor(options: HistoryOptions) {
    this.#options = options
    this.any = options.table.find({ offset: 0, limit: 1 }).total > 0
  }

  /** A transfer moves. */
  moves(row: string): void {
    if (!this.#began.has(row)) this.#began.set(row, performance.now())
  }

  /** It has ended; one that is not worth a row of its own is only forgotten. */
  ended(
    row: string,
    who: Who,
    view: TransferView,
    { single, source }: { single: boolean; source?: Source | undefined },
  ): void {
    const began = this.#began.get(row)
    this.#began.delete(row)
    if (!single || view.state === 'moving') return
    const { direction, name, total, lane, state, reason, sha256 } = view
    const path = direction === 'in' ? view.path : source?.file
    this.#add({
      ...whoIs(who),
      ...{ direction, name, size: total, lane, result: state, path, reason, sha256 },
      what: direction === 'in' && this.#options.isExport(view.batch) ? 'export' : 'file',
      ...(began !== undefined && { ms: Math.round(performance.now() - began) }),
    })
  }

  /** A batch of very many files has ended, with this one. */
  batchEnded(who: Who, { id, direction, name, files, total, state }: BatchView, last: TransferView): void {
    if (state === 'moving') return
    this.#add({
      ...whoIs(who),
      ...{ direction, size: total, lane: last.lane, result: state },
      name: name || m.batch_name({ files, count: files }),
      what: direction === 'in' && this.#options.isExport(id) ? 'export' : 'file',
      path: last.path && this.#folderOf(last.path),
    })
  }

  text(who: Who, direction: 'in' | 'out', text: string): void {
    const [line = ''] = text.trim().split('\n')
    const name = line.slice(0, SHOWN_CHARS)
    this.#add({ ...whoIs(who), direction, what: 'text', name, size: Buffer.byteLength(text), result: 'done', text })
  }

  /** Records that are text were written here. */
  written({ name, bytes, path }: TextsWritten): void {
    const nobody = { id: '', name: '' }
    const size = bytes
    this.#add({
      ...whoIs(nobody),
      direction: 'in',
      what: 'export',
      name,
      size,
      result: 'done',
      path: path ?? undefined,
    })
  }

  find(query: HistoryQuery): Found<HistoryView> {
    const { rows, total } = this.#options.table.find(query)
    return { rows: rows.map(viewOf), total }
  }

  one(key: number): HistoryEntry | undefined {
    return this.#options.table.one(key)
  }

  clear(): void {
    this.#options.table.clear()
    this.any = false
    this.#changed()
  }

  #add(entry: Omit<Entry, 'at'>): void {
    // What is not remembered is no reason to lose what has just arrived.
    try {
      this.#options.table.add({ ...entry, at: Date.now() })
    } catch {
      return
    }
    this.any = true
    this.#changed()
  }

  #changed(): void {
    this.version++
    this.#options.onChange()
  }

  /** The outermost folder below the inbox that a file lies in; the file itself where there is none. */
  #folderOf(path: string): string {
    const folder = this.#options.rootOf(path)
    if (folder === null) return path
    const [first = ''] = relative(folder, path).split(sep)
    return `${folder}${sep}${first}`
  }
}

const whoIs = ({ id, name }: Who) => ({ device: id, deviceName: name })

function viewOf(entry: HistoryEntry): HistoryView {
  const { key, at, device, deviceName, direction, what, name, size, lane, ms, result, reason, path, text } = entry
  return {
    ...{ key, at, deviceId: device, deviceName, direction, what, name, size, result },
    ...(lane !== undefined && { lane }),
    ...(ms !== undefined && { ms }),
    ...(reason !== undefined && { reason }),
    ...(text !== undefined && { text: text.slice(0, SHOWN_CHARS) }),
    canShow: path !== undefined,
    canAgain: direction === 'out' && (path !== undefined || text !== undefined),
  }
}
