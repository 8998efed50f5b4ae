import type { RecordView } from '#electron/window-api.ts'
import { m } from '#messages'
import type { Words } from '#messages/words.ts'
import { clipboard, file, link, stickyNote } from '#ui/icons.ts'

/** The kinds that both sides know by name; an app may have others, which are called as it calls them. */
const KINDS: Readonly<Record<string, Words>> = {
  note: m.kind_note,
  link: m.kind_link,
  clip: m.kind_clip,
  file: m.kind_file,
  // What an app of 2018 lists without saying what it is.
  item: m.kind_other,
}
const ICONS: Readonly<Record<string, string>> = { note: stickyNote, link, clip: clipboard, file }

export const kindName = (kind: string): string => (Object.hasOwn(KINDS, kind) ? KINDS[kind]?.() : undefined) ?? kind
export const kindIcon = (kind: string): string => (Object.hasOwn(ICONS, kind) ? ICONS[kind] : undefined) ?? stickyNote

export const recordTitle = ({ title, text = '' }: Pick<RecordView, 'title' | 'text'>): string =>
  title.trim() || firstLine(text) || m.records_untitled()

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? ''
