import type { PeerKind } from '#protocol/hub-events.ts'
import type { WantThumb } from '#transfer/receiver.ts'
import type { Responder } from './person.ts'
import { thumbnailUrl } from './transfers/thumbnail.ts'

/** A file that somebody wants to send here. */
export interface Offer {
  /** Of its row. */
  readonly id: string
  /** What its device is called; may be empty. */
  readonly from: string
  readonly kind: PeerKind
  /** The device is on auto-accept, and the file is none that always needs a click. */
  readonly trusted: boolean
  /** Nothing but a person's yes lets it in. */
  readonly wary: boolean
  /** As it will be called here. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Asks its device for a thumbnail. */
  readonly look?: WantThumb
}

/** Files whose thumbnails are there or asked for: what the window shows of a batch, and some 200 kB in its state. */
export const THUMBS_MAX = 24

export interface FilePromptsPorts {
  readonly person: Responder
  /** Legacy apps are let in without asking. */
  readonly legacyAlways: () => boolean
  readonly onChange: () => void
}

/**
 * Files that wait for a person's yes. A session bounds how many a device may offer, and a file's end, whatever ended
 * it, ends its question too: so nothing gathers here.
 */
export class FilePrompts {
  readonly #ports: FilePromptsPorts
  readonly #pending = new Map<string, (yes: boolean) => void>()
  /** Of pending ones only; null until it is there. */
  readonly #thumbs = new Map<string, string | null>()

  constructor(ports: FilePromptsPorts) {
    this.#ports = ports
  }

  ask(offer: Offer): Promise<boolean> {
    const { person, legacyAlways } = this.#ports
    if (offer.trusted) return Promise.resolve(true)
    if (person === 'window') {
      const answer = this.#wait(offer.id, () => undefined)
      if (offer.look) this.#lookAt(offer.id, offer.look)
      return answer
    }
    // Without a window, who lets every such app in wants its files: there is no other way to say so.
    if (offer.kind === 'legacy' && legacyAlways() && !offer.wary) return Promise.resolve(true)
    if (person === 'nobody') return Promise.resolve(false)
    const gone = new AbortController()
    const { from, name, size } = offer
    void person({ about: 'file', from, name, size }, gone.signal).then(
      (yes) => {
        this.answer([offer.id], yes)
      },
      () => {
        this.answer([offer.id], false)
      },
    )
    return this.#wait(offer.id, () => {
      gone.abort()
    })
  }

  has(id: string): boolean {
    return this.#pending.has(id)
  }

  /** A data: URL; undefined while there is none. It is forgotten with the question. */
  thumb(id: string): string | undefined {
    return this.#thumbs.get(id) ?? undefined
  }

  /** Ids that wait for nothing any more are passed over. */
  answer(ids: readonly string[], yes: boolean): void {
    for (const id of ids) this.#pending.get(id)?.(yes)
  }

  #lookAt(id: string, look: WantThumb): void {
    if (this.#thumbs.size >= THUMBS_MAX) return
    this.#thumbs.set(id, null)
    look((jpeg) => {
      const url = thumbnailUrl(jpeg)
      if (url === null || !this.#thumbs.has(id)) return
      this.#thumbs.set(id, url)
      this.#ports.onChange()
    })
  }

  #wait(id: string, over: () => void): Promise<boolean> {
    return new Promise((resolve) => {
      this.#pending.set(id, (yes) => {
        this.#pending.delete(id)
        this.#thumbs.delete(id)
        over()
        resolve(yes)
        this.#ports.onChange()
      })
      this.#ports.onChange()
    })
  }
}
