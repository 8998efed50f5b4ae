import { randomBytes } from 'node:crypto'
import type { LegacyQuestion } from '#electron/window-api.ts'
import type { LegacyRequest } from '#hub/legacy-approval.ts'
import type { LegacyPolicy } from '#store/legacy-policy.ts'
import type { AppEvent } from './app-events.ts'
import type { Responder } from './person.ts'

export interface LegacyPromptsPorts {
  readonly policy: LegacyPolicy
  readonly person: Responder
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: () => void
}

/** Milliseconds between two lines about the same refusal: whoever knocks all day must not fill the log. */
const TELL_EVERY_MS = 10_000

/** Apps of 2018 that want to join: who answers, and what is still to be answered in the window. */
export class LegacyPrompts {
  policy: LegacyPolicy
  readonly #ports: LegacyPromptsPorts
  readonly #pending = new Map<string, { readonly request: LegacyRequest; readonly answer: (yes: boolean) => void }>()
  #toldAt = -Infinity

  constructor(ports: LegacyPromptsPorts) {
    this.policy = ports.policy
    this.#ports = ports
  }

  /** For the hub, which bounds how many wait and how long. */
  readonly ask = (request: LegacyRequest, gone: AbortSignal): Promise<boolean> => {
    const { person } = this.#ports
    if (this.policy !== 'ask') return Promise.resolve(this.policy === 'always')
    if (person === 'window') return this.#askWindow(request, gone)
    if (person !== 'nobody') return person({ about: 'app', request }, gone)
    this.#tellRefused(request)
    return Promise.resolve(false)
  }

  /** Oldest first. */
  questions(): LegacyQuestion[] {
    return [...this.#pending].map(([id, { request }]) => ({ id, ...request }))
  }

  answer(id: string, yes: boolean): void {
    this.#pending.get(id)?.answer(yes)
  }

  /** From now on; what is being asked stays a question. */
  setPolicy(policy: LegacyPolicy): void {
    this.policy = policy
    this.#ports.onChange()
  }

  async #askWindow(request: LegacyRequest, gone: AbortSignal): Promise<boolean> {
    const id = randomBytes(8).toString('hex')
    try {
      return await new Promise<boolean>((answer) => {
        this.#pending.set(id, { request, answer })
        gone.addEventListener('abort', () => {
          answer(false)
        })
        this.#ports.onChange()
      })
    } finally {
      this.#pending.delete(id)
      this.#ports.onChange()
    }
  }

  #tellRefused({ address }: LegacyRequest): void {
    const now = performance.now()
    if (now - this.#toldAt < TELL_EVERY_MS) return
    this.#toldAt = now
    const message = `an older app at ${address} was refused: nobody could be asked (see --legacy)`
    this.#ports.onEvent({ event: 'error', code: 'legacy-refused', message })
  }
}
