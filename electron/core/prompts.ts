import type { LegacyQuestion } from '#electron/app-state.ts'
import type { LegacyRequest } from '#hub/legacy-approval.ts'
import type { OfferFile } from '#protocol/frames.ts'
import type { PeerKind } from '#protocol/hub-events.ts'
import type { LegacyPolicy } from '#store/setting-rows.ts'
import type { WantThumb } from '#transfer/receiver.ts'
import type { AppEvent } from './app-events.ts'
import { newId } from './ids.ts'
import { thumbnailUrl } from './transfers/thumbnail.ts'

/** What is known of a file before it comes. */
export type IncomingFile = Pick<OfferFile, 'id' | 'name' | 'size' | 'mtime' | 'path' | 'batch'>

/** A question that is put to a person outside of the window. Names are foreign text. */
export type Question =
  | { readonly about: 'app'; readonly request: LegacyRequest }
  | { readonly about: 'file'; readonly from: string; readonly name: string; readonly size: number }

/**
 * Who answers: whoever sits before the window, whoever sits at the terminal, or nobody, as under a service manager.
 * `gone` is aborted when the answer is not wanted any more.
 */
export type Responder = 'window' | 'nobody' | ((question: Question, gone: AbortSignal) => Promise<boolean>)

/** The question whether a file may come. */
export interface FileQuestion {
  /** The row's id. */
  readonly id: string
  /** What the file's device is called; may be empty. */
  readonly from: string
  readonly kind: PeerKind
  /** The device is on auto-accept, and the file is none that always needs a click. */
  readonly trusted: boolean
  /** Nothing but a person's yes lets it in. */
  readonly wary: boolean
  /** What the file will be called here. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Asks the file's device for a thumbnail. */
  readonly look?: WantThumb
}

/** Files whose thumbnails are there or asked for: what the window shows of a batch, and some 200 kB in its state. */
export const THUMBS_MAX = 24

export interface FilePromptsOptions {
  readonly person: Responder
  /** Legacy apps are let in without asking. */
  readonly legacyAlways: () => boolean
  readonly onChange: () => void
}

/**
 * Asks a person about files that devices offer. A session bounds how many a device may offer, and a file's end, whatever
 * ended it, ends its question too: so nothing gathers here.
 */
export class FilePrompts {
  readonly #options: FilePromptsOptions
  readonly #pending = new Map<string, (yes: boolean) => void>()
  /** By the id of a pending question; null until the thumbnail is there. */
  readonly #thumbs = new Map<string, string | null>()

  constructor(options: FilePromptsOptions) {
    this.#options = options
  }

  ask(offer: FileQuestion): Promise<boolean> {
    const { person, legacyAlways } = this.#options
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

  /** Returns the thumbnail as a data: URL; undefined while there is none. It is forgotten with the question. */
  thumb(id: string): string | undefined {
    return this.#thumbs.get(id) ?? undefined
  }

  /** Answers these questions; ids of questions that are over are ignored. */
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
      this.#options.onChange()
    })
  }

  #wait(id: string, over: () => void): Promise<boolean> {
    return new Promise((resolve) => {
      this.#pending.set(id, (yes) => {
        this.#pending.delete(id)
        this.#thumbs.delete(id)
        over()
        resolve(yes)
        this.#options.onChange()
      })
      this.#options.onChange()
    })
  }
}

export interface LegacyPromptsOptions {
  readonly policy: LegacyPolicy
  readonly person: Responder
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: () => void
}

/** Milliseconds between two lines about the same refusal: whoever knocks all day must not fill the log. */
const TELL_EVERY_MS = 10_000

/** Asks a person about legacy apps, of 2018, that want to join; keeps what is still to be answered in the window. */
export class LegacyPrompts {
  policy: LegacyPolicy
  readonly #options: LegacyPromptsOptions
  readonly #pending = new Map<string, { readonly request: LegacyRequest; readonly answer: (yes: boolean) => void }>()
  #toldAt = -Infinity

  constructor(options: LegacyPromptsOptions) {
    this.policy = options.policy
    this.#options = options
  }

  /** Asks whether an app may join; for the hub, which bounds how many wait and how long. */
  readonly ask = (request: LegacyRequest, gone: AbortSignal): Promise<boolean> => {
    const { person } = this.#options
    if (this.policy !== 'ask') return Promise.resolve(this.policy === 'always')
    if (person === 'window') return this.#askWindow(request, gone)
    if (person !== 'nobody') return person({ about: 'app', request }, gone)
    this.#tellRefused(request)
    return Promise.resolve(false)
  }

  /** Returns what waits for an answer, oldest first. */
  questions(): LegacyQuestion[] {
    return [...this.#pending].map(([id, { request }]) => ({ id, ...request }))
  }

  answer(id: string, yes: boolean): void {
    this.#pending.get(id)?.answer(yes)
  }

  /** Changes the policy from now on; what is being asked stays a question. */
  setPolicy(policy: LegacyPolicy): void {
    this.policy = policy
    this.#options.onChange()
  }

  async #askWindow(request: LegacyRequest, gone: AbortSignal): Promise<boolean> {
    const id = newId()
    try {
      return await new Promise<boolean>((answer) => {
        this.#pending.set(id, { request, answer })
        gone.addEventListener('abort', () => {
          answer(false)
        })
        this.#options.onChange()
      })
    } finally {
      this.#pending.delete(id)
      this.#options.onChange()
    }
  }

  #tellRefused({ address }: LegacyRequest): void {
    const now = performance.now()
    if (now - this.#toldAt < TELL_EVERY_MS) return
    this.#toldAt = now
    const message = `an older app at ${address} was refused: nobody could be asked (see --legacy)`
    this.#options.onEvent({ event: 'error', code: 'legacy-refused', message })
  }
}
