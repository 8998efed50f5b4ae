import type { Batch } from '#protocol/frames.ts'
import { Batches } from '#transfer/batches.ts'
import type { Source } from '#transfer/source.ts'
import type { TransferView } from '#transfer/view.ts'
import type { DeskBatch, DeskTransfer } from '#electron/shell-api.ts'
import type { Device } from './device.ts'
import type { DeskEvent } from './events.ts'
import type { Offers } from './offers.ts'
import { refOf } from './device-parts.ts'
import type { Past } from './past.ts'
import { Transfers } from './transfers.ts'

/** Milliseconds between two progress events of one transfer: four a second are enough for any reader. */
const PROGRESS_EVERY_MS = 250

export interface BoardPorts {
  readonly offers: Offers
  readonly past: Past
  readonly deviceOf: (id: string) => Device | undefined
  readonly onEvent: (event: DeskEvent) => void
  readonly onChange: (what: 'state' | 'progress') => void
}

/** All files that come and go: what is shown and told of them, and what a person wants of them. */
export class Board {
  readonly #ports: BoardPorts
  readonly #transfers = new Transfers()
  readonly #batches = new Map<string, Batches>()
  readonly #toldAt = new Map<string, number>()

  constructor(ports: BoardPorts) {
    this.#ports = ports
  }

  transfers(): DeskTransfer[] {
    return this.#transfers.views(this.#ports.offers)
  }

  batches(): DeskBatch[] {
    return [...this.#batches].flatMap(([deviceId, { views }]) => {
      const deviceName = this.#ports.deviceOf(deviceId)?.name ?? ''
      return views.map((view) => ({ ...view, deviceId, deviceName, canShow: false }))
    })
  }

  /** Queues files for a device; false when nobody is there to take them. */
  send(deviceId: string, sources: readonly Source[]): boolean {
    const device = this.#ports.deviceOf(deviceId)
    if (device === undefined) return false
    for (const source of sources) {
      const id = device.send(source)
      if (id === null) return false
      this.#transfers.attachSource(rowId(device, id), source)
    }
    return true
  }

  /** Queues files that belong together; `files` are asked for when there is room for them. */
  sendBatch(device: Device, batch: Omit<Batch, 't'>, files: AsyncIterator<Source>): void {
    this.announced(device, batch, 'out')
    device.session?.sendBatch(batch, files)
  }

  /** Files that belong together begin to come or go. */
  announced(device: Device, batch: Omit<Batch, 't'>, direction: 'in' | 'out'): void {
    this.#batchesOf(device.id).add(batch, direction)
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
    this.#ports.onChange('state')
  }

  /** It is on the list and not over. */
  moves(id: string): boolean {
    return this.#transfers.get(id)?.view.state === 'moving'
  }

  /** Where a received file lies; null when there is none. */
  pathOf(transferId: string): string | null {
    const view = this.#transfers.get(transferId)?.view
    return view?.direction === 'in' ? (view.path ?? null) : null
  }

  /** A transfer as it is now. */
  put(device: Device, view: TransferView): void {
    const { onEvent, onChange, offers } = this.#ports
    const id = rowId(device, view.id)
    const batches = this.#batchesOf(device.id)
    const before = this.#transfers.put({ id, deviceId: device.id, deviceName: device.name, view })
    batches.put(view)
    // Whatever ended it, nobody need answer any more.
    if (view.state !== 'moving') offers.answer([id], false)
    const turned = before?.view.state !== view.state || before.view.phase !== view.phase
    if (turned || this.#isTimeToTell(id)) {
      onEvent({ event: 'transfer', device: refOf(device), ...view, id })
      if (view.state === 'moving') this.#toldAt.set(id, performance.now())
      else this.#toldAt.delete(id)
    }
    if (view.state === 'moving') this.#ports.past.moves(id)
    else if (turned) this.#remember(id, device, view)
    if (view.state !== 'moving' && !batches.isShownSingly(view)) this.#transfers.remove(id)
    onChange(turned && batches.isShownSingly(view) ? 'state' : 'progress')
  }

  #remember(id: string, device: Device, view: TransferView): void {
    const batches = this.#batchesOf(device.id)
    const source = this.#transfers.get(id)?.source
    this.#ports.past.ended(id, device, view, { single: batches.isShownSingly(view), source })
    const batch = batches.endedWith(view)
    if (batch !== null) this.#ports.past.batchEnded(device, batch, view)
  }

  #cancelBatch(id: string): void {
    for (const [deviceId, batches] of this.#batches) {
      if (!batches.has(id)) continue
      batches.cancel(id)
      this.#ports.deviceOf(deviceId)?.session?.cancelBatch(id)
    }
    this.#ports.onChange('state')
  }

  #batchesOf(deviceId: string): Batches {
    const there = this.#batches.get(deviceId) ?? new Batches()
    this.#batches.set(deviceId, there)
    return there
  }

  #isTimeToTell(id: string): boolean {
    return performance.now() - (this.#toldAt.get(id) ?? 0) >= PROGRESS_EVERY_MS
  }
}

export const rowId = (device: Device, transferId: string): string => `${device.id}-${transferId}`
