import { expect, test } from 'vitest'
import type { FileNote } from '#store/json-file.ts'
import { FileNotes } from './file-notes.ts'
import { jsonReporter } from './terminal.ts'

test('each note is told once, to scripts too, and again when it comes again', () => {
  const lines: string[] = []
  const notes = new FileNotes(jsonReporter((line) => lines.push(line)))
  const unread: FileNote = { file: 'devices.json', what: 'unread', detail: 'EACCES' }
  const noted: { notes: FileNote[] } = { notes: [unread] }
  notes.add(noted)
  notes.look()
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { event: 'error', code: 'file-unread', message: expect.stringMatching(/devices\.json: EACCES/) as string },
  ])
  noted.notes = []
  notes.look()
  expect(notes.all()).toEqual([])
  noted.notes = [unread]
  notes.look()
  expect(lines).toHaveLength(2)
})
