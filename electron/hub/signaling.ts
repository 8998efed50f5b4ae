import * as v from 'valibot'
import type { Reason } from '#protocol/errors.ts'
import { ProtocolError } from '#protocol/errors.ts'
import { APP, Prove, Register, RELAYED, type RelayedEvent, type Reply } from '#protocol/hub-events.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import { parse } from '#protocol/parse.ts'
import { toBase64Url } from '#protocol/base64url.ts'
import { refusal, type Admission } from '#hub/admission.ts'
import { candidateCopy } from '#hub/candidates.ts'
import type { LegacyDoor } from '#hub/legacy-door.ts'
import type { Member } from '#hub/member.ts'
import { claimOf, provenBy, type Claim } from '#hub/proving.ts'
import { Rarely } from '#hub/rarely.ts'
import { Slots, type Place } from '#hub/slots.ts'
import { Speeds } from '#hub/speeds.ts'
import type { WrongProofs } from '#hub/wrong-proofs.ts'

export interface SignalingOptions extends Admission {
  readonly ownAddresses: () => readonly string[]
  readonly endGraceMs: number
  readonly expelGraceMs: number
  readonly log: (line: string) => void
  /** Where clients without a version wait outside open signaling. */
  readonly legacy: LegacyDoor
  /** Whose proofs were wrong too often. */
  readonly wrongProofs: WrongProofs
}

/** Answers a registration, if the client asked for an answer. */
export type Answer = ((reply: Reply) => void) | null

const Versioned = v.object({ v: v.number() })

/** The version that a registration claims even if the rest of it is nonsense; 1 when it claims none. */
function claimedVersion(payload: unknown): number {
  const claim = v.safeParse(Versioned, payload)
  return claim.success ? claim.output.v : 1
}

const OK: Reply = { ok: true, v: PROTOCOL_VERSION }

const placeIn = ({ uid, type }: Register): Place => ({ uid, role: type })

const reasonOf = (error: unknown): Reason => (error instanceof ProtocolError ? error.code : 'failed')

/**
 * The rules of the meeting place. It knows clients by identity only, keeps nothing for anybody who is absent,
 * and says nothing to a client that holds no place.
 */
export class Signaling {
  readonly #slots = new Slots<Member>()
  readonly #speeds: Speeds<Member>
  /** Registrations that wait for their proof; a new one of the same client takes the place of the one before. */
  readonly #claims = new WeakMap<Member, Claim>()
  readonly #options: SignalingOptions
  readonly #complaints: Rarely

  constructor(options: SignalingOptions) {
    this.#options = options
    this.#complaints = new Rarely(options.log)
    this.#speeds = new Speeds((from, to, bytes) => {
      // Who took the peer's place meanwhile has received nothing yet.
      if (this.#slots.peerOf(from) === to) to.relay('ctrlSendSpeed', bytes)
    })
  }

  /** Live records. */
  get records(): number {
    return this.#slots.count
  }

  /** Whether the registration that was proved with this session (its id as base64url) has not ended. */
  isLive(session: string): boolean {
    return this.#slots.isHeldBy(session)
  }

  isRegistered(member: Member): boolean {
    return this.#slots.placeOf(member) !== undefined
  }

  /** Neither registered nor waiting for a person's answer. */
  isIdle(member: Member): boolean {
    return !this.isRegistered(member) && !this.#options.legacy.isWaiting(member)
  }

  /** One text an event, as 2018 clients expect. */
  tellAddresses(member: Member): void {
    for (const address of this.#options.ownAddresses()) member.address(address)
  }

  register(member: Member, payload: unknown, answer: Answer): void {
    const verdict = this.#judge(member, payload)
    if (typeof verdict === 'string') this.#refuse(member, verdict, claimedVersion(payload), answer)
    else if (this.#mustProve(verdict)) this.#challenge(member, verdict, answer)
    else if (this.#needsYes(member, verdict)) this.#askFor(member, verdict, answer)
    else this.#letIn(member, verdict, answer, OK)
  }

  /** The client shows that it knows the key it has named, or it is as if it had named none. */
  prove(member: Member, payload: unknown, answer: Answer): void {
    const { keyring } = this.#options
    const claim = this.#claims.get(member)
    this.#claims.delete(member)
    const given = v.safeParse(Prove, payload)
    const proofs = claim && given.success && keyring ? provenBy(claim, given.output.mac, keyring) : null
    if (keyring === null || claim === undefined || proofs === null) {
      // Asked only now: the right key must not be kept out by whoever else is behind its address.
      const isTooMany = claim !== undefined && this.#options.wrongProofs.count(member.route.remote)
      this.#refuse(member, isTooMany ? 'overrun' : 'unknown-link', PROTOCOL_VERSION, answer)
      return
    }
    const { registration } = claim
    const why = keyring.proved(registration.uid, claim.kid, proofs.session)
    if (why !== null) {
      this.#refuse(member, why, PROTOCOL_VERSION, answer)
      return
    }
    const place = { ...placeIn(registration), session: toBase64Url(proofs.session.id) }
    this.#letIn(member, registration, answer, { ok: true, mac: toBase64Url(proofs.hub) }, place)
  }

  #mustProve({ type, v }: Register): boolean {
    const { open, keyring } = this.#options
    return !open && keyring !== null && type === APP && v === PROTOCOL_VERSION
  }

  #challenge(member: Member, registration: Register, answer: Answer): void {
    const { keyring } = this.#options
    const claim = keyring === null ? null : claimOf(registration, member.id, keyring)
    if (claim === null || answer === null) {
      this.#refuse(member, 'unknown-link', PROTOCOL_VERSION, answer)
      return
    }
    this.#claims.set(member, claim)
    answer({ ok: true, v: PROTOCOL_VERSION, challenge: toBase64Url(claim.nonce) })
  }

  /** Whoever proves nothing needs a person's yes. */
  #needsYes(member: Member, { v }: Register): boolean {
    return v === undefined && !member.isWindow && !this.#options.open
  }

  #askFor(member: Member, registration: Register, answer: Answer): void {
    const place = placeIn(registration)
    this.#options.legacy.enter(member, place, (code) => {
      // The link may have gone while somebody thought about it.
      const why = code ?? refusal(member, registration, this.#options)
      if (why === null) this.#letIn(member, registration, answer, OK)
      else this.#refuse(member, why, 1, answer)
    })
  }

  /** The registration, or why it is none. */
  #judge(member: Member, payload: unknown): Register | Reason {
    try {
      const registration = parse(Register, payload)
      return refusal(member, registration, this.#options) ?? registration
    } catch (error) {
      if (!(error instanceof ProtocolError)) this.#options.log(`hub: a registration failed: ${String(error)}`)
      const isKnown = [1, PROTOCOL_VERSION].includes(claimedVersion(payload))
      return isKnown ? reasonOf(error) : 'version'
    }
  }

  #letIn(member: Member, registration: Register, answer: Answer, reply: Reply, place = placeIn(registration)): void {
    this.#options.legacy.withdraw(member)
    this.#speeds.flush(member)
    this.#replace(member, this.#slots.holder(place))
    this.#vacate(member, place.uid)
    member.introduce(registration)
    this.#slots.hold(member, place)
    member.onLetIn()
    answer?.(reply)
    this.#introducePair(member, this.#slots.peerOf(member))
  }

  /** The newest registration of a role wins: a phone that changed networks must get back in. */
  #replace(member: Member, before: Member | undefined): void {
    if (before === undefined || before === member) return
    // First out of the slot, so that its disconnect, now or later, concerns nobody.
    this.#slots.release(before)
    if (before.about.v === PROTOCOL_VERSION) before.tellWhy('replaced', before.about.v)
    before.leave(this.#options.endGraceMs)
  }

  /** Leaves the present place. Its peer hears of it, unless the client only registers at the same link again. */
  #vacate(member: Member, nextUid?: string): void {
    const peer = this.#slots.peerOf(member)
    const stays = this.#slots.placeOf(member)?.uid === nextUid
    this.#slots.release(member)
    if (peer !== undefined && !stays) peer.byebye()
  }

  #introducePair(member: Member, peer: Member | undefined): void {
    if (peer === undefined) return
    member.joined(peer.about)
    peer.joined(member.about)
    // Last, because an app answers it with its offer, and by then both know who they deal with.
    const app = this.#slots.placeOf(member)?.role === APP ? member : peer
    app.syncfrom()
  }

  /** Changes nothing for anybody. Outside open signaling, whoever holds no place is ended. */
  #refuse(member: Member, code: Reason, version: number, answer: Answer): void {
    const { open, endGraceMs, legacy } = this.#options
    legacy.withdraw(member)
    const isOut = !open && !this.isRegistered(member)
    answer?.({ ok: false, code })
    if (!isOut) return
    const { remote } = member.route
    this.#complaints.say(remote, `hub: registration from ${remote} refused: ${code}`)
    if (answer === null) member.tellWhy(code, version)
    member.leave(endGraceMs)
  }

  /**
   * Passes an event on to the peer. Throws ProtocolError for a payload that is not of the protocol. `text` is the
   * packet that it came in, to be passed on as it is where the check changes nothing of the payload.
   */
  relay(member: Member, event: RelayedEvent, payload: unknown, text?: string): void {
    const place = this.#slots.placeOf(member)
    const { payload: schema, from } = RELAYED[event]
    if (place === undefined || (from !== null && from !== place.role)) return
    const checked: unknown = parse(schema, payload)
    const peer = this.#slots.peerOf(member)
    if (event === 'ctrlSendSpeed') {
      if (peer !== undefined) this.#speeds.put(member, peer, checked as number)
      return
    }
    this.#speeds.flush(member)
    if (text !== undefined && checked === payload) peer?.pass(text)
    else peer?.relay(event, checked)
    if (peer !== undefined && event === 'message') this.#copyCandidate(member, peer, checked)
  }

  #copyCandidate(from: Member, to: Member, payload: unknown): void {
    const copy = candidateCopy(payload, from.route, to.route)
    if (copy !== null) to.relay('message', copy)
  }

  /** Ends the phone's place on a link, and says why. Returns the session that it was proved with, if it was. */
  expel(uid: string, code: Reason): string | undefined {
    const member = this.#slots.holder({ uid, role: APP })
    if (member === undefined) return undefined
    const session = this.#slots.placeOf(member)?.session
    member.tellWhy(code, member.about.v)
    this.#vacate(member)
    member.leave(this.#options.expelGraceMs)
    return session
  }

  /** The client's connection is gone. */
  gone(member: Member): void {
    this.#options.legacy.withdraw(member)
    this.#speeds.flush(member)
    this.#vacate(member)
  }
}
