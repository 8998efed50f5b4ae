import { isIPv4 } from 'node:net'
import * as v from 'valibot'
import { type Reason, ProtocolError } from '#protocol/errors.ts'
import { APP, Prove, Register, RELAYED, type RelayedEvent, type Reply } from '#protocol/hub-events.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import { parse } from '#protocol/parse.ts'
import { toBase64Url } from '#protocol/base64url.ts'
import { candidateCopy } from './candidates.ts'
import type { LegacyApproval } from './legacy-approval.ts'
import type { HubClient } from './hub-client.ts'
import { claimOf, provenBy, refusal, type Admission, type Claim } from './registration.ts'
import { RateLimitedLog } from './rate-limited-log.ts'
import { Seats, type Seat } from './seats.ts'
import type { Lockout } from './lockout.ts'

export interface SignalingOptions extends Admission {
  readonly ownAddresses: () => readonly string[]
  readonly endGraceMs: number
  readonly expelGraceMs: number
  readonly log: (line: string) => void
  /** Where clients without a version wait, except in open signaling. */
  readonly legacy: LegacyApproval
  /** Counts the wrong proofs of each address. */
  readonly wrongProofs: Lockout
}

/** Answers a registration; null if the client asked for no answer. */
export type Answer = ((reply: Reply) => void) | null

const Versioned = v.object({ v: v.number() })

/** Returns the version that a registration claims even if the rest of it is nonsense; 1 when it claims none. */
function claimedVersion(payload: unknown): number {
  const claim = v.safeParse(Versioned, payload)
  return claim.success ? claim.output.v : 1
}

const OK: Reply = { ok: true, v: PROTOCOL_VERSION }

const seatIn = ({ uid, type }: Register): Seat => ({ uid, role: type })

const reasonOf = (error: unknown): Reason => (error instanceof ProtocolError ? error.code : 'failed')

/**
 * The rules by which clients meet: registers them, and relays between the two of one link. It knows clients by identity only, keeps nothing for anybody who is absent,
 * and says nothing to a client that holds no seat.
 */
export class Signaling {
  readonly #seats = new Seats<HubClient>()
  readonly #speeds: NewestSpeeds<HubClient>
  /** Registrations that wait for their proof; a new one of the same client replaces the one before. */
  readonly #claims = new WeakMap<HubClient, Claim>()
  readonly #options: SignalingOptions
  readonly #complaints: RateLimitedLog

  constructor(options: SignalingOptions) {
    this.#options = options
    this.#complaints = new RateLimitedLog(options.log)
    this.#speeds = new NewestSpeeds((from, to, bytes) => {
      // A client that took the peer's seat meanwhile has received nothing yet.
      if (this.#seats.peerOf(from) === to) to.relay('ctrlSendSpeed', bytes)
    })
  }

  /** Links that have a client at one end at least. */
  get links(): number {
    return this.#seats.count
  }

  /** Tells whether the registration that was proved with this session (its id as base64url) has not ended. */
  isLive(session: string): boolean {
    return this.#seats.isHeldBy(session)
  }

  isRegistered(client: HubClient): boolean {
    return this.#seats.seatOf(client) !== undefined
  }

  /** Tells whether a client is neither registered nor waiting for a person's answer. */
  isIdle(client: HubClient): boolean {
    return !this.isRegistered(client) && !this.#options.legacy.isWaiting(client)
  }

  /** Sends this computer's addresses, one text an event as legacy apps expect. */
  tellAddresses(client: HubClient): void {
    // Apps of 2018 know no other kind.
    for (const address of this.#options.ownAddresses().filter(isIPv4)) client.address(address)
  }

  register(client: HubClient, payload: unknown, answer: Answer): void {
    const verdict = this.#judge(client, payload)
    if (typeof verdict === 'string') this.#refuse(client, verdict, claimedVersion(payload), answer)
    else if (this.#mustProve(verdict)) this.#challenge(client, verdict, answer)
    else if (this.#needsYes(client, verdict)) this.#askFor(client, verdict, answer)
    else this.#letIn(client, verdict, answer, OK)
  }

  /** Checks the proof of the key that a client has named; a wrong one is refused like a key that does not exist. */
  prove(client: HubClient, payload: unknown, answer: Answer): void {
    const { keyring } = this.#options
    const claim = this.#claims.get(client)
    this.#claims.delete(client)
    const given = v.safeParse(Prove, payload)
    const proofs = claim && given.success && keyring ? provenBy(claim, given.output.mac, keyring) : null
    if (keyring === null || claim === undefined || proofs === null) {
      // Asked only now: the right key must not be kept out by whoever else is behind its address.
      const isTooMany = claim !== undefined && this.#options.wrongProofs.count(client.route.remote)
      this.#refuse(client, isTooMany ? 'overrun' : 'unknown-link', PROTOCOL_VERSION, answer)
      return
    }
    const { registration } = claim
    const why = keyring.proved(registration.uid, claim.kid, proofs.session)
    if (why !== null) {
      this.#refuse(client, why, PROTOCOL_VERSION, answer)
      return
    }
    const seat = { ...seatIn(registration), session: toBase64Url(proofs.session.id) }
    this.#letIn(client, registration, answer, { ok: true, mac: toBase64Url(proofs.hub) }, seat)
  }

  #mustProve({ type, v }: Register): boolean {
    const { open, keyring } = this.#options
    return !open && keyring !== null && type === APP && v === PROTOCOL_VERSION
  }

  #challenge(client: HubClient, registration: Register, answer: Answer): void {
    const { keyring } = this.#options
    const claim = keyring === null ? null : claimOf(registration, client.id, keyring)
    if (claim === null || answer === null) {
      this.#refuse(client, 'unknown-link', PROTOCOL_VERSION, answer)
      return
    }
    this.#claims.set(client, claim)
    answer({ ok: true, v: PROTOCOL_VERSION, challenge: toBase64Url(claim.nonce) })
  }

  /** Tells whether a person must let the client in, as it proves nothing. */
  #needsYes(client: HubClient, { v }: Register): boolean {
    return v === undefined && !client.isWindow && !this.#options.open
  }

  #askFor(client: HubClient, registration: Register, answer: Answer): void {
    const seat = seatIn(registration)
    this.#options.legacy.enter(client, seat, (code) => {
      // The link may have gone while somebody thought about it.
      const why = code ?? refusal(client, registration, this.#options)
      if (why === null) this.#letIn(client, registration, answer, OK)
      else this.#refuse(client, why, 1, answer)
    })
  }

  /** Returns the registration, or the reason why it is refused. */
  #judge(client: HubClient, payload: unknown): Register | Reason {
    try {
      const registration = parse(Register, payload)
      return refusal(client, registration, this.#options) ?? registration
    } catch (error) {
      if (!(error instanceof ProtocolError)) this.#options.log(`hub: a registration failed: ${String(error)}`)
      const isKnown = [1, PROTOCOL_VERSION].includes(claimedVersion(payload))
      return isKnown ? reasonOf(error) : 'version'
    }
  }

  #letIn(client: HubClient, registration: Register, answer: Answer, reply: Reply, seat = seatIn(registration)): void {
    this.#options.legacy.withdraw(client)
    this.#speeds.flush(client)
    this.#replace(client, this.#seats.holder(seat))
    this.#vacate(client, seat.uid)
    client.introduce(registration)
    this.#seats.hold(client, seat)
    client.onLetIn()
    answer?.(reply)
    this.#introducePair(client, this.#seats.peerOf(client))
  }

  /** Ends the client that held the seat before: a phone that changed networks must get back in. */
  #replace(client: HubClient, before: HubClient | undefined): void {
    if (before === undefined || before === client) return
    // First out of the seat, so that its disconnect, now or later, concerns nobody.
    this.#seats.release(before)
    if (before.about.v === PROTOCOL_VERSION) before.tellWhy('replaced', before.about.v)
    before.leave(this.#options.endGraceMs)
  }

  /** Frees the client's seat. Its peer hears of it, unless the client only registers at the same link again. */
  #vacate(client: HubClient, nextUid?: string): void {
    const peer = this.#seats.peerOf(client)
    const stays = this.#seats.seatOf(client)?.uid === nextUid
    this.#seats.release(client)
    if (peer !== undefined && !stays) peer.byebye()
  }

  #introducePair(client: HubClient, peer: HubClient | undefined): void {
    if (peer === undefined) return
    client.joined(peer.about)
    peer.joined(client.about)
    // Last, because an app answers it with its offer, and by then both know who they deal with.
    const app = this.#seats.seatOf(client)?.role === APP ? client : peer
    app.syncfrom()
  }

  /** Refuses a registration; nothing changes for other clients. Outside open signaling a client without a seat is ended. */
  #refuse(client: HubClient, code: Reason, version: number, answer: Answer): void {
    const { open, endGraceMs, legacy } = this.#options
    legacy.withdraw(client)
    const isOut = !open && !this.isRegistered(client)
    answer?.({ ok: false, code })
    if (!isOut) return
    const { remote } = client.route
    this.#complaints.say(remote, `hub: registration from ${remote} refused: ${code}`)
    if (answer === null) client.tellWhy(code, version)
    client.leave(endGraceMs)
  }

  /**
   * Passes an event on to the peer. Throws ProtocolError for a payload that is not of the protocol. `text` is the
   * packet that it came in, to be passed on as it is where the check changes nothing of the payload.
   */
  relay(client: HubClient, event: RelayedEvent, payload: unknown, text?: string): void {
    const seat = this.#seats.seatOf(client)
    const { payload: schema, from } = RELAYED[event]
    if (seat === undefined || (from !== null && from !== seat.role)) return
    const checked: unknown = parse(schema, payload)
    const peer = this.#seats.peerOf(client)
    if (event === 'ctrlSendSpeed') {
      if (peer !== undefined) this.#speeds.put(client, peer, checked as number)
      return
    }
    this.#speeds.flush(client)
    if (text !== undefined && checked === payload) peer?.pass(text)
    else peer?.relay(event, checked)
    if (peer !== undefined && event === 'message') this.#copyCandidate(client, peer, checked)
  }

  #copyCandidate(from: HubClient, to: HubClient, payload: unknown): void {
    const copy = candidateCopy(payload, from.route, to.route)
    if (copy !== null) to.relay('message', copy)
  }

  /** Ends the phone that is on a link, and says why. Returns the session that its registration was proved with, if any. */
  expel(uid: string, code: Reason): string | undefined {
    const client = this.#seats.holder({ uid, role: APP })
    if (client === undefined) return undefined
    const session = this.#seats.seatOf(client)?.session
    client.tellWhy(code, client.about.v)
    this.#vacate(client)
    client.leave(this.#options.expelGraceMs)
    return session
  }

  /** Called when the client's connection has ended. */
  gone(client: HubClient): void {
    this.#options.legacy.withdraw(client)
    this.#speeds.flush(client)
    this.#vacate(client)
  }
}

/**
 * Delivers of each client's `ctrlSendSpeed` the newest number only: they come up to 250 times a second. A number waits
 * until the hub has read all that has already arrived, and a newer one replaces it. `flush` before any other event of the
 * same client keeps first in, first out.
 */
export class NewestSpeeds<Client extends object> {
  readonly #waiting = new Map<Client, { to: Client; bytes: number }>()
  readonly #deliver: (from: Client, to: Client, bytes: number) => void

  constructor(deliver: (from: Client, to: Client, bytes: number) => void) {
    this.#deliver = deliver
  }

  /** Keeps the newest number from a client for its present peer. */
  put(from: Client, to: Client, bytes: number): void {
    const waits = this.#waiting.has(from)
    this.#waiting.set(from, { to, bytes })
    if (!waits) setImmediate(() => this.flush(from))
  }

  /** Delivers the number that waits, now. */
  flush(from: Client): void {
    const last = this.#waiting.get(from)
    if (last === undefined) return
    this.#waiting.delete(from)
    this.#deliver(from, last.to, last.bytes)
  }
}
