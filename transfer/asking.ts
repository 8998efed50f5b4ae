import { fromBase64Url } from '#protocol/base64url.ts'
import type { Frame, OfferFile } from '#protocol/frames.ts'
import { TransferError } from './errors.ts'
import type { Condition } from './concurrency.ts'

/**
 * Asks the sender for a thumbnail of the file, for the person who decides. Calls back once or never, and not after the
 * answer. What comes is anything that the other side likes: to be checked before it is shown.
 */
export type WantThumb = (seen: (jpeg: Uint8Array) => void) => void

/** Whether a file is wanted; it may take a person to say so. Rejects for one that can't be taken whatever they say. */
export type MayTake = (offer: OfferFile, look: WantThumb) => Promise<boolean>

/** The question whether a file is wanted, and what a person gets to see of it before the answer. */
export class Asking {
  readonly #condition: Condition
  readonly #ports: { frame(frame: Frame): void }
  /** Who waits for a thumbnail. */
  #seen: ((jpeg: Uint8Array) => void) | null = null

  constructor(condition: Condition, ports: { frame(frame: Frame): void }) {
    this.#condition = condition
    this.#ports = ports
  }

  /** Throws TransferError for one that is not. A person may take all day; a sender that cancels ends it at once. */
  async beWanted(offer: OfferFile, mayTake: MayTake | undefined): Promise<void> {
    if (mayTake === undefined) return
    const said = { yes: false }
    const look: WantThumb = (seen) => {
      if (offer.thumb !== true) return
      this.#seen = seen
      this.#askToLook(offer)
    }
    const answer = mayTake(offer, look).then(
      (yes) => {
        said.yes = yes
      },
      (error: unknown) => {
        this.#condition.fail(error instanceof Error ? error : new TransferError('failed'))
      },
    )
    await this.#condition.pass(answer).finally(() => {
      this.#seen = null
    })
    if (!said.yes) throw new TransferError('not-allowed')
  }

  /** The lane that was to bring the thumbnail may be gone, and what was said on it with it. */
  again(offer: OfferFile): void {
    if (this.#seen !== null) this.#askToLook(offer)
  }

  /** What has come as a thumbnail. */
  show(data: string): void {
    const seen = this.#seen
    this.#seen = null
    const jpeg = fromBase64Url(data)
    if (jpeg !== null) seen?.(jpeg)
  }

  #askToLook({ n }: OfferFile): void {
    this.#ports.frame({ t: 'want-thumb', n })
  }
}
