import type { PhoneTransfer } from '../../renderer/phone/model.ts'
import type { Pose } from './fake-phone.svelte.ts'

const base: Pose = { connection: 'connected', reason: null, desktopName: 'Studio', transfers: [] }
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
  transfer({ state: 'done' }),
  transfer({
    state: 'done',
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

export const PHONE: Readonly<Record<string, Pose>> = {
  connecting: { ...base, connection: 'connecting', desktopName: '' },
  connected: base,
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
  lost: { ...base, connection: 'lost', reason: 'connection-lost', transfers: finished },
  refused: { ...base, connection: 'refused', reason: 'replaced', desktopName: '' },
  expired: { ...base, connection: 'refused', reason: 'unknown-link', desktopName: '' },
}
