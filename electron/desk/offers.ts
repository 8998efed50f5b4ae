import type { PeerKind } from '#protocol/hub-events.ts'
import type { Person } from './person.ts'

/** A file that somebody wants to send here. */
export interface Offer {
  /** Of its row. */
  readonly id: string
  /** What its device is called; may be empty. */
  readonly from: string
  readonly kind: PeerKind
  /** The device is on auto-accept. */
  readonly trusted: boolean
  readonly name: string
  /** Bytes. */
  readonly size: number
}

export interface OffersPorts {
  readonly person: Person
  /** Legacy apps are let in without asking. */
  readonly legacyAlways: () => boolean
  readonly onChange: () => void
}

/**
 * Files that wait for a person's yes. A session bounds how many a device may offer, and a file's end, whatever ended
 * it, ends its question too: so nothing gathers here.
 */
export class Offers {
  readonly #ports: OffersPorts
  readonly #pending = new Map<string, (yes: boolean) => void>()

  constructor(ports: OffersPorts) {
    this.#ports = ports
  }

  ask(offer: Offer): Promise<boolean> {
    const { person, legacyAlways } = this.#ports
    if (offer.trusted) return Promise.resolve(true)
    if (person === 'window') return this.#wait(offer.id, () => undefined)
    // Without a window, who lets every such app in wants its files: there is no other way to say so.
    if (offer.kind === 'legacy' && legacyAlways()) return Promise.resolve(true)
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

  /** Ids that wait for nothing any more are passed over. */
  answer(ids: readonly string[], yes: boolean): void {
    for (const id of ids) this.#pending.get(id)?.(yes)
  }

  #wait(id: string, over: () => void): Promise<boolean> {
    return new Promise((resolve) => {
      this.#pending.set(id, (yes) => {
        this.#pending.delete(id)
        over()
        resolve(yes)
        this.#ports.onChange()
      })
      this.#ports.onChange()
    })
  }
}
