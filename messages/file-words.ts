import { m } from '#messages'
import type { Words } from '#messages/words.ts'

/** What is in a saved file, by its name. */
const WHAT: Readonly<Record<string, Words>> = {
  'devices.json': m.file_devices,
  'unsent.json': m.file_unsent,
  'settings.json': m.file_settings,
  'owners.json': m.file_owners,
  'lanyard.db': m.file_database,
}

interface Note {
  readonly file: string
  readonly what: 'unread' | 'unwritten' | 'set-aside' | 'locked' | 'full' | 'unclear'
  readonly detail: string
}

/** Says what became of a saved file, and what to do. */
export function fileNoteWords({ file, what, detail }: Note): string {
  const words = { file, detail, what: (WHAT[file] ?? m.file_transfers)() }
  switch (what) {
    case 'unread':
      return m.file_unread(words)
    case 'unwritten':
      return m.file_unwritten(words)
    case 'set-aside':
      return m.file_set_aside(words)
    case 'locked':
      return m.file_locked({ detail })
    case 'full':
      return m.file_full({ detail })
    case 'unclear':
      return m.file_unclear(words)
  }
}
