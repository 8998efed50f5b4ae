import { fileNoteWords } from '#messages/file-words.ts'
import type { FileNote } from '#store/json-file.ts'
import type { Reporter } from './terminal.ts'

/** Whoever has something to say of saved files. */
export interface Noted {
  readonly notes: readonly FileNote[]
}

/** Collects what a person should know of saved files: each is told once, and stays on the screen while it is so. */
export class FileNotes {
  readonly #report: Reporter
  readonly #noted: Noted[] = []
  readonly #told = new Set<string>()
  onChange: () => void = () => undefined

  constructor(report: Reporter) {
    this.#report = report
  }

  add(noted: Noted): void {
    this.#noted.push(noted)
    this.look()
  }

  all(): readonly FileNote[] {
    return this.#noted.flatMap(({ notes }) => notes)
  }

  /** Called when any of the notes may have changed. */
  readonly look = (): void => {
    const now = new Map(this.all().map((note) => [`${note.file} ${note.what} ${note.detail}`, note]))
    for (const [key, note] of now) if (!this.#told.has(key)) this.#tell(note)
    this.#told.clear()
    for (const key of now.keys()) this.#told.add(key)
    this.onChange()
  }

  #tell(note: FileNote): void {
    this.#report({ event: 'error', code: `file-${note.what}`, message: fileNoteWords(note) })
  }
}
