import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { answerMac, channelMac, offerMac } from '#protocol/binding.ts'
import { ProtocolError, type Reason } from '#protocol/errors.ts'
import { APP, WEB } from '#protocol/hub-events.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { primitives } from '#hub/node-crypto.ts'
import { confirmLane } from '#transfer/lane-handshake.ts'
import type { Lane } from '#transfer/lane.ts'

/**
 * Whether an offer has no sections but those that a phone of ours makes: one of data, which readDescription asks for,
 * and at most the silent video of decision 11. A section costs the window memory and code that nobody needs.
 */
function hasOurSections(sdp: string): boolean {
  const kinds = sdp.split(/\r\n|\r|\n/).flatMap((line) => /^m=(\S*)/.exec(line)?.[1] ?? [])
  const others = kinds.filter((kind) => kind !== 'application')
  return others.length === 0 || (others.length === 1 && others[0] === 'video')
}

/** The desktop's side of binding a connection to a proved registration. The window never sees the key. */
export class DeskBond {
  readonly session: SessionKey
  #offer: Uint8Array = new Uint8Array(0)

  constructor(session: SessionKey) {
    this.session = session
  }

  /** Null: the offer is the phone's own and may be answered. */
  checkOffer(sdp: string, mac: string): Reason | null {
    try {
      const expected = offerMac(primitives, this.session, sdp)
      const given = bytesFrom(mac)
      if (!primitives.same(given, expected) || !hasOurSections(sdp)) return 'tampered'
      this.#offer = expected
      return null
    } catch (error) {
      if (error instanceof ProtocolError) return 'tampered'
      throw error
    }
  }

  /** The MAC of our answer to the offer checked last, as base64url. Throws ProtocolError. */
  signAnswer(sdp: string): string {
    return toBase64Url(answerMac(primitives, this.session, this.#offer, sdp))
  }

  /** Gives the lane once the phone has confirmed it, or why it is shut. Throws ProtocolError. */
  confirm(lane: Lane, local: string, remote: string, then: (confirmed: Lane | Reason) => void): void {
    const expected = channelMac(primitives, this.session, APP, remote, local)
    confirmLane(lane, {
      own: channelMac(primitives, this.session, WEB, local, remote),
      isRight: (mac) => primitives.same(mac, expected),
      onConfirmed: then,
      onRefused: then,
    })
  }
}
