import type { Reason } from '#protocol/errors.ts'
import type { Role } from '#protocol/hub-events.ts'
import type { HubClient } from './hub-client.ts'
import type { Seat } from './seats.ts'

/** A legacy app that asks to join: all that the hub knows of it. */
export interface LegacyRequest {
  /** IPv4 address as text. */
  readonly address: string
  readonly role: Role
}

/** Asks a person. `gone` is aborted when the answer is not wanted any more: too late, or the app left. */
export type AskLegacy = (request: LegacyRequest, gone: AbortSignal) => Promise<boolean>

export interface LegacyApprovalOptions {
  readonly ask: AskLegacy
  /** Returns false for a uid whose device proved a key once: it may not come back without. */
  readonly mayBeLegacy: (uid: string) => boolean
  /** ms until no answer means no. */
  readonly askMs: number
  /** Clients that may wait for an answer: in all, and from one address. */
  readonly waiting: number
  readonly waitingPerAddress: number
}

type Then = (refusal: Reason | null) => void

interface Question {
  readonly seat: Seat
  readonly address: string
  readonly gone: AbortController
}

/**
 * Has a person approve legacy apps. While an app waits it holds no seat, replaces no other client and hears nothing. A
 * yes is for this connection and this uid alone: it ends with the connection, and under another uid the same client is
 * refused.
 */
export class LegacyApproval {
  readonly #rules: LegacyApprovalOptions
  readonly #questions = new Map<HubClient, Question>()
  readonly #grants = new WeakMap<HubClient, string>()

  constructor(rules: LegacyApprovalOptions) {
    this.#rules = rules
  }

  isWaiting(client: HubClient): boolean {
    return this.#questions.has(client)
  }

  /** Calls back with the verdict, now or once a person has answered; never after `withdraw`. */
  enter(client: HubClient, seat: Seat, then: Then): void {
    // Asking for the same seat again does not ask the person again.
    if (this.#questions.get(client)?.seat.uid === seat.uid) return
    this.withdraw(client)
    const verdict = this.#known(client, seat)
    if (verdict === 'ask') this.#ask(client, seat, then)
    else then(verdict)
  }

  /** Takes the client's question back, as the client left or registers otherwise. */
  withdraw(client: HubClient): void {
    this.#questions.get(client)?.gone.abort()
    this.#questions.delete(client)
  }

  /** Returns the verdict that needs no person, or `ask`. */
  #known(client: HubClient, { uid }: Seat): Reason | null | 'ask' {
    if (!this.#rules.mayBeLegacy(uid)) return 'not-allowed'
    const granted = this.#grants.get(client)
    if (granted !== undefined) return granted === uid ? null : 'not-allowed'
    return this.#isFull(client.route.remote) ? 'not-allowed' : 'ask'
  }

  #isFull(address: string): boolean {
    const { waiting, waitingPerAddress } = this.#rules
    const same = [...this.#questions.values()].filter((question) => question.address === address)
    return this.#questions.size >= waiting || same.length >= waitingPerAddress
  }

  #ask(client: HubClient, seat: Seat, then: Then): void {
    const address = client.route.remote
    const question = { seat, address, gone: new AbortController() }
    this.#questions.set(client, question)
    void this.#answer({ address, role: seat.role }, question.gone).then((allowed) => {
      // Withdrawn meanwhile: whoever withdrew it knows what comes next.
      if (this.#questions.get(client) !== question) return
      this.#questions.delete(client)
      if (allowed) this.#grants.set(client, seat.uid)
      then(allowed ? null : 'not-allowed')
    })
  }

  /** Resolves with the person's answer; whatever goes wrong is a no. */
  async #answer(request: LegacyRequest, gone: AbortController): Promise<boolean> {
    const late = new Promise<boolean>((resolve) => {
      gone.signal.addEventListener('abort', () => {
        resolve(false)
      })
    })
    const timer = setTimeout(() => {
      gone.abort()
    }, this.#rules.askMs)
    try {
      return await Promise.race([late, this.#rules.ask(request, gone.signal)])
    } catch {
      return false
    } finally {
      clearTimeout(timer)
    }
  }
}
