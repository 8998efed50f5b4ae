import type { Batch, OfferFile, Unfinished } from '#protocol/frames.ts'
import { UNFINISHED_MAX } from '#protocol/limits.ts'
import { BatchTally } from '#transfer/batch-tally.ts'
import type { BatchView, TransferView } from '#transfer/transfer-view.ts'
import { saidOf, type LeftOut } from '#transfer/left-out.ts'
import type { Session } from '#transfer/session.ts'
import type { Sink } from '#transfer/sink.ts'
import type { Source } from '#transfer/source.ts'
import { PULSE_MS } from '#ui/pace.svelte.ts'
import { Debounce } from '#transfer/debounce.ts'
import { BlobFile, blobSource, type Thumbnail } from './blob-file.ts'
import type { Picked } from './folder-pick.ts'
import { newId } from './ids.ts'
import type { PhoneTransfer } from './model.ts'

/** Milliseconds: changes within it are shown as one. */
const SHOW_WITHIN_MS = 50

/**
 * Bytes of arriving files that this page holds at most: beyond it phones run out of memory and the browser drops the
 * page. iPhones and iPads (which call themselves Macs, and are the only Macs to be touched) sooner than others.
 */
const IS_APPLE = /iP(?:hone|ad|od)|Mac OS X/.test(navigator.userAgent) && navigator.maxTouchPoints > 1
const HOLD_BYTES_MAX = IS_APPLE ? 150_000_000 : 256_000_000

/** Transfers that have ended which the page goes on showing; the oldest makes room. */
const FINISHED_MAX = 500

const NONE_LEFT: LeftOut = { skipped: 0 }

/** The page's list of transfers: what was picked, what arrived and where it can be saved again. */
export class PhoneTransfers {
  list = $state.raw<readonly PhoneTransfer[]>([])
  batches = $state.raw<readonly BatchView[]>([])
  /** What the computer keeps of files that this page, before it was loaded again, had begun to send. */
  unfinished = $state.raw<readonly Unfinished[]>([])
  // Plain maps: `list` is what is shown, made anew of them a few times a second.
  /* eslint-disable svelte/prefer-svelte-reactivity */
  readonly #views = new Map<string, TransferView>()
  readonly #files = new Map<string, File>()
  readonly #saved = new Map<string, string>()
  readonly #arriving = new Map<string, BlobFile>()
  /** Of those that have ended, the oldest first. */
  readonly #ended = new Set<string>()
  /* eslint-enable svelte/prefer-svelte-reactivity */
  readonly #thumbnail: Thumbnail
  readonly #batches = new BatchTally()
  readonly #soon = new Debounce(() => {
    const shown = [...this.#views.values()].filter((view) => this.#batches.isShownSingly(view))
    this.list = shown.reverse().map((view) => this.#row(view))
    this.batches = this.#batches.views
  })

  constructor(thumbnail: Thumbnail) {
    this.#thumbnail = thumbnail
  }

  /** Many at once belong together, and so do those with an id for it: one receipt, and one row when they are very many. */
  sendAll(session: Session | null, picked: readonly Picked[], id?: string, left: LeftOut = NONE_LEFT): void {
    const [first] = picked
    if (session === null || first === undefined) return
    if (id === undefined && picked.length === 1 && first.path.length === 0 && left.skipped === 0) {
      this.send(session, first.file)
      return
    }
    const batch = {
      id: id ?? newId(),
      name: first.path[0] ?? first.file.name,
      files: picked.length,
      bytes: picked.reduce((sum, { file }) => sum + file.size, 0),
    }
    this.#batches.add(batch, 'out', left)
    session.sendBatch({ ...batch, ...saidOf(left) }, this.#sources(picked))
    this.#show()
  }

  /** The computer sends many that belong together. */
  announced(batch: Batch): void {
    this.#batches.add(batch, 'in', { skipped: 0, ...saidOf(batch) })
    this.#show()
  }

  isBatch(id: string): boolean {
    return this.#batches.has(id)
  }

  cancelBatch(session: Session | null, id: string): void {
    this.#batches.cancel(id)
    session?.cancelBatch(id)
    this.#show()
  }

  async *#sources(picked: readonly Picked[]): AsyncGenerator<Source, void, undefined> {
    for (const { path, file } of picked) {
      const id = newId()
      this.#files.set(id, file)
      yield await Promise.resolve({ ...blobSource(file, this.#thumbnail), id, ...(path.length > 0 && { path }) })
    }
  }

  /** One of a file that was begun before goes on from what the computer has, if it is still the same. */
  send(session: Session | null, file: File): void {
    if (session === null) return
    const before = this.unfinished.find(({ name, size }) => name === file.name && size === file.size)
    this.unfinished = this.unfinished.filter((one) => one !== before)
    const source = blobSource(file, this.#thumbnail, before?.mtime)
    const id = session.send(before === undefined ? source : { ...source, id: before.id })
    this.#files.set(id, file)
    this.#show()
  }

  /** The computer has some of a file. What is being sent just now goes on by itself. */
  addUnfinished(file: Unfinished): void {
    if (this.#views.has(file.id)) return
    this.unfinished = [...this.unfinished.filter(({ id }) => id !== file.id), file].slice(-UNFINISHED_MAX)
  }

  forgetUnfinished(id: string): void {
    this.unfinished = this.unfinished.filter((one) => one.id !== id)
  }

  retry(session: Session | null, id: string): void {
    const file = this.#files.get(id)
    if (session === null || file === undefined || this.#views.get(id)?.state === 'moving') return
    this.#forget(id)
    this.send(session, file)
  }

  clearFinished(): void {
    for (const [id, view] of this.#views) if (view.state !== 'moving') this.#forget(id)
    this.#batches.clearOver()
    this.#show()
  }

  put(view: TransferView): void {
    const before = this.#views.get(view.id)
    this.#batches.put(view)
    if (view.state === 'done' && !this.#batches.isShownSingly(view)) this.#forget(view.id)
    else this.#keep(view)
    // Also where it was let go of and nobody offered it again: else its bytes stay, and nobody counts them.
    if (view.state !== 'moving') this.#arriving.delete(view.id)
    const turned = before?.state !== view.state || before.phase !== view.phase
    this.#soon.within(turned ? SHOW_WITHIN_MS : PULSE_MS)
  }

  /** Whether the file is more than this page can hold beside what is arriving. */
  isTooLarge({ id, size }: OfferFile): boolean {
    if (this.#arriving.has(id)) return false
    const held = [...this.#views.values()].filter((one) => this.#arriving.has(one.id))
    return size + held.reduce((sum, one) => sum + one.total, 0) > HOLD_BYTES_MAX
  }

  openSink(offer: OfferFile, fresh: boolean): Promise<Sink> {
    const { id, name } = offer
    const before = fresh ? undefined : this.#arriving.get(id)
    const file =
      before ??
      new BlobFile(name, (blob) => {
        const url = URL.createObjectURL(blob)
        this.#saved.set(id, url)
        save(url, name)
      })
    this.#arriving.set(id, file)
    return Promise.resolve(file.sink(() => this.#arriving.delete(id)))
  }

  #keep(view: TransferView): void {
    this.#views.set(view.id, view)
    this.#ended.delete(view.id)
    if (view.state !== 'moving') this.#ended.add(view.id)
    const [oldest] = this.#ended
    if (this.#ended.size > FINISHED_MAX && oldest !== undefined) this.#forget(oldest)
  }

  #forget(id: string): void {
    this.#ended.delete(id)
    const url = this.#saved.get(id)
    if (url !== undefined) URL.revokeObjectURL(url)
    this.#saved.delete(id)
    this.#views.delete(id)
    this.#files.delete(id)
  }

  #show(): void {
    this.#soon.within(SHOW_WITHIN_MS)
  }

  #row(view: TransferView): PhoneTransfer {
    const saved = view.state === 'done' ? this.#saved.get(view.id) : undefined
    const over = view.state === 'failed' || view.state === 'cancelled'
    return { ...view, canRetry: over && this.#files.has(view.id), ...(saved !== undefined && { saved }) }
  }
}

/** A download without a tap: the browser may still ask whether to keep the file. */
function save(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
