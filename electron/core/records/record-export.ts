import type { ExportView } from '#electron/app-state.ts'
import type { Exported, Selection, TextFormat } from '#electron/window-api.ts'
import type { Batch } from '#protocol/frames.ts'
import { BATCH_FILES_MAX } from '#protocol/limits.ts'
import type { KeptRecord } from '#store/database/store.ts'
import type { PhoneRecords } from './phone-records.ts'
import type { Device } from '#core/devices/device.ts'
import { newId } from '#core/ids.ts'
import { exportTexts, isText, type TextExportOptions, type TextsWritten } from './text-export.ts'

/** Records that are asked for by their names where all are wanted. */
const NAMED_MAX = 1_000

export interface RecordExportsOptions extends TextExportOptions {
  readonly records: PhoneRecords
  readonly deviceOf: (id: string) => Device | undefined
  /** Records of an app of 2018 that is on the list: whatever they are, the app makes a file of them. */
  readonly isLegacy: (deviceId: string) => boolean
  readonly onWritten: (written: TextsWritten) => void
  readonly onChange: () => void
}

interface Wanted {
  readonly deviceId: string
  readonly deviceName: string
  /** Empty = all that have a file. */
  readonly ids: readonly string[]
  state: ExportView['state']
  absent: number
  /** The batch that its files come in, once the phone was asked. */
  batch: string | null
}

/** Exports whose files come without a question. More are under way at no time. */
const OURS_MAX = 100

/** Exports of records: texts are written here, phones are asked for files. */
export class RecordExports {
  readonly #options: RecordExportsOptions
  readonly #wanted = new Map<string, Wanted>()
  /** By batch: how many files were asked for, and those that came. A phone must not send more than that unasked. */
  readonly #ours = new Map<string, { readonly max: number; readonly files: Set<string> }>()
  /** Where the last texts were written. */
  lastPath: string | null = null

  constructor(options: RecordExportsOptions) {
    this.#options = options
  }

  async run(selection: Selection, format: TextFormat): Promise<Exported> {
    const files = new Map<string, string[]>()
    const keys = this.#options.records.keysOf(selection)
    const written = await exportTexts(this.#options, this.#texts(keys, files), format)
    if (written.texts > 0) {
      this.lastPath = written.path
      this.#options.onWritten(written)
    }
    const whole = 'of' in selection && isEverything(selection)
    for (const [deviceId, ids] of files) this.#want(deviceId, whole && this.#asksForAll(deviceId, ids) ? [] : ids)
    const count = [...files.values()].reduce((sum, ids) => sum + ids.length, 0)
    return { texts: written.texts, name: written.name, files: count }
  }

  /** The phone is away: what is to become of its export. */
  wait(id: string, yes: boolean): void {
    const wanted = this.#wanted.get(id)
    if (wanted === undefined) return
    if (!yes) this.#drop(id, wanted)
    else if (wanted.state === 'away') {
      wanted.state = 'waiting'
      this.here(wanted.deviceId)
    }
    this.#options.onChange()
  }

  /** The device can be asked now. */
  here(deviceId: string): void {
    for (const wanted of this.#wanted.values()) {
      if (wanted.deviceId === deviceId && wanted.state === 'waiting') this.#ask(wanted)
    }
    for (const [id, { batch, state }] of this.#wanted) if (state === 'asked' && batch === null) this.#wanted.delete(id)
  }

  /** The device's batch begins. */
  begun(device: Device, batch: Omit<Batch, 't'>): void {
    if (!device.sync.exports.begun(batch.id)) return
    for (const [id, wanted] of this.#wanted) if (wanted.batch === batch.id) this.#comes(id, wanted)
    this.#options.onChange()
  }

  absent(exportId: string, ids: readonly string[]): void {
    const wanted = [...this.#wanted.values()].find(({ batch }) => batch === exportId)
    if (wanted === undefined) return
    wanted.absent += ids.length
    // No ids: there was nothing at all.
    if (ids.length === 0 || (wanted.ids.length > 0 && wanted.absent >= wanted.ids.length)) wanted.state = 'absent'
    this.#options.onChange()
  }

  /** Whether the file is one that a person here has asked its device for. */
  takes(batch: string | undefined, fileId: string): boolean {
    const ours = this.#ours.get(batch ?? '')
    if (ours === undefined) return false
    if (ours.files.size < ours.max) ours.files.add(fileId)
    return ours.files.has(fileId)
  }

  isOurs(batch: string | undefined): boolean {
    return this.#ours.has(batch ?? '')
  }

  views(): ExportView[] {
    return [...this.#wanted].map(([id, { deviceId, deviceName, ids, state, absent }]) => ({
      ...{ id, deviceId, deviceName, absent },
      // A phone that was removed comes back as another one.
      state: state !== 'absent' && this.#options.deviceOf(deviceId) === undefined ? 'gone' : state,
      records: ids.length,
    }))
  }

  *#texts(keys: readonly number[], files: Map<string, string[]>): Generator<readonly KeptRecord[], void, undefined> {
    for (const page of this.#options.records.wholePages(keys)) {
      const texts: KeptRecord[] = []
      for (const record of page) {
        if (isText(record) && !this.#options.isLegacy(record.device)) texts.push(record)
        else addTo(files, record)
      }
      yield texts
    }
  }

  /** By its name each, so that nothing comes that was deleted here; a very long list is not worth that. */
  #asksForAll(deviceId: string, ids: readonly string[]): boolean {
    return this.#options.isLegacy(deviceId) || ids.length > NAMED_MAX
  }

  #want(deviceId: string, ids: readonly string[]): void {
    const device = this.#options.deviceOf(deviceId)
    const isHere = device?.state === 'here'
    const wanted: Wanted = {
      deviceId,
      deviceName: device?.name ?? this.#options.nameOf(deviceId),
      ids,
      state: isHere ? 'waiting' : 'away',
      absent: 0,
      batch: null,
    }
    this.#wanted.set(newId(), wanted)
    if (isHere) this.here(deviceId)
    this.#options.onChange()
  }

  #ask(wanted: Wanted): void {
    const device = this.#options.deviceOf(wanted.deviceId)
    if (device?.state !== 'here') return
    wanted.state = 'asked'
    if (device.kind === 'legacy') device.exportLegacy(wanted.ids)
    else {
      wanted.batch = device.sync.exports.ask(wanted.ids)
      this.#ours.set(wanted.batch, { max: wanted.ids.length || BATCH_FILES_MAX, files: new Set() })
      const [oldest] = this.#ours.keys()
      if (this.#ours.size > OURS_MAX && oldest !== undefined) this.#ours.delete(oldest)
    }
  }

  #drop(id: string, { deviceId, batch, state }: Wanted): void {
    this.#wanted.delete(id)
    if (batch === null || state === 'absent') return
    this.#options.deviceOf(deviceId)?.sync.exports.forget(batch)
    this.#ours.delete(batch)
  }

  /** Its files are on the list of transfers from now on. */
  #comes(id: string, wanted: Wanted): void {
    if (wanted.absent > 0) wanted.state = 'absent'
    else this.#wanted.delete(id)
  }
}

function addTo(files: Map<string, string[]>, { device, id }: KeptRecord): void {
  const ids = files.get(device)
  if (ids === undefined) files.set(device, [id])
  else ids.push(id)
}

function isEverything({ of, without }: Extract<Selection, { of: unknown }>): boolean {
  return without.length === 0 && of.kind === undefined && (of.text ?? '').trim() === ''
}
