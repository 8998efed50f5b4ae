import type { SyncedRecord } from '../../protocol/records.ts'
import type { PhoneTransfer } from '../../renderer/phone/model.ts'
import type { BatchView } from '#transfer/transfer-view.ts'
import type { Unfinished } from '../../protocol/frames.ts'
import type { LoggedText } from '#phone/extras/text-log.svelte.ts'
import type { Pose } from './fake-phone.svelte.ts'

const base: Pose = {
  connection: 'connected',
  reason: null,
  desktopName: 'Studio',
  lane: 'webrtc',
  unfinished: [],
  batches: [],
  transfers: [],
}
const MB = 1_000_000
let serial = 0
function transfer(part: Partial<PhoneTransfer>): PhoneTransfer {
  return {
    id: `t${serial++}`,
    direction: 'out',
    name: 'IMG_2041.HEIC',
    bytes: 0,
    total: 4.2 * MB,
    state: 'moving',
    phase: 'sending',
    lane: 'webrtc',
    canRetry: false,
    ...part,
  }
}

const finished = [
  transfer({ state: 'done', proof: 'verified' }),
  transfer({
    state: 'done',
    proof: 'verified',
    direction: 'in',
    name: 'Boarding pass Zürich to Porto 2026-11-24.pdf',
    total: 381_200,
    saved: '#',
  }),
]
const sending = [
  transfer({ name: 'PXL_20261118_174312345.TS.mp4', bytes: 91 * MB, total: 355 * MB }),
  transfer({ name: 'IMG_2043.HEIC', phase: 'queued' }),
  transfer({ name: 'IMG_2044.HEIC', phase: 'queued', total: 3.8 * MB }),
]
const receiving = [
  transfer({
    direction: 'in',
    name: '2026年秋季家庭旅行照片与视频合集（全部原图）.zip',
    bytes: 20 * MB,
    total: 241 * MB,
  }),
]

const held = (part: Partial<PhoneTransfer>): PhoneTransfer =>
  transfer({ phase: 'paused', paused: 'away', bytes: 1.6 * MB, ...part })
const large = (part: Partial<PhoneTransfer>): PhoneTransfer =>
  transfer({ direction: 'in', lane: 'http', at: '/d/x', name: 'the long film.mkv', total: 9e9, ...part })
const unfinished = (name: string, size: number, bytes: number): Unfinished => ({
  t: 'unfinished',
  id: name,
  name,
  size,
  bytes,
  mtime: 0,
})
const batch = (part: Partial<BatchView>): BatchView => ({
  id: `b${serial++}`,
  direction: 'out',
  name: '',
  files: 214,
  done: 61,
  failed: 0,
  verified: 61,
  already: 0,
  skipped: 0,
  bytes: 642 * MB,
  total: 3.2e9,
  state: 'moving',
  phase: 'sending',
  ...part,
})

const text = (part: Partial<LoggedText>): LoggedText => ({
  id: `m${serial++}`,
  text: 'See you at the station at six, platform 4.',
  direction: 'in',
  heard: true,
  ...part,
})
const offered = (title: string, size: number): SyncedRecord => ({
  id: `r${serial++}`,
  kind: 'file',
  title,
  size,
  modified: 1,
})
const record = (part: Partial<SyncedRecord>): SyncedRecord => ({
  id: `r${serial++}`,
  kind: 'note',
  title: 'Shopping for Saturday',
  text: 'Shopping for Saturday\nbread, lemons, two bottles of milk',
  modified: 1,
  ...part,
})
const link = 'https://www.example.org/maps/a-very-long-path/that-goes-on/and-on?with=a-query&and=another#and-an-anchor'

export const PHONE: Readonly<Record<string, Pose>> = {
  connecting: { ...base, lane: null, connection: 'connecting', desktopName: '' },
  connected: base,
  through: { ...base, lane: 'socket', transfers: finished },
  held: {
    ...base,
    transfers: [
      held({ name: 'IMG_2051.HEIC' }),
      held({ name: 'PXL_20261118_174312345.TS.mp4', paused: 'here' }),
      held({ name: 'IMG_2053.HEIC', paused: 'there', direction: 'in' }),
      held({ name: 'the long film.mkv', paused: 'disk-full', needBytes: 1.24e9, bytes: 2e9, total: 9e9 }),
      held({ name: 'IMG_2054.HEIC', paused: 'disk-error', startedOver: true }),
      transfer({ name: 'IMG_2055.HEIC', state: 'done', proof: 'complete', direction: 'in', saved: '#' }),
      transfer({ name: 'the other film.mkv', state: 'done', proof: 'browser', lane: 'http', direction: 'in' }),
    ],
  },
  large: { ...base, transfers: [large({}), large({ name: 'another film.mkv', bytes: 2.4e9 }), ...finished] },
  unfinished: {
    ...base,
    unfinished: [
      unfinished('holiday.mp4', 1.84e9, 1.13e9),
      unfinished('2026年秋季家庭旅行照片与视频合集.zip', 5e8, 2e8),
    ],
    transfers: finished,
  },
  batch: {
    ...base,
    batches: [
      batch({ id: 'photos' }),
      batch({ state: 'done', done: 214, verified: 214 }),
      batch({ state: 'failed', done: 212, failed: 2, verified: 212 }),
    ],
    transfers: [
      transfer({ batch: 'photos', name: 'IMG_3001.HEIC', bytes: 2.1 * MB }),
      transfer({ batch: 'photos', name: 'IMG_3000.HEIC', state: 'failed', reason: 'source-changed', canRetry: true }),
    ],
  },
  'left-out': {
    ...base,
    refused: ['left-out', 'empty'],
    batches: [
      batch({
        name: 'holiday',
        files: 40,
        done: 40,
        verified: 40,
        state: 'done',
        skipped: 1,
        skippedNames: ['holiday/none/'],
      }),
    ],
    transfers: [
      transfer({
        direction: 'in',
        name: 'logs.zip',
        state: 'done',
        proof: 'verified',
        saved: '#',
        skipped: 1_204,
        skippedNames: Array.from({ length: 20 }, (_, n) => `logs/2026/link ${n}`),
      }),
      ...finished,
    ],
  },
  sending: { ...base, transfers: [...sending, ...finished] },
  receiving: { ...base, transfers: [...receiving, ...finished] },
  done: { ...base, transfers: finished },
  long: {
    ...base,
    transfers: Array.from({ length: 30 }, (_, i) => transfer({ state: 'done', name: `IMG_${3000 + i}.JPG` })),
  },
  failed: {
    ...base,
    transfers: [
      transfer({ state: 'failed', reason: 'disk-full', canRetry: true, name: 'long film.mkv', total: 4e9 }),
      transfer({ state: 'failed', reason: 'too-large', direction: 'in', name: 'backup.tar.gz', total: 9e9 }),
      transfer({ state: 'cancelled', reason: 'cancelled', canRetry: true }),
      ...finished,
    ],
  },
  texts: {
    ...base,
    transfers: finished,
    extras: {
      records: [],
      texts: [
        text({}),
        text({ text: link }),
        text({ text: '<img src=x onerror="document.title=1">\u202e gpj.exe' }),
        text({ direction: 'out', text: '护照照片的尺寸是 35 × 45 毫米，请打印六张并带到柜台', heard: false }),
        text({ direction: 'out', text: 'ok' }),
      ],
    },
  },
  notes: {
    ...base,
    extras: {
      texts: [],
      records: [
        offered('Boarding pass Zürich to Porto 2026-11-24.pdf', 381_200),
        record({ kind: 'clip', title: '<b>pasted</b> from somewhere', text: '<b>pasted</b> from somewhere' }),
        record({ kind: 'link', title: link, text: link }),
        record({}),
        record({ title: '周末购物清单：面包、柠檬、两瓶牛奶，还有给孩子的笔记本和彩色铅笔' }),
      ],
    },
  },
  lost: { ...base, lane: null, connection: 'lost', reason: 'connection-lost', transfers: finished },
  offline: { ...base, lane: null, connection: 'lost', reason: 'connection-lost', meanwhile: 'offline' },
  full: { ...base, lane: null, connection: 'lost', reason: 'connection-lost', meanwhile: 'full' },
  jumped: { ...base, lane: null, connection: 'lost', reason: 'connection-lost', meanwhile: 'jumped' },
  slept: { ...base, lane: null, connection: 'lost', reason: 'connection-lost', meanwhile: 'slept' },
  looking: {
    ...base,
    lane: null,
    connection: 'lost',
    reason: 'connection-lost',
    meanwhile: 'looking',
    transfers: finished,
  },
  refused: {
    ...base,
    lane: null,
    connection: 'refused',
    reason: 'replaced',
    canForget: true,
    canTry: true,
    desktopName: '',
  },
  expired: { ...base, lane: null, connection: 'refused', reason: 'unknown-link', desktopName: '' },
  stranger: {
    ...base,
    transfers: finished,
    refused: ['stranger', 'left-out', 'left-out', 'malformed'],
  },
  unknown: {
    ...base,
    lane: null,
    connection: 'refused',
    reason: 'unknown-link',
    canForget: true,
    canTry: true,
    transfers: finished,
  },
  'no-random': { ...base, lane: null, connection: 'refused', reason: 'no-random', desktopName: '' },
  'no-way': {
    ...base,
    lane: null,
    connection: 'lost',
    reason: 'no-way',
    refused: ['not-sent'],
  },
}
