import type { HistoryView, RecordView } from '#electron/window-api.ts'

/** Records and history as main would answer: enough of them to scroll. */

const NOTES = [
  ['note', 'Shopping', 'Milk, eggs, bread, coffee, apples, a lamp for the hall and the long nails'],
  ['link', 'Ferry timetable', 'https://ferries.example/timetable/winter?from=north-quay'],
  ['clip', '', 'Meeting moved to Thursday 14:30, room 3.12 — bring the printed plans and the old measurements'],
  ['file', 'IMG_2041.HEIC', ''],
  ['note', '会议记录 11 月', '参加：王、李、陈。决定：周五之前完成测试报告，下周二再次讨论。'],
  ['file', 'Interview with Ms. Okafor, part one of two, second take (unedited, with the long pause).m4a', ''],
  ['walk', 'Morning walk', '{"km":4.2,"start":"2026-11-20T07:10:00Z"}'],
  ['note', '<img src=x onerror=alert(1)> <b>not bold</b>', '<script>alert(1)</script>'],
] as const

export const THUMB =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='96' height='64'%3E%3Crect width='96' height='64' fill='%236fa8dc'/%3E%3Ccircle cx='70' cy='18' r='9' fill='%23ffe08a'/%3E%3Cpath d='M0 64 34 22 60 50 74 36 96 64z' fill='%23476b3a'/%3E%3C/svg%3E"

export function record(key: number): RecordView {
  const [kind, title, text] = NOTES[(key - 1) % NOTES.length] ?? NOTES[0]
  const isFile = kind === 'file'
  return {
    key,
    deviceId: key % 3 === 0 ? 'b' : 'a',
    kind,
    title,
    ...(text && { text }),
    ...(isFile && { size: 4_200_000, mime: 'image/heic' }),
    ...(isFile && key % 8 === 4 && { thumb: THUMB }),
    modified: Date.UTC(2026, 10, 24, 20, 14) - key * 3_700_000,
    isLink: kind === 'link',
  }
}

const ROWS: readonly Partial<HistoryView>[] = [
  { name: 'IMG_2041.HEIC', lane: 'webrtc' },
  { name: 'https://ferries.example/timetable', what: 'text', text: 'https://ferries.example/timetable', size: 33 },
  { name: 'Quarterly report, the very last version that anybody is going to write this year (final).pdf', direction: 'out', lane: 'webrtc', canAgain: true, size: 812_300 },
  { name: 'long film.mkv', result: 'failed', reason: 'disk-full', canShow: false, size: 9e9 },
  { name: 'See you at the north quay', what: 'text', direction: 'out', text: 'See you at the north quay', canShow: false, canAgain: true, size: 25 },
  { name: 'Records 2026-11-25 14.03.07.csv', what: 'export', deviceId: '', deviceName: '', size: 18_400 },
  { name: 'holiday in the mountains 2026.mp4', lane: 'socket', ms: 84_000, size: 1.84e9 },
  { name: 'voice memo.m4a', result: 'cancelled', reason: 'cancelled', direction: 'out', canAgain: true, canShow: false },
] // prettier-ignore

export const entry = (key: number): HistoryView => ({
  key,
  at: Date.UTC(2026, 10, 24, 20, 14) - key * 3_700_000,
  deviceId: 'a',
  deviceName: 'Pixel 8',
  direction: 'in',
  what: 'file',
  name: '',
  size: 4_200_000,
  ms: 900,
  result: 'done',
  canShow: true,
  canAgain: false,
  ...ROWS[(key - 1) % ROWS.length],
})

/** Rows of a page of `total`. */
export const pageOf = <T>(make: (key: number) => T, offset: number, limit: number, total: number): T[] =>
  Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => make(offset + i + 1))
