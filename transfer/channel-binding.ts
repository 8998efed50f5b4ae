import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { answerMac, channelMac, offerMac } from '#protocol/binding.ts'
import { ProtocolError, type Reason } from '#protocol/errors.ts'
import { otherRole, type Answer, type Message, type Role } from '#protocol/hub-events.ts'
import type { Primitives } from '#protocol/primitives.ts'
import type { SessionKey } from '#protocol/proof.ts'
import type { Lane } from './lane.ts'
import { confirmLane } from './lane-handshake.ts'

/**
 * Binds a WebRTC connection to a proved registration (protocol/binding.ts). The phone signs its offer and checks the answer;
 * the computer checks the offer and signs its answer, in the main process: the window never sees the key. Both then confirm
 * the channel.
 */
export class ChannelBinding {
  readonly session: SessionKey
  readonly #primitives: Primitives
  readonly #role: Role
  /** The MAC of the offer that was signed or checked last. */
  #offer: Uint8Array = new Uint8Array(0)

  /** `role`: that of this side. */
  constructor(session: SessionKey, role: Role, primitives: Primitives) {
    this.session = session
    this.#role = role
    this.#primitives = primitives
  }

  /** Phone: signs an offer; other messages go as they are. */
  sign(message: Message): Message {
    if (message === 'bye' || message.type !== 'offer') return message
    this.#offer = offerMac(this.#primitives, this.session, message.sdp)
    return { ...message, mac: toBase64Url(this.#offer) }
  }

  /** Phone: whether the answer is the computer's own, to the offer signed last. */
  isOwn({ sdp, mac = '' }: Answer): boolean {
    return holds(() => this.#isSame(mac, answerMac(this.#primitives, this.session, this.#offer, sdp)))
  }

  /** Computer: null where the offer is the phone's own and may be answered. */
  checkOffer(sdp: string, mac: string): Reason | null {
    const isOwn = holds(() => {
      const expected = offerMac(this.#primitives, this.session, sdp)
      if (!this.#isSame(mac, expected) || !hasOurSections(sdp)) return false
      this.#offer = expected
      return true
    })
    return isOwn ? null : 'tampered'
  }

  /** Computer: the MAC of its answer to the offer checked last, as base64url. Throws ProtocolError. */
  signAnswer(sdp: string): string {
    return toBase64Url(answerMac(this.#primitives, this.session, this.#offer, sdp))
  }

  /**
   * Gives the lane once the other side has confirmed it, or why it is shut. `local` and `remote`: the descriptions that the
   * connection really uses. Throws ProtocolError for ones that can't be bound.
   */
  confirm(
    lane: Lane,
    { local, remote }: { readonly local: string; readonly remote: string },
    then: (confirmed: Lane | Reason) => void,
  ): void {
    const expected = channelMac(this.#primitives, this.session, otherRole(this.#role), remote, local)
    confirmLane(lane, {
      own: channelMac(this.#primitives, this.session, this.#role, local, remote),
      isRight: (mac) => this.#primitives.same(mac, expected),
      onConfirmed: then,
      onRefused: then,
    })
  }

  /** Throws ProtocolError for what is no base64url. */
  #isSame(mac: string, expected: Uint8Array): boolean {
    return this.#primitives.same(bytesFrom(mac), expected)
  }
}

/** Returns whether `check` does; false where it throws ProtocolError, for what can't be bound. */
function holds(check: () => boolean): boolean {
  try {
    return check()
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}

/**
 * Whether an offer has no sections but those that a phone of ours makes: one of data, which readDescription asks for,
 * and at most the silent video of decision 11. A section costs the window memory and code that nobody needs.
 */
function hasOurSections(sdp: string): boolean {
  const kinds = sdp.split(/\r\n|\r|\n/).flatMap((line) => /^m=(\S*)/.exec(line)?.[1] ?? [])
  const others = kinds.filter((kind) => kind !== 'application')
  return others.length === 0 || (others.length === 1 && others[0] === 'video')
}
