import type { OfferFile } from '#protocol/frames.ts'
import type { Session } from '#transfer/session.ts'
import type { Sink } from '#transfer/sink.ts'
import { PULSE_MS } from '#ui/pulse.ts'
import { Soon } from '#transfer/soon.ts'
import type { TransferView } from '#transfer/view.ts'
import { blobSink, blobSource } from './blob-file.ts'
import type { PhoneTransfer } from './model.ts'
import { Thumbnails } from './thumbnails.ts'

/** Milliseconds: changes within it are shown as one. */
const SHOW_WITHIN_MS = 50

/** The page's list of transfers: what was picked, what arrived and where it can be saved again. */
export class PhoneTransfers {
  list = $state.raw<readonly PhoneTransfer[]>([])
  // Plain maps: `list` is what is shown, made anew of them a few times a second.
  /* eslint-disable svelte/prefer-svelte-reactivity */
  readonly #views = new Map<string, TransferView>()
  readonly #files = new Map<string, File>()
  readonly #saved = new Map<string, string>()
  /* eslint-enable svelte/prefer-svelte-reactivity */
  readonly #thumbnails = new Thumbnails()
  readonly #soon = new Soon(() => {
    this.list = [...this.#views.values()].reverse().map((view) => this.#row(view))
  })

  send(session: Session | null, file: File): void {
    if (session === null) return
    const id = session.send(blobSource(file, this.#thumbnails))
    this.#files.set(id, file)
    this.#show()
  }

  retry(session: Session | null, id: string): void {
    const file = this.#files.get(id)
    if (session === null || file === undefined || this.#views.get(id)?.state === 'moving') return
    this.#forget(id)
    this.send(session, file)
  }

  clearFinished(): void {
    for (const [id, view] of this.#views) if (view.state !== 'moving') this.#forget(id)
    this.#show()
  }

  put(view: TransferView): void {
    const before = this.#views.get(view.id)
    this.#views.set(view.id, view)
    const turned = before?.state !== view.state || before.phase !== view.phase
    this.#soon.within(turned ? SHOW_WITHIN_MS : PULSE_MS)
  }

  openSink(offer: OfferFile): Promise<Sink> {
    return Promise.resolve(
      blobSink(offer.name, (file) => {
        const url = URL.createObjectURL(file)
        this.#saved.set(offer.id, url)
        save(url, offer.name)
      }),
    )
  }

  #forget(id: string): void {
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
