import { randomBytes } from 'node:crypto'
import type { WalkSummary } from '#inbox/walk-tally.ts'
import { Walk, type FoundFile } from '#inbox/walk.ts'
import type { Batch } from '#protocol/frames.ts'
import { SHOWN_SINGLY_MAX } from '#transfer/transfer-view.ts'
import { TransferError } from '#transfer/errors.ts'
import { leftOut, saidOf, together, type LeftOut } from '#transfer/left-out.ts'
import type { HandOut } from '#transfer/sender.ts'
import type { Source } from '#transfer/source.ts'
import type { Spot, UnsentFile } from '#store/unsent.ts'
import type { SendNoteView } from '#electron/app-state.ts'
import { refOf, type AppEvent } from '#core/app-events.ts'
import type { DownloadHost } from '#core/core-options.ts'
import { newId } from '#core/ids.ts'
import type { Device } from '#core/devices/device.ts'
import type { ResendQueue } from './resend-queue.ts'
import { now, sourceFrom, zipOf } from './local-source.ts'

/** What sending needs of the core. */
export interface Outlet {
  deviceOf(id: string): Device | undefined
  readonly resendQueue: Pick<ResendQueue, 'filesFor' | 'textsFor'>
  readonly transferList: {
    send(deviceId: string, sources: readonly Source[]): boolean
    sendBatch(device: Device, batch: Omit<Batch, 't'>, files: readonly UnsentFile[], left?: LeftOut): boolean
  }
}

/** What became of what a person dropped or chose. */
export interface SendOutcome extends LeftOut {
  /** `zip`, `batch`: a row of the list tells what is left out. `empty`: there was nothing in it. `nothing`: it can't be sent. */
  readonly as: 'files' | 'zip' | 'batch' | 'empty' | 'nothing'
}

/**
 * Sends what a person dropped or chose to the device. Apps get folders as they are; a browser, which has no folders to
 * put things in, gets a folder or a crowd as one zip. Links, pipes and devices in folders are left out, and told.
 * `lost`: names of what has no path that could be opened. Throws TransferError `peer-left` where nobody could take it.
 */
export async function sendPaths(
  core: Outlet,
  deviceId: string,
  paths: readonly string[],
  lost: readonly string[] = [],
): Promise<SendOutcome> {
  const device = core.deviceOf(deviceId)
  if (device === undefined) return { as: 'nothing', skipped: 0 }
  const walk = new Walk(paths)
  const found: Spot[] = []
  for await (const file of walk) found.push(spotOf(file))
  const { skipped, skippedCount, empty } = walk.summary
  const left = together(
    leftOut(
      skipped.map(({ path }) => path),
      skippedCount,
    ),
    leftOut(lost),
  )
  if (found.length === 0) return { as: left.skipped === 0 ? 'empty' : 'nothing', ...left }
  const outcome = await sendFound(core, device, { found, left, empty })
  // Nobody who could take it, now or later: whoever asked is told.
  if (outcome === null) throw new TransferError('peer-left')
  return outcome
}

/** What a walk has found. */
interface Walked {
  readonly found: readonly Spot[]
  readonly left: LeftOut
  /** Folders that have no files. */
  readonly empty: WalkSummary['empty']
}

/** Null: nobody is there to take it. */
async function sendFound(core: Outlet, device: Device, walked: Walked): Promise<SendOutcome | null> {
  const { found, empty } = walked
  const isPlain = found.every(({ path }) => path.length === 0) && empty.length === 0
  // An app of 2018 knows neither folders nor batches: it gets the files.
  if (device.kind === 'legacy' || (isPlain && found.length <= SHOWN_SINGLY_MAX)) return sendEach(core, device, walked)
  if (!device.takesFolders) return sendZip(core, device, walked)
  return sendAsTheyAre(core, device, walked)
}

/**
 * Sends what an earlier run had on its way to the device, by the same ids, each file where its bytes are still the same.
 * `isMeant`: of all that is kept for it, only these.
 */
export function sendAgain(
  { transferList, resendQueue }: Pick<Outlet, 'transferList' | 'resendQueue'>,
  device: Device,
  isMeant: (id: string) => boolean = () => true,
): void {
  device.sync.resume(resendQueue.textsFor(device.id).filter(({ id }) => isMeant(id)))
  const batches = new Map<string, UnsentFile[]>()
  for (const one of resendQueue.filesFor(device.id).filter(({ id }) => isMeant(id))) {
    if (one.batch === undefined) transferList.send(device.id, [{ ...sourceFrom(one.local), id: one.id }])
    else if (!batches.get(one.batch.id)?.push(one)) batches.set(one.batch.id, [one])
  }
  for (const rest of batches.values()) sendBatch(transferList, device, rest)
}

/** A link that was chosen itself is what it leads to. */
const spotOf = (file: FoundFile): Spot => ({
  ...file,
  path: [...file.path],
  ...(file.path.length === 0 && { through: true }),
})

async function sendEach(core: Outlet, device: Device, walked: Walked): Promise<SendOutcome | null> {
  const { found } = walked
  const sources = await Promise.all(found.map((file) => now({ ...file, path: [] }).catch(() => null)))
  const there = sources.filter((source) => source !== null)
  const gone = found.filter((_, n) => sources[n] === null).map(({ name }) => name)
  const all = together(withEmpty(walked), leftOut(gone))
  if (there.length === 0) return { as: 'nothing', ...all }
  return core.transferList.send(device.id, there) ? { as: 'files', ...all } : null
}

function sendZip({ transferList }: Outlet, device: Device, { found, left, empty }: Walked): SendOutcome | null {
  const zip = zipOf({ name: `${nameOf(found)}.zip`, made: Date.now(), spots: [...found], folders: empty, ...left })
  return transferList.send(device.id, [zip]) ? { as: 'zip', ...left } : null
}

/** Apps are given files, and make folders for them: one without any is among what is left out. */
function sendAsTheyAre({ transferList }: Outlet, device: Device, walked: Walked): SendOutcome | null {
  const { found } = walked
  const all = withEmpty(walked)
  const batch = { id: newId(), name: nameOf(found), skipped: all.skipped }
  const files = found.map((spot, n) => {
    // Its names are written down once, with the file that is the last to go.
    const isLast = n === found.length - 1
    const local = { kind: 'file' as const, spot }
    return { device: device.id, id: newId(), local, batch: isLast ? { ...batch, ...saidOf(all) } : batch }
  })
  return sendBatch(transferList, device, files) ? { as: 'batch', ...all } : null
}

/** Who takes nothing but files is told of folders that have none. */
const withEmpty = ({ left, empty }: Walked): LeftOut =>
  together(left, leftOut(empty.map((path) => `${path.join('/')}/`)))

/** `files`: of one batch, with its name. */
function sendBatch(transferList: Outlet['transferList'], device: Device, files: readonly UnsentFile[]): boolean {
  const batches = files.map(({ batch }) => batch).filter((batch) => batch !== undefined)
  const [first] = batches
  if (first === undefined) return false
  const bytes = files.reduce((sum, { local }) => sum + sourceFrom(local).size, 0)
  const left = leftOut(batches.at(-1)?.skippedNames ?? [], first.skipped ?? 0)
  return transferList.sendBatch(device, { id: first.id, name: first.name, files: files.length, bytes }, files, left)
}

/** The folder's name; of several, the first one's, which is what a person remembers. */
const nameOf = ([first]: readonly Spot[]): string => first?.path[0] ?? first?.name ?? ''

export interface SendNoteOptions {
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: () => void
}

/** Sends for a person, and keeps what they should know of it where no row of the list says so, until they send again. */
export class SendNote {
  view: SendNoteView | null = null
  readonly #options: SendNoteOptions

  constructor(options: SendNoteOptions) {
    this.#options = options
  }

  clear(): void {
    if (this.view === null) return
    this.view = null
    this.#options.onChange()
  }

  /** Sends what a person dropped or chose. `lost`: names of things among it that have no path. */
  async send(core: Outlet, deviceId: string, paths: readonly string[], lost: readonly string[] = []): Promise<void> {
    this.clear()
    if (paths.length + lost.length > 0) this.#told(core, deviceId, await sendPaths(core, deviceId, paths, lost))
  }

  #told(core: Outlet, deviceId: string, outcome: SendOutcome): void {
    const { as, ...left } = outcome
    const device = core.deviceOf(deviceId)
    if (left.skipped > 0 && device !== undefined)
      this.#options.onEvent({ event: 'skipped', device: refOf(device), ...left })
    // What is left out of a zip or a batch is told in its row, unless it is known here alone.
    if (as === 'empty' || as === 'nothing') this.view = { what: as, ...left }
    else if (as === 'files' && left.skipped > 0) this.view = { what: 'some', ...left }
    else return
    this.#options.onChange()
  }
}

/** Sends once more what was sent before. Throws TransferError `source-changed` when it is not there any more. */
export async function sendOnceMore(core: Outlet, deviceId: string, path: string): Promise<void> {
  const { as } = await sendPaths(core, deviceId, [path])
  if (as === 'nothing' || as === 'empty') throw new TransferError('source-changed')
}

/** Offers a file at the hub as a download for this device alone. Throws TransferError `too-large` where the hub offers none. */
export function handOut(
  downloads: DownloadHost | null,
  { id: deviceId }: Pick<Device, 'id'>,
  source: Source,
  events: Parameters<HandOut>[1],
): ReturnType<HandOut> {
  if (downloads === null) throw new TransferError('too-large')
  const { name, size, mtime } = source
  const { path, revoke } = downloads.offer({
    ...{ deviceId, name, size, mtime },
    // For this offer alone: `open` sees to it that the bytes stay what they were.
    etag: randomBytes(12).toString('hex'),
    open: () => source.open(),
    onProgress: (bytes) => {
      events.taken(bytes)
    },
    onDone: () => {
      events.over()
    },
    onGone: (reason) => {
      events.failed(reason)
    },
  })
  return { path, stop: revoke }
}
