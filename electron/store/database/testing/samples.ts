import type { Records, SyncedRecord } from '#protocol/records.ts'

export const record = (id: string, modified: number, more: Partial<SyncedRecord> = {}): SyncedRecord => ({
  id,
  kind: 'note',
  title: `title of ${id}`,
  modified,
  ...more,
})

export const page = (list: SyncedRecord[], more: Partial<Records> = {}): Records => ({
  t: 'records',
  since: '',
  list,
  cursor: 'e.1',
  more: false,
  fresh: false,
  ...more,
})
