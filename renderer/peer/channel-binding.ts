import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { answerMac, channelMac, offerMac } from '#protocol/binding.ts'
import { ProtocolError, type Reason } from '#protocol/errors.ts'
import { APP, WEB, type Answer, type Message } from '#protocol/hub-events.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { confirmLane } from '#transfer/lane-handshake.ts'
import type { Lane } from '#transfer/lane.ts'
import type { Applied } from './connection.ts'
import { primitives } from './noble-crypto.ts'

/** The phone's side of binding its connection to a proved registration. */
export class ChannelBinding {
  readonly session: SessionKey
  #offer = new Uint8Array(0)

  constructor(session: SessionKey) {
    this.session = session
  }

  /** Signs an offer; other messages go as they are. */
  sign(message: Message): Message {
    if (message === 'bye' || message.type !== 'offer') return message
    this.#offer = Uint8Array.from(offerMac(primitives, this.session, message.sdp))
    return { ...message, mac: toBase64Url(this.#offer) }
  }

  /** Whether the answer is the computer's own, to the offer signed last. */
  isOwn({ sdp, mac = '' }: Answer): boolean {
    try {
      const given = bytesFrom(mac)
      return primitives.same(given, answerMac(primitives, this.session, this.#offer, sdp))
    } catch (error) {
      if (error instanceof ProtocolError) return false
      throw error
    }
  }

  /** Gives the lane once the computer has confirmed it, or why it is shut. */
  confirm(lane: Lane, { local, remote }: Applied, then: (confirmed: Lane | Reason) => void): void {
    const expected = channelMac(primitives, this.session, WEB, remote, local)
    confirmLane(lane, {
      own: channelMac(primitives, this.session, APP, local, remote),
      isRight: (mac) => primitives.same(mac, expected),
      onConfirmed: then,
      onRefused: then,
    })
  }
}
