import type {
  ListedBatch,
  AppState,
  ConnectionTestView,
  KeptTest,
  ListedTransfer,
  DeviceView,
  Owner,
  TextCard,
  UpdateState,
  UpdateView,
} from '#electron/app-state.ts'

/** Every look of the window that a person can meet, as plain data. Names are those of design/look.md. */

const LINK = 'http://192.168.1.20:3186/#2.q83vEjRWeJCrze8SNFZ4kA.Zk3w0b8m7cTz2nVQy5rJ1uHxE9aLsPdGiKfMtWoBvYA.0'

const MB = 1_000_000

const real = { address: '192.168.1.20', adapter: 'Wi-Fi', kind: 'real' } as const
const SETTINGS: AppState['settings'] = {
  name: '',
  systemName: 'Studio',
  inbox: { name: 'Downloads › Lanyard', isGone: false },
  isInboxDefault: true,
  kindFolders: {},
  phoneFolders: {},
  autoAcceptNew: true,
  clipboard: false,
  theme: 'system',
  language: 'system',
  notifyArrivals: true,
  notifyTexts: true,
  notifyQuestions: true,
  notifyFailures: true,
  notifyWaiting: true,
  keepInTray: true,
  toldOfTray: true,
  askedFirewall: true,
  startAtLogin: false,
  keepAwake: true,
  updateQuietly: false,
  fileManagers: false,
  port: 3186,
  address: null,
  networks: [],
  legacy: 'ask',
  lane: 'auto',
}
/** Of a copy that replaces itself. */
function updateOf(now: UpdateState): UpdateView {
  return { version: '0.1.0', way: { way: 'self' }, now }
}

const base: AppState = {
  hub: { url: 'http://127.0.0.1:3186', token: 't' },
  link: { id: 'link', text: LINK },
  address: { host: '192.168.1.20', port: 3186 },
  addresses: [real],
  networks: [],
  strangers: { count: 0, last: '' },
  isStuck: false,
  hosted: [],
  devices: [],
  settings: SETTINGS,
  update: updateOf({ state: 'idle', looked: true }),
  legacyQuestions: [],
  transfers: [],
  batches: [],
  unfinished: [],
  owners: [],
  recordsVersion: 0,
  historyVersion: 0,
  hasHistory: false,
  storeNote: null,
  fileNotes: [],
  sendNote: null,
  handed: null,
  exports: [],
  texts: [],
  inboxName: 'Lanyard',
  isOtherInbox: false,
  name: 'Studio',
}

const pixel: DeviceView = {
  id: 'a',
  name: 'Pixel 8',
  kind: 'page',
  state: 'here',
  autoAccept: true,
  lane: 'webrtc',
  texts: true,
  clipboard: false,
  unheard: 0,
}
const iphone: DeviceView = {
  ...pixel,
  id: 'b',
  name: 'Mei’s iPhone',
  lane: 'socket',
}
const tested = (out: number, back: number, roundTrip: number): KeptTest['lanes'] => [
  { lane: 'webrtc', out, in: back, roundTrip, loaded: roundTrip * 9 },
  { lane: 'socket', out: out * 1.4, in: back / 2, roundTrip: roundTrip + 1, loaded: null },
]
const TESTS: readonly KeptTest[] = [31, 44, 0.9, 3.2, 28, 41].map((mb, i) => ({
  at: Date.UTC(2026, 10, 20 + i, 18, 4),
  lanes: tested(mb * MB, mb * 1.2 * MB, 120 / mb),
}))
const quiet: ConnectionTestView = { step: null, isCut: false, kept: TESTS }
const testable: DeviceView = { ...pixel, test: quiet }
const legacy: DeviceView = {
  id: 'c',
  name: '',
  kind: 'legacy',
  state: 'here',
  autoAccept: false,
  texts: false,
  clipboard: false,
  unheard: 0,
}

/** Drawn here: an image of its own file would be the only one in the tests. */
const THUMB =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='96' height='64'%3E%3Crect width='96' height='64' fill='%236fa8dc'/%3E%3Ccircle cx='70' cy='18' r='9' fill='%23ffe08a'/%3E%3Cpath d='M0 64 34 22 60 50 74 36 96 64z' fill='%23476b3a'/%3E%3C/svg%3E"

let serial = 0
function transfer(part: Partial<ListedTransfer>): ListedTransfer {
  return {
    id: `t${serial++}`,
    direction: 'in',
    name: 'IMG_2041.HEIC',
    bytes: 0,
    total: 4.2 * MB,
    state: 'moving',
    phase: 'sending',
    lane: 'webrtc',
    deviceId: 'a',
    deviceName: 'Pixel 8',
    canShow: false,
    canRetry: false,
    asks: false,
    ...part,
  }
}
const done = (part: Partial<ListedTransfer>): ListedTransfer =>
  transfer({ state: 'done', proof: 'verified', canShow: true, bytes: 4.2 * MB, ...part })
const failed = (part: Partial<ListedTransfer>): ListedTransfer =>
  transfer({ state: 'failed', direction: 'out', canRetry: true, ...part })

const finished = [
  done({
    name: 'Quarterly report, the very last version that anybody is going to write this year (final).pdf',
    total: 812_300,
  }),
  done({ name: 'voice memo.m4a', total: 1.9 * MB, direction: 'out', canShow: false }),
  done({ name: '2026年秋季家庭旅行照片与视频合集（全部原图）.zip', total: 2.41e9 }),
]

const sending = [
  transfer({ name: 'holiday in the mountains 2026.mp4', direction: 'out', bytes: 642 * MB, total: 1.84e9 }),
  transfer({ name: 'IMG_2043.HEIC', direction: 'out', phase: 'queued' }),
  transfer({ name: 'IMG_2044.HEIC', direction: 'out', phase: 'queued', total: 3.8 * MB }),
]
const receiving = [
  transfer({ name: 'PXL_20261118_174312345.TS.mp4', bytes: 91 * MB, total: 355 * MB }),
  transfer({ name: 'checksum-me.iso', bytes: 700 * MB, total: 700 * MB, phase: 'checking' }),
]

const paused = (part: Partial<ListedTransfer>): ListedTransfer =>
  transfer({ phase: 'paused', paused: 'away', bytes: 1.6 * MB, ...part })

const held = [
  paused({ name: 'IMG_2051.HEIC', direction: 'out' }),
  paused({ name: 'IMG_2052.HEIC', direction: 'out', paused: 'here' }),
  paused({ name: 'IMG_2053.HEIC', paused: 'there' }),
  paused({ name: 'the long film.mkv', paused: 'disk-full', needBytes: 1.24e9, bytes: 2e9, total: 9e9 }),
  paused({ name: 'another film.mkv', direction: 'out', paused: 'disk-full', bytes: 2e9, total: 9e9 }),
  paused({ name: 'IMG_2054.HEIC', paused: 'disk-error' }),
  paused({ name: 'IMG_2055.HEIC', direction: 'out', paused: 'disk-error', startedOver: true }),
]

const proofs = [
  done({ name: 'IMG_2056.HEIC' }),
  done({ name: 'IMG_2057.HEIC', direction: 'out', canShow: false, startedOver: true }),
  done({ name: 'IMG_2058.HEIC', direction: 'out', canShow: false, proof: 'complete' }),
  done({ name: 'the long film.mkv', direction: 'out', canShow: false, proof: 'browser', lane: 'http', total: 9e9 }),
]

function batch(part: Partial<ListedBatch>): ListedBatch {
  return {
    id: `b${serial++}`,
    direction: 'out',
    name: 'Holiday in the mountains',
    files: 10_000,
    done: 2_140,
    failed: 0,
    verified: 2_140,
    already: 0,
    skipped: 0,
    bytes: 642 * MB,
    total: 3.2e9,
    state: 'moving',
    phase: 'sending',
    deviceId: 'a',
    deviceName: 'Pixel 8',
    canShow: false,
    ...part,
  }
}
const photos = batch({ id: 'photos', direction: 'in', name: '', files: 214, done: 61, verified: 61, failed: 1 })
const received = {
  direction: 'in',
  files: 214,
  done: 214,
  verified: 214,
  state: 'done',
  canShow: true,
  bytes: 3.2e9,
} as const
const crowd = [
  transfer({ batch: 'photos', name: 'IMG_3001.HEIC', bytes: 2.1 * MB }),
  transfer({ batch: 'photos', name: 'IMG_3002.HEIC', bytes: 0.3 * MB }),
  transfer({ batch: 'photos', name: 'IMG_3003.HEIC', phase: 'queued' }),
  failed({ batch: 'photos', name: 'IMG_3000.HEIC', direction: 'in', reason: 'corrupt', canRetry: false }),
  done({ batch: 'photos', name: 'IMG_2999.HEIC' }),
]
const broken = [
  failed({ batch: 'broken', name: 'IMG_4000.HEIC', reason: 'source-changed' }),
  failed({ batch: 'broken', name: 'IMG_4001.HEIC', reason: 'bad-name' }),
]

const card = (part: Partial<TextCard>): TextCard => ({
  id: 'x',
  deviceId: 'a',
  deviceName: 'Pixel 8',
  text: '',
  isCut: false,
  isLink: false,
  copied: false,
  ...part,
})

const owners: readonly Owner[] = [
  { id: 'a', name: 'Pixel 8', kind: 'page', isGone: false },
  { id: 'b', name: 'Mei’s iPhone', kind: 'page', isGone: false },
  { id: 'z', name: '', kind: 'legacy', isGone: true },
]

const asks = (part: Partial<ListedTransfer>): ListedTransfer => transfer({ phase: 'waiting', asks: true, ...part })

/** As long as they get. */
const SIX = 'fd12:3456:789a:1:a8bb:ccff:fedd:eeff'

export const DESK: Readonly<Record<string, AppState>> = {
  waiting: base,
  networks: {
    ...base,
    addresses: [
      { address: '10.8.0.2', adapter: 'tun0', kind: 'vpn' },
      real,
      { address: '192.168.50.4', adapter: 'Ethernet', kind: 'real' },
      { address: '172.17.0.1', adapter: 'docker0', kind: 'virtual' },
    ],
  },
  offline: { ...base, link: null, address: null, addresses: [] },
  'doctor-firewall': base,
  'doctor-public': base,
  'doctor-other': { ...base, addresses: [{ address: '10.8.0.2', adapter: 'tun0', kind: 'vpn' }, real] },
  'doctor-offline': { ...base, link: null, address: null, addresses: [] },
  'doctor-link-local': { ...base, link: null, address: null, addresses: [] },
  'doctor-ipv6': {
    ...base,
    link: { id: 'link', text: LINK.replace(/\/\/.*:/, `//[${SIX}]:`) },
    address: { host: SIX, port: 3186 },
    addresses: [{ ...real, address: SIX }],
  },
  'doctor-subnet': base,
  'doctor-full': base,
  'doctor-open': { ...base, devices: [{ ...pixel, state: 'away' }] },
  'doctor-alone': base,
  connecting: { ...base, devices: [{ ...pixel, state: 'connecting' }] },
  here: { ...base, devices: [pixel] },
  'here-large-code': { ...base, devices: [pixel] },
  sending: { ...base, devices: [pixel], transfers: [...sending, ...finished] },
  receiving: { ...base, devices: [pixel], transfers: [...receiving, ...finished] },
  two: { ...base, devices: [pixel, iphone], transfers: [...receiving, ...finished] },
  many: {
    ...base,
    devices: [
      pixel,
      iphone,
      { ...legacy, id: 'd', state: 'away' },
      { ...pixel, id: 'e', name: 'Galaxy S25 Ultra of the whole family', state: 'connecting' },
    ],
    transfers: Array.from({ length: 40 }, (_, i) => done({ name: `IMG_${2000 + i}.JPG` })),
  },
  wifi: base,
  'test-done': { ...base, devices: [testable] },
  'test-first': { ...base, devices: [{ ...pixel, test: { ...quiet, kept: TESTS.slice(2, 3) } }] },
  'test-running': { ...base, devices: [{ ...pixel, test: { ...quiet, step: { lane: 'webrtc', what: 'out' } } }] },
  'test-cut': { ...base, devices: [{ ...pixel, test: { ...quiet, isCut: true, kept: [] } }] },
  dragging: { ...base, devices: [pixel], transfers: finished },
  'dragging-two': { ...base, devices: [pixel, iphone], transfers: finished },
  'dragging-nobody': base,
  done: { ...base, devices: [pixel], transfers: finished },
  held: { ...base, devices: [{ ...pixel, state: 'away' }], transfers: held },
  proofs: { ...base, devices: [pixel, iphone], transfers: proofs },
  fetching: {
    ...base,
    devices: [pixel],
    transfers: [
      transfer({ name: 'the long film.mkv', direction: 'out', lane: 'http', total: 9e9 }),
      transfer({ name: 'another film.mkv', direction: 'out', lane: 'http', bytes: 2e9, total: 9e9 }),
    ],
  },
  'batch-sending': {
    ...base,
    devices: [pixel],
    batches: [batch({}), batch({ name: '', phase: 'paused', paused: 'away', files: 31, done: 4 })],
    transfers: finished,
  },
  'batch-open': { ...base, devices: [pixel], batches: [photos], transfers: [...crowd, ...finished] },
  'batch-done': {
    ...base,
    devices: [pixel],
    batches: [
      batch({ ...received, name: 'Holiday in the mountains' }),
      batch({ ...received, direction: 'out', canShow: false, verified: 180, name: '' }),
      batch({
        ...received,
        id: 'broken',
        direction: 'out',
        canShow: false,
        state: 'failed',
        done: 212,
        failed: 2,
        already: 0,
        skipped: 3,
        skippedNames: ['holiday/link to home', 'holiday/a pipe', 'holiday/secret'],
      }),
      batch({ state: 'cancelled', done: 120, files: 214, name: '2026年秋季家庭旅行照片与视频合集' }),
    ],
    transfers: broken,
  },
  unfinished: {
    ...base,
    devices: [{ ...pixel, state: 'away', lastSeen: Date.UTC(2026, 10, 24, 20, 14) }, iphone],
    unfinished: [
      { key: 'u1', deviceId: 'a', name: 'holiday in the mountains 2026.mp4', size: 1.84e9, kept: 1.12e9, at: 0 },
      { key: 'u2', deviceId: 'b', name: 'IMG_2043.HEIC', size: 4.2 * MB, kept: 3.1 * MB, at: 0 },
    ],
  },
  failed: {
    ...base,
    devices: [pixel],
    transfers: [
      failed({ name: 'archive.tar.gz', reason: 'corrupt', total: 90 * MB, bytes: 90 * MB }),
      failed({ name: 'long film.mkv', reason: 'disk-full', direction: 'in', canRetry: false, bytes: 2e9, total: 9e9 }),
      transfer({ name: 'IMG_2050.HEIC', state: 'cancelled', direction: 'out', canRetry: true, reason: 'cancelled' }),
      ...finished,
    ],
  },
  away: { ...base, devices: [{ ...pixel, state: 'away' }], transfers: finished },
  trouble: { ...base, devices: [{ ...pixel, state: 'connecting', trouble: 'no-connection' }] },
  'left-behind': { ...base, transfers: finished },
  legacy: {
    ...base,
    devices: [
      {
        ...legacy,
        notice: 'Please keep the app open while exporting.',
      },
    ],
  },
  records: { ...base, devices: [pixel, iphone], owners, hasHistory: true },
  'records-one': { ...base, devices: [pixel], owners: owners.slice(0, 1) },
  'records-some': { ...base, devices: [pixel, iphone], owners },
  'records-hide': { ...base, devices: [pixel, iphone], owners },
  'records-whole': { ...base, devices: [pixel, iphone], owners },
  'records-many': { ...base, devices: [{ ...pixel, state: 'away' }], owners },
  'records-empty': { ...base, devices: [pixel] },
  'records-exported': {
    ...base,
    devices: [{ ...pixel, state: 'away' }, iphone],
    owners,
    exports: [
      { id: 'e1', deviceId: 'a', deviceName: 'Pixel 8', records: 12, state: 'away', absent: 0 },
      { id: 'e2', deviceId: 'a', deviceName: 'Pixel 8', records: 3, state: 'waiting', absent: 0 },
      { id: 'e3', deviceId: 'b', deviceName: 'Mei’s iPhone', records: 5, state: 'absent', absent: 2 },
    ],
  },
  settings: base,
  'settings-report': base,
  'update-available': { ...base, devices: [pixel], update: updateOf({ state: 'available', version: '0.2.0' }) },
  'update-downloading': {
    ...base,
    devices: [pixel],
    update: updateOf({ state: 'downloading', version: '0.2.0', percent: 34.6 }),
  },
  'update-ready': { ...base, devices: [pixel], update: updateOf({ state: 'ready', version: '0.2.0' }) },
  'settings-update-page': {
    ...base,
    update: { version: '0.1.0', way: { way: 'page', why: 'unsigned' }, now: { state: 'available', version: '0.2.0' } },
  },
  'settings-update-failed': { ...base, update: updateOf({ state: 'failed', at: 'download', why: 'wrong-hash' }) },
  'settings-open': {
    ...base,
    devices: [pixel, { ...iphone, name: 'A phone with a name that goes on for longer than anybody would read' }],
    settings: {
      ...SETTINGS,
      name: 'Mei’s desk',
      inbox: { name: 'usb › Received files of this and of last year', isGone: true },
      isInboxDefault: false,
      kindFolders: { pictures: { name: 'mei › Pictures', isGone: false } },
      phoneFolders: { [iphone.id]: { name: 'mei › 手机', isGone: true } },
      theme: 'dark',
      port: 4000,
    },
  },
  history: { ...base, devices: [pixel], hasHistory: true },
  'history-empty': { ...base, devices: [pixel] },
  'text-box': { ...base, devices: [pixel, { ...iphone, clipboard: true }] },
  texts: {
    ...base,
    devices: [pixel],
    texts: [
      card({ id: 'x1', text: 'https://ferries.example/timetable/winter?from=north-quay', isLink: true }),
      card({ id: 'x2', text: 'Meeting moved to Thursday 14:30, room 3.12.\nBring the printed plans.', copied: true }),
      card({ id: 'x3', text: 'A long one. '.repeat(50), isCut: true }),
    ],
    transfers: finished,
  },
  'paste-two': { ...base, devices: [pixel, iphone] },
  'handed-which': {
    ...base,
    devices: [pixel, iphone],
    handed: { count: 1, name: 'holiday in the mountains 2026.mp4', phones: ['b', 'a'] },
  },
  'handed-waits': { ...base, handed: { count: 2_000, name: 'IMG_2041.HEIC', phones: null } },
  'handed-away': {
    ...base,
    devices: [{ ...pixel, state: 'away' }],
    handed: { count: 1, name: 'holiday in the mountains 2026.mp4', phones: null },
  },
  'paste-nobody': { ...base, devices: [{ ...pixel, state: 'away' }] },
  'files-unread': {
    ...base,
    fileNotes: [
      { file: 'devices.json', what: 'unread', detail: 'EACCES' },
      { file: 'settings.json', what: 'set-aside', detail: 'settings.json.unreadable-1' },
    ],
  },
  'records-full': {
    ...base,
    devices: [pixel],
    fileNotes: [
      { file: 'lanyard.db', what: 'full', detail: 'Pixel 8' },
      { file: 'lanyard.db', what: 'unwritten', detail: 'SQLite3Error: database or disk is full' },
    ],
  },
  'phones-locked': { ...base, fileNotes: [{ file: 'devices.json', what: 'locked', detail: 'devices.json.locked-1' }] },
  'inbox-other': { ...base, devices: [pixel], isOtherInbox: true },
  'paste-no-texts': { ...base, devices: [legacy] },
  'dragging-text': { ...base, devices: [pixel, iphone] },
  'send-empty': { ...base, devices: [pixel], sendNote: { what: 'empty', skipped: 0 } },
  'send-none': {
    ...base,
    devices: [pixel],
    sendNote: { what: 'nothing', skipped: 2, skippedNames: ['a pipe', 'secret'] },
  },
  'send-some': {
    ...base,
    devices: [pixel],
    transfers: finished,
    sendNote: { what: 'some', skipped: 1, skippedNames: ['résumé.pdf'] },
  },
  'left-out': {
    ...base,
    devices: [pixel],
    transfers: [
      done({
        name: 'holiday.zip',
        direction: 'out',
        canShow: false,
        total: 2.4e9,
        skipped: 3,
        skippedNames: ['holiday/link to home', 'holiday/a pipe', 'holiday/secret'],
      }),
      transfer({
        name: 'logs.zip',
        direction: 'out',
        bytes: 91 * MB,
        total: 355 * MB,
        skipped: 1_204,
        skippedNames: Array.from({ length: 20 }, (_, n) => `logs/2026/link ${n}`),
      }),
    ],
  },
  'store-set-aside': { ...base, devices: [pixel], storeNote: { what: 'unreadable' } },
  'legacy-asks': { ...base, legacyQuestions: [{ id: 'q', address: '192.168.1.37', role: 1 }] },
  'files-ask': {
    ...base,
    devices: [{ ...pixel, autoAccept: false }],
    transfers: [
      asks({ name: 'notes.txt', total: 1_200 }),
      asks({ name: `${'A name that goes on and on '.repeat(190)}.pdf`, total: 12 * MB }),
      asks({ name: 'IMG_2043.HEIC', thumb: THUMB }),
      asks({ name: 'IMG_2044.HEIC', thumb: 'data:image/jpeg;base64,/9j/broken' }),
      asks({ name: 'PXL_20261118.mp4', total: 355 * MB }),
      ...finished,
    ],
  },
  'file-asks': {
    ...base,
    devices: [legacy],
    transfers: [asks({ name: 'export-1.zip', deviceId: 'c', deviceName: '' })],
  },
}
