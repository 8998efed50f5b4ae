import type { Inboxes } from '#inbox/inboxes.ts'
import { join, relative, sep } from 'node:path'
import type { Batch } from '#protocol/frames.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { BatchTally } from '#transfer/batch-tally.ts'
import { saidOf, type LeftOut } from '#transfer/left-out.ts'
import type { Source } from '#transfer/source.ts'
import { isRunning, type TransferView } from '#transfer/transfer-view.ts'
import type { ListedBatch, ListedTransfer } from '#electron/app-state.ts'
import type { Device } from '#core/devices/device.ts'
import { refOf, type AppEvent } from '#core/app-events.ts'
import type { FilePrompts } from '#core/prompts.ts'
import { fromRowId, newId, rowId } from '#core/ids.ts'
import { isLocal, sourcesOf } from './local-source.ts'
import type { History } from '#core/records/history.ts'
import type { ResendQueue } from './resend-queue.ts'
import type { UnsentFile } from '#store/unsent.ts'

/**
 * Of a batch's file that is no larger (bytes) only the start and the end are told, and what holds it up: it has no
 * progress to speak of, and ten thousand of them would be 20,000 lines more.
 */
const BRIEF_BYTES_MAX = BLOCK_BYTES

/** Batches of which it is known where they lie: many times what is listed. */
const FOLDERS_MAX = 1_024

/** Milliseconds between two progress events of one transfer: four a second are enough for any reader. */
const PROGRESS_EVERY_MS = 250

export interface TransferListOptions {
  /** The folder of received files. */
  readonly inbox: Pick<Inboxes, 'rootOf'>
  readonly resendQueue: ResendQueue
  readonly filePrompts: FilePrompts
  readonly history: History
  readonly deviceOf: (id: string) => Device | undefined
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: (what: 'state' | 'progress') => void
}

/** All files that come and go: what is shown and told of them, and what a person wants of them. */
export class TransferList {
  readonly #options: TransferListOptions
  readonly #transfers = new TransferRows()
  readonly #batches = new Map<string, BatchTally>()
  /** Where batches that came lie. */
  readonly #folders = new Map<string, string>()
  readonly #toldAt = new Map<string, number>()

  constructor(options: TransferListOptions) {
    this.#options = options
  }

  transfers(): ListedTransfer[] {
    return this.#transfers.views(this.#options.filePrompts)
  }

  batches(): ListedBatch[] {
    return [...this.#batches].flatMap(([deviceId, { views }]) => {
      const deviceName = this.#options.deviceOf(deviceId)?.name ?? ''
      return views.map((view) => {
        const id = rowId(deviceId, view.id)
        return { ...view, id, deviceId, deviceName, canShow: this.#folders.has(id) }
      })
    })
  }

  /** Queues files for a device; false when nobody is there to take them. */
  send(deviceId: string, sources: readonly Source[]): boolean {
    const device = this.#options.deviceOf(deviceId)
    if (device === undefined) return false
    return sources.every((source) => this.#send(device, source))
  }

  /**
   * Queues files that belong together; each is looked for when there is room for it. `left`: what can't be sent beside them.
   * False when nobody is there to take them.
   */
  sendBatch(device: Device, batch: Omit<Batch, 't'>, files: readonly UnsentFile[], left?: LeftOut): boolean {
    const { session } = device
    if (session === null) return false
    this.#options.resendQueue.add(files)
    this.#batchesOf(device.id).add(batch, 'out', left)
    session.sendBatch({ ...batch, ...saidOf(left ?? {}) }, sourcesOf(files))
    this.#options.onChange('state')
    return true
  }

  /** Lists a batch that a device begins to send. */
  announced(device: Device, batch: Omit<Batch, 't'>): void {
    this.#batchesOf(device.id).add(batch, 'in', { skipped: 0, ...saidOf(batch) })
    this.#options.onChange('state')
  }

  cancel(id: string): void {
    const row = this.#transfers.get(id)
    if (row !== undefined) this.#options.deviceOf(row.deviceId)?.cancel(row.view.id)
    else this.#cancelBatch(id)
  }

  /** Pauses a transfer, or resumes it. */
  pause(id: string, on: boolean): void {
    const row = this.#transfers.get(id)
    if (row !== undefined) this.#options.deviceOf(row.deviceId)?.session?.pause(row.view.id, on)
  }

  /** Puts a file that waits before all others of its device. */
  first(id: string): void {
    const row = this.#transfers.get(id)
    if (row !== undefined) this.#options.deviceOf(row.deviceId)?.session?.first(row.view.id)
  }

  /** Sends again what failed or was cancelled: the file as it is now, which is why it may have failed. */
  async retry(id: string): Promise<void> {
    const row = this.#transfers.get(id)
    if (row?.source === undefined || row.view.state === 'moving' || row.view.state === 'done') return
    const { source } = row
    const fresh = await (source.again?.() ?? Promise.resolve(source)).catch(() => source)
    // A second click may have been quicker.
    if (this.#transfers.get(id) !== row) return
    if (this.send(row.deviceId, [fresh])) this.#transfers.remove(id)
    this.#options.onChange('state')
  }

  clearFinished(): void {
    this.#transfers.clearFinished()
    for (const batches of this.#batches.values()) batches.clearOver()
    const left = new Set(this.batches().map(({ id }) => id))
    for (const id of this.#folders.keys()) if (!left.has(id)) this.#folders.delete(id)
    this.#options.onChange('state')
  }

  /** Whether the transfer is on the list and not over. */
  moves(id: string): boolean {
    return this.#transfers.get(id)?.view.state === 'moving'
  }

  /** Tells whether bytes of any file are on their way just now. */
  get isMoving(): boolean {
    return this.#transfers.isAnyRunning
  }

  /** Returns where a received file lies, or a batch; null when there is none. */
  pathOf(transferId: string): string | null {
    const folder = this.#folders.get(transferId)
    if (folder !== undefined) return folder
    const view = this.#transfers.get(transferId)?.view
    return view?.direction === 'in' ? (view.path ?? null) : null
  }

  /** Shows and tells a transfer as it is now. */
  put(device: Device, view: TransferView): void {
    const { onEvent, onChange, filePrompts } = this.#options
    const id = rowId(device.id, view.id)
    const batches = this.#batchesOf(device.id)
    const before = this.#transfers.put({ id, deviceId: device.id, deviceName: device.name, view })
    batches.put(view)
    // Whatever ended it, nobody need answer any more.
    if (view.state !== 'moving') filePrompts.answer([id], false)
    this.#landed(device, view)
    if (view.state !== 'moving' && view.direction === 'out') this.#options.resendQueue.drop(device.id, view.id)
    const turned = before?.view.state !== view.state || before.view.phase !== view.phase
    if ((turned && !isPassing(before?.view, view)) || this.#isTimeToTell(id)) {
      onEvent({ event: 'transfer', device: refOf(device), ...view, id })
      if (view.state === 'moving') this.#toldAt.set(id, performance.now())
      else this.#toldAt.delete(id)
    }
    if (view.state === 'moving') this.#options.history.moves(id)
    else if (turned) this.#remember(id, device, view)
    if (view.state !== 'moving' && !batches.isShownSingly(view)) this.#transfers.remove(id)
    onChange(turned && batches.isShownSingly(view) ? 'state' : 'progress')
  }

  #remember(id: string, device: Device, view: TransferView): void {
    const batches = this.#batchesOf(device.id)
    const source = this.#transfers.get(id)?.source
    this.#options.history.ended(id, device, view, { single: batches.isShownSingly(view), source })
    const batch = batches.endedWith(view)
    if (batch !== null) this.#options.history.batchEnded(device, batch, view)
  }

  #send(device: Device, source: Source): boolean {
    const { resendQueue } = this.#options
    // Persisted before sending, so that a crash re-sends it. Not for legacy apps: without a key they can't be known again.
    const kept = isLocal(source) && device.kind !== 'legacy' ? { ...source, id: source.id ?? newId() } : null
    if (kept !== null) resendQueue.add([{ device: device.id, id: kept.id, local: kept.local }])
    const id = device.send(kept ?? source)
    if (id !== null) this.#transfers.attachSource(rowId(device.id, id), source)
    else if (kept !== null) resendQueue.drop(device.id, kept.id)
    return id !== null
  }

  #cancelBatch(row: string): void {
    const { deviceId, id } = fromRowId(row)
    const batches = this.#batches.get(deviceId)
    if (batches?.has(id) !== true) return
    batches.cancel(id)
    this.#options.resendQueue.dropBatch(deviceId, id)
    this.#options.deviceOf(deviceId)?.session?.cancelBatch(id)
    this.#options.onChange('state')
  }

  /** Remembers where a batch lies: in the top folder of the first of its files that landed. */
  #landed(device: Device, { batch, direction, path }: TransferView): void {
    if (batch === undefined || direction !== 'in' || path === undefined) return
    const id = rowId(device.id, batch)
    const inbox = this.#options.inbox.rootOf(path)
    if (inbox === null) return
    const [top = ''] = relative(inbox, path).split(sep)
    if (this.#folders.has(id)) return
    this.#folders.set(id, join(inbox, top))
    const [oldest] = this.#folders.keys()
    if (this.#folders.size > FOLDERS_MAX && oldest !== undefined) this.#folders.delete(oldest)
  }

  #batchesOf(deviceId: string): BatchTally {
    const there = this.#batches.get(deviceId) ?? new BatchTally()
    this.#batches.set(deviceId, there)
    return there
  }

  #isTimeToTell(id: string): boolean {
    return performance.now() - (this.#toldAt.get(id) ?? 0) >= PROGRESS_EVERY_MS
  }
}

/** Whether this is only a phase of a small file, which ends by itself. */
const isPassing = (before: TransferView | undefined, { batch, total, state, phase }: TransferView): boolean =>
  batch !== undefined &&
  total <= BRIEF_BYTES_MAX &&
  before?.state === state &&
  before.phase !== 'paused' &&
  (phase === 'sending' || phase === 'checking')

/** Tells which files wait for a person's answer. */
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

interface Entry {
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
 * The rows of all transfers of this run, newest first on screen. Nothing here looks at all rows: an event costs the same
 * with a hundred thousand of them as with one, and a screen gets those that mean something to a person.
 */
export class TransferRows {
  readonly #rows = new Map<string, Entry>()
  /** Ids by what their rows do, each group in the order of entering it. */
  readonly #groups = { queued: new Set<string>(), active: new Set<string>(), finished: new Set<string>() }
  #came = 0

  /** Puts a transfer as it is now. Returns the row before, if there was one. */
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
    return shown.sort((a, b) => b.at - a.at).map(({ row }) => toListed(row, questions))
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

  get isAnyRunning(): boolean {
    return [...this.#groups.active].some((id) => {
      const entry = this.#rows.get(id)
      return entry !== undefined && isRunning(entry.row.view)
    })
  }

  /** Drops the rows that ended first. */
  #prune(): void {
    for (const id of this.#groups.finished) {
      if (this.#groups.finished.size <= FINISHED_MAX) return
      this.remove(id)
    }
  }
}

function toListed(row: TransferRow, questions: Questions): ListedTransfer {
  const { path, ...view } = row.view
  const thumb = questions.thumb(row.id)
  return {
    ...view,
    id: row.id,
    ...(view.batch !== undefined && { batch: rowId(row.deviceId, view.batch) }),
    deviceId: row.deviceId,
    deviceName: row.deviceName,
    canShow: view.direction === 'in' && path !== undefined,
    canRetry: row.source !== undefined && (view.state === 'failed' || view.state === 'cancelled'),
    asks: questions.has(row.id),
    ...(thumb !== undefined && { thumb }),
  }
}
