import type { Reason } from '#protocol/errors.ts'
import type { Role } from '#protocol/hub-events.ts'
import type { Member } from '#hub/member.ts'
import type { Place } from '#hub/slots.ts'

/** Who wants in without proof: all that the hub knows of it. */
export interface LegacyRequest {
  /** IPv4 address as text. */
  readonly address: string
  readonly role: Role
}

/** Asks a person. `gone` is aborted when the answer is not wanted any more: too late, or the client left. */
export type AskLegacy = (request: LegacyRequest, gone: AbortSignal) => Promise<boolean>

export interface LegacyRules {
  readonly ask: AskLegacy
  /** False for a uid whose device proved a key once: it may not come back without. */
  readonly mayBeLegacy: (uid: string) => boolean
  /** ms until no answer means no. */
  readonly askMs: number
  /** Clients that may wait for an answer: in all, and from one address. */
  readonly waiting: number
  readonly waitingPerAddress: number
}

type Then = (refusal: Reason | null) => void

interface Question {
  readonly place: Place
  readonly address: string
  readonly gone: AbortController
}

/**
 * Where clients of 2018 wait for a person's yes. While one waits it holds no place, replaces nobody and hears
 * nothing. A yes is for this connection and this uid alone: it ends with the connection, and under another uid the
 * same client is a stranger who is refused.
 */
export class LegacyDoor {
  readonly #rules: LegacyRules
  readonly #questions = new Map<Member, Question>()
  readonly #grants = new WeakMap<Member, string>()

  constructor(rules: LegacyRules) {
    this.#rules = rules
  }

  isWaiting(member: Member): boolean {
    return this.#questions.has(member)
  }

  /** Tells the verdict, now or once somebody has answered; never after `withdraw`. */
  enter(member: Member, place: Place, then: Then): void {
    // Asking for the same place again does not ask the person again.
    if (this.#questions.get(member)?.place.uid === place.uid) return
    this.withdraw(member)
    const verdict = this.#known(member, place)
    if (verdict === 'ask') this.#ask(member, place, then)
    else then(verdict)
  }

  /** The client left, or says something else now: the question goes away. */
  withdraw(member: Member): void {
    this.#questions.get(member)?.gone.abort()
    this.#questions.delete(member)
  }

  /** What needs no person to answer. */
  #known(member: Member, { uid }: Place): Reason | null | 'ask' {
    if (!this.#rules.mayBeLegacy(uid)) return 'not-allowed'
    const granted = this.#grants.get(member)
    if (granted !== undefined) return granted === uid ? null : 'not-allowed'
    return this.#isFull(member.route.remote) ? 'not-allowed' : 'ask'
  }

  #isFull(address: string): boolean {
    const { waiting, waitingPerAddress } = this.#rules
    const same = [...this.#questions.values()].filter((question) => question.address === address)
    return this.#questions.size >= waiting || same.length >= waitingPerAddress
  }

  #ask(member: Member, place: Place, then: Then): void {
    const address = member.route.remote
    const question = { place, address, gone: new AbortController() }
    this.#questions.set(member, question)
    void this.#answer({ address, role: place.role }, question.gone).then((allowed) => {
      // Withdrawn meanwhile: whoever withdrew it knows what comes next.
      if (this.#questions.get(member) !== question) return
      this.#questions.delete(member)
      if (allowed) this.#grants.set(member, place.uid)
      then(allowed ? null : 'not-allowed')
    })
  }

  /** Never rejects: whatever goes wrong is a no. */
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
