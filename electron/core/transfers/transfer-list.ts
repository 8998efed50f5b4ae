import { join, relative, sep } from 'node:path'
import type { Batch } from '#protocol/frames.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { BatchTally } from '#transfer/batch-tally.ts'
import { saidOf, type LeftOut } from '#transfer/left-out.ts'
import type { Source } from '#transfer/source.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import type { ListedBatch, ListedTransfer } from '#electron/window-api.ts'
import type { Device } from '#core/devices/device.ts'
import type { AppEvent } from '#core/app-events.ts'
import type { FilePrompts } from '#core/prompts.ts'
import { newId, refOf } from '#core/devices/device-parts.ts'
import { isLocal, sourcesOf } from './local-source.ts'
import type { History } from '#core/records/history.ts'
import { Transfers } from './transfers.ts'
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

export interface TransferListPorts {
  /** The folder of received files. */
  readonly inbox: string
  readonly resendQueue: ResendQueue
  readonly filePrompts: FilePrompts
  readonly history: History
  readonly deviceOf: (id: string) => Device | undefined
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: (what: 'state' | 'progress') => void
}

/** All files that come and go: what is shown and told of them, and what a person wants of them. */
export class TransferList {
  readonly #ports: TransferListPorts
  readonly #transfers = new Transfers()
  readonly #batches = new Map<string, BatchTally>()
  /** Where batches that came lie. */
  readonly #folders = new Map<string, string>()
  readonly #toldAt = new Map<string, number>()

  constructor(ports: TransferListPorts) {
    this.#ports = ports
  }

  transfers(): ListedTransfer[] {
    return this.#transfers.views(this.#ports.filePrompts)
  }

  batches(): ListedBatch[] {
    return [...this.#batches].flatMap(([deviceId, { views }]) => {
      const deviceName = this.#ports.deviceOf(deviceId)?.name ?? ''
      return views.map((view) => {
        // Another device may call another batch the same.
        const id = `${deviceId}-${view.id}`
        return { ...view, id, deviceId, deviceName, canShow: this.#folders.has(id) }
      })
    })
  }

  /** Queues files for a device; false when nobody is there to take them. */
  send(deviceId: string, sources: readonly Source[]): boolean {
    const device = this.#ports.deviceOf(deviceId)
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
    this.#ports.resendQueue.add(files)
    this.#batchesOf(device.id).add(batch, 'out', left)
    session.sendBatch({ ...batch, ...saidOf(left ?? {}) }, sourcesOf(files))
    this.#ports.onChange('state')
    return true
  }

  /** Files that belong together begin to come. */
  announced(device: Device, batch: Omit<Batch, 't'>): void {
    this.#batchesOf(device.id).add(batch, 'in', { skipped: 0, ...saidOf(batch) })
    this.#ports.onChange('state')
  }

  cancel(id: string): void {
    const row = this.#transfers.get(id)
    if (row !== undefined) this.#ports.deviceOf(row.deviceId)?.cancel(row.view.id)
    else this.#cancelBatch(id)
  }

  /** Holds a transfer up, or lets it go on. */
  pause(id: string, on: boolean): void {
    const row = this.#transfers.get(id)
    if (row !== undefined) this.#ports.deviceOf(row.deviceId)?.session?.pause(row.view.id, on)
  }

  /** Puts a file that waits before all others of its device. */
  first(id: string): void {
    const row = this.#transfers.get(id)
    if (row !== undefined) this.#ports.deviceOf(row.deviceId)?.session?.first(row.view.id)
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
    this.#ports.onChange('state')
  }

  clearFinished(): void {
    this.#transfers.clearFinished()
    for (const batches of this.#batches.values()) batches.clearOver()
    const left = new Set(this.batches().map(({ id }) => id))
    for (const id of this.#folders.keys()) if (!left.has(id)) this.#folders.delete(id)
    this.#ports.onChange('state')
  }

  /** It is on the list and not over. */
  moves(id: string): boolean {
    return this.#transfers.get(id)?.view.state === 'moving'
  }

  /** Where a received file lies, or a batch; null when there is none. */
  pathOf(transferId: string): string | null {
    const folder = this.#folders.get(transferId)
    if (folder !== undefined) return folder
    const view = this.#transfers.get(transferId)?.view
    return view?.direction === 'in' ? (view.path ?? null) : null
  }

  /** A transfer as it is now. */
  put(device: Device, view: TransferView): void {
    const { onEvent, onChange, filePrompts } = this.#ports
    const id = rowId(device, view.id)
    const batches = this.#batchesOf(device.id)
    const before = this.#transfers.put({ id, deviceId: device.id, deviceName: device.name, view })
    batches.put(view)
    // Whatever ended it, nobody need answer any more.
    if (view.state !== 'moving') filePrompts.answer([id], false)
    this.#landed(device, view)
    if (view.state !== 'moving' && view.direction === 'out') this.#ports.resendQueue.drop(device.id, view.id)
    const turned = before?.view.state !== view.state || before.view.phase !== view.phase
    if ((turned && !isPassing(before?.view, view)) || this.#isTimeToTell(id)) {
      onEvent({ event: 'transfer', device: refOf(device), ...view, id })
      if (view.state === 'moving') this.#toldAt.set(id, performance.now())
      else this.#toldAt.delete(id)
    }
    if (view.state === 'moving') this.#ports.history.moves(id)
    else if (turned) this.#remember(id, device, view)
    if (view.state !== 'moving' && !batches.isShownSingly(view)) this.#transfers.remove(id)
    onChange(turned && batches.isShownSingly(view) ? 'state' : 'progress')
  }

  #remember(id: string, device: Device, view: TransferView): void {
    const batches = this.#batchesOf(device.id)
    const source = this.#transfers.get(id)?.source
    this.#ports.history.ended(id, device, view, { single: batches.isShownSingly(view), source })
    const batch = batches.endedWith(view)
    if (batch !== null) this.#ports.history.batchEnded(device, batch, view)
  }

  #send(device: Device, source: Source): boolean {
    const { resendQueue } = this.#ports
    // Written down before it can end. Who proves nothing can't be known again.
    const kept = isLocal(source) && device.kind !== 'legacy' ? { ...source, id: source.id ?? newId() } : null
    if (kept !== null) resendQueue.add([{ device: device.id, id: kept.id, local: kept.local }])
    const id = device.send(kept ?? source)
    if (id !== null) this.#transfers.attachSource(rowId(device, id), source)
    else if (kept !== null) resendQueue.drop(device.id, kept.id)
    return id !== null
  }

  #cancelBatch(row: string): void {
    const [deviceId = '', id = ''] = row.split('-')
    const batches = this.#batches.get(deviceId)
    if (batches?.has(id) !== true) return
    batches.cancel(id)
    this.#ports.resendQueue.dropBatch(deviceId, id)
    this.#ports.deviceOf(deviceId)?.session?.cancelBatch(id)
    this.#ports.onChange('state')
  }

  /** A batch is to be found where the first of its files that landed is, in the folder that holds all of it. */
  #landed(device: Device, { batch, direction, path }: TransferView): void {
    if (batch === undefined || direction !== 'in' || path === undefined) return
    const id = `${device.id}-${batch}`
    const { inbox } = this.#ports
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

/** Only a phase of a small file that goes on by itself. */
const isPassing = (before: TransferView | undefined, { batch, total, state, phase }: TransferView): boolean =>
  batch !== undefined &&
  total <= BRIEF_BYTES_MAX &&
  before?.state === state &&
  before.phase !== 'paused' &&
  (phase === 'sending' || phase === 'checking')

export const rowId = (device: Device, transferId: string): string => `${device.id}-${transferId}`
