import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { answerMac, offerMac } from '#protocol/binding.ts'
import type { Message } from '#protocol/hub-events.ts'
import { parseLink } from '#protocol/pairing.ts'
import { kidOfLink, type SessionKey } from '#protocol/proof.ts'
import { primitives } from '#hub/node-crypto.ts'
import { Call, type Secret } from './call.ts'
import { must } from './checks.ts'
import { ANSWER_MS, Conversation, type FrameOf } from './conversation.ts'
import { DirectChannel } from './direct-channel.ts'
import type { DesktopDriver } from './drivers.ts'
import { Stage } from './stage.ts'

/** Attempts at a connection, one after the other. */
const ATTEMPTS = 3

/** What is going on with the desktop under test: one phone, and one conversation that may be cut. */
export class DesktopStage extends Stage {
  readonly mayRename = false
  readonly url: string
  readonly link: Secret
  readonly driver: DesktopDriver
  /** The key that the computer has given to this phone. */
  device: Secret | null = null
  call: Call | null = null
  proved: SessionKey | null = null

  constructor(link: string, driver: DesktopDriver) {
    super(-1)
    const read = parseLink(link)
    must(read !== null, 'that is not a pairing link')
    this.url = `http://${read.address}:${read.port}`
    this.link = { uid: read.uid, kid: kidOfLink(primitives, read.key), key: read.key }
    this.driver = driver
  }

  /** Registers and waits until the computer is there: with the key of this phone, or at first the link's. */
  async met(): Promise<{ readonly call: Call; readonly session: SessionKey }> {
    if (this.call !== null && this.proved !== null) return { call: this.call, session: this.proved }
    const call = new Call(this.url)
    const session = await call.comeWith(this.device ?? this.link, { caps: 'a-later-word,another' })
    if (typeof session === 'string') throw new Error(`the hub refuses the right key: ${session}`)
    this.call = call
    this.proved = session
    await call.joined()
    return { call, session }
  }

  /** Offers a connection; resolves with its channel once the answer is there and right. `spoil` changes the mac of the offer. */
  async offered(spoil = false): Promise<DirectChannel | Message> {
    const { call, session } = await this.met()
    call.again()
    while (call.messages.takeNow() !== undefined);
    const channel = new DirectChannel((message) => {
      call.say(message)
    })
    let mac: Uint8Array = new Uint8Array()
    await channel.offer((sdp) => {
      mac = offerMac(primitives, session, sdp)
      call.say({ type: 'offer', sdp, mac: toBase64Url(spoil ? primitives.random(32) : mac) })
    })
    const answer = await call.messages.take('answer', ANSWER_MS)
    if (answer === 'bye' || answer.type !== 'answer') {
      await channel.close()
      return answer
    }
    const expected = answerMac(primitives, session, mac, answer.sdp)
    must(primitives.same(bytesFrom(answer.mac ?? ''), expected), 'the mac of the answer is not right')
    await channel.answered(answer.sdp)
    call.trickle((one) => void channel.candidate(one))
    return channel
  }

  /** Both sides confirm the channel. `wrong`: this side by a mac that is not right. */
  async confirmed(wrong = false): Promise<Conversation> {
    const { session } = await this.met()
    const channel = await this.#opened()
    await channel.confirm(session, 1, wrong)
    return new Conversation(channel)
  }

  /** An attempt whose channel opens: on a busy computer the first may not. */
  async #opened(): Promise<DirectChannel> {
    for (let left = ATTEMPTS; ; left--) {
      const channel = await this.offered()
      must(channel instanceof DirectChannel, 'the computer does not answer the offer')
      try {
        await channel.isReady(ANSWER_MS)
        return channel
      } catch (error) {
        await channel.close()
        if (left === 1) throw error
      }
    }
  }

  /** The conversation as it should be, made now where there is none. */
  async connected(hello: Partial<FrameOf<'hello'>> = {}): Promise<Conversation> {
    if (this.conversation?.isOpen === true) return this.conversation
    const on = await this.confirmed()
    this.conversation = on
    on.greet({ kind: 'app', session: this.session, texts: true, records: true, ...hello })
    this.hello = await on.next('hello')
    if (this.device === null) {
      const { id, key } = await on.next('credentials')
      this.device = { uid: this.link.uid, kid: bytesFrom(id), key: bytesFrom(key) }
    }
    return on
  }

  /** Cuts the lane and makes another one. */
  async torn(): Promise<Conversation> {
    await this.drop()
    return this.connected()
  }

  /** Leaves the hub as well. */
  async leave(): Promise<void> {
    await this.drop()
    this.call?.close()
    this.call = this.proved = null
  }
}
