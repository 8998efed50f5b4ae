import { fileNoteWords } from '#messages/file-words.ts'
import { QuotaFull } from '#store/database/store.ts'
import type { FileNote } from '#store/json-file.ts'
import type { Device } from '#core/devices/device.ts'
import type { AppEvent } from '#core/app-events.ts'

/** The database, as far as a person hears of it. */
const FILE = 'lanyard.db'

export interface UnkeptPorts {
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: () => void
}

/** Knows of which phones records could not be kept: each is told once, and stays on the screen while it is so. */
export class Unkept {
  readonly #ports: UnkeptPorts
  readonly #notes = new Map<string, FileNote>()

  constructor(ports: UnkeptPorts) {
    this.#ports = ports
  }

  get notes(): readonly FileNote[] {
    // A disk that refuses does so for all of them.
    return [...new Map([...this.#notes.values()].map((note) => [note.what + note.detail, note])).values()]
  }

  /** Keeps records of the device by `keep`, and throws what that throws. */
  watch({ id, name }: Pick<Device, 'id' | 'name'>, keep: () => void): void {
    try {
      keep()
    } catch (error) {
      this.#put(id, error instanceof QuotaFull ? { file: FILE, what: 'full', detail: name } : refusal(error))
      throw error
    }
    this.forget(id)
  }

  forget(id: string): void {
    if (this.#notes.delete(id)) this.#ports.onChange()
  }

  #put(id: string, note: FileNote): void {
    const isNew = !this.notes.some(({ what, detail }) => what === note.what && detail === note.detail)
    this.#notes.set(id, note)
    if (!isNew) return
    this.#ports.onEvent({ event: 'error', code: `records-${note.what}`, message: fileNoteWords(note) })
    this.#ports.onChange()
  }
}

const refusal = (error: unknown): FileNote => ({
  file: FILE,
  what: 'unwritten',
  detail: error instanceof Error ? error.message : String(error),
})
