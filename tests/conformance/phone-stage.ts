import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { answerMac, offerMac } from '#protocol/binding.ts'
import type { Offer } from '#protocol/hub-events.ts'
import { primitives } from '#hub/node-crypto.ts'
import { LeftOut, must } from './checks.ts'
import { ANSWER_MS, Conversation, type FrameOf } from './conversation.ts'
import type { Desk, HubManners, Proved, Visit } from './desk.ts'
import { DirectChannel } from './direct-channel.ts'
import type { PhoneDriver } from './drivers.ts'
import { Stage } from './stage.ts'

/** Attempts at a connection, one after the other. */
const ATTEMPTS = 3

/** How the computer's end of a connection can be wrong, for the phone to notice. */
export interface PeerManners {
  /** The mac of the answer is that of another description. */
  readonly swapsAnswer?: boolean
}

/** An offer that the phone has made, and what the computer made of it. */
export interface Attempt {
  readonly offer: Offer
  readonly channel: DirectChannel
}

/** What is going on with the phone under test: one link, and one conversation that may be cut. */
export class PhoneStage extends Stage {
  readonly mayRename = true
  readonly desk: Desk
  readonly driver: PhoneDriver
  visit: Visit | null = null
  proved: Proved | null = null
  readonly #plain: boolean
  #given = false

  /** The link that the phone has opened. */
  link = ''

  /** `plain`: says nothing but what a version of today says. */
  constructor(desk: Desk, driver: PhoneDriver, plain = false) {
    super(0)
    this.desk = desk
    this.driver = driver
    this.#plain = plain
    desk.isPlain = plain
  }

  /** Opens a fresh link on the phone. Resolves once it is connected to the hub. */
  async open(): Promise<Visit> {
    await this.leave()
    this.#given = false
    this.link = this.desk.newLink()
    await this.driver.open(this.link)
    return (this.visit = await this.desk.visits.take('phone at the hub', this.driver.patienceMs))
  }

  async admit(visit: Visit, manners: HubManners = {}): Promise<Proved> {
    return (this.proved = await this.desk.admit(visit, ANSWER_MS, manners))
  }

  /** Tells the phone that the computer is there, so that it offers. */
  join(visit: Visit): void {
    visit.say('joined', { v: 2, name: 'Conformance', kind: 'desktop', ...(!this.#plain && { aLaterField: true }) })
    visit.say('syncfrom')
  }

  /** Takes the phone's offer and answers it. */
  async answer(visit: Visit, manners: PeerManners = {}, ms = ANSWER_MS): Promise<Attempt> {
    const { session } = this.#here()
    const offer = (await visit.messages.take('offer', ms, isOffer)) as Offer
    const channel = new DirectChannel((message) => {
      visit.message(message)
    })
    const mac = this.checkOffer(offer)
    await channel.answer(offer.sdp, (sdp) => {
      const signed = manners.swapsAnswer === true ? otherFingerprint(sdp) : sdp
      visit.message({ type: 'answer', sdp, mac: toBase64Url(answerMac(primitives, session, mac, signed)) })
    })
    visit.trickle((one) => void channel.candidate(one))
    return { offer, channel }
  }

  /** Returns the mac of the offer. Throws where it is not the right one. */
  checkOffer({ sdp, mac = '' }: Offer): Uint8Array {
    const expected = offerMac(primitives, this.#here().session, sdp)
    must(primitives.same(bytesFrom(mac), expected), 'the mac of the offer is not right')
    return expected
  }

  /** Both sides confirm the channel; then it is a lane. */
  async confirm({ channel }: Attempt, wrong = false): Promise<Conversation> {
    await channel.confirm(this.#here().session, 0, wrong)
    return new Conversation(channel, this.#plain)
  }

  /** Both sides say who they are. The phone gets the key that it comes back with, once. */
  async greeted(conversation: Conversation): Promise<FrameOf<'hello'>> {
    conversation.greet({ kind: 'desktop', session: this.session, lane: 'webrtc', folders: true, texts: true })
    const hello = await conversation.next('hello')
    if (!this.#given) {
      const { id, key } = this.desk.newDevice()
      conversation.say({ t: 'credentials', id, key })
      this.#given = true
    }
    return hello
  }

  /** The conversation as it should be, made now where there is none. */
  async connected(): Promise<Conversation> {
    if (this.conversation?.isOpen === true) return this.conversation
    const visit = this.visit?.isHere === true && this.proved !== null ? this.visit : await this.#visitor()
    const attempt = await this.#attempt(visit)
    this.conversation = await this.confirm(attempt)
    this.hello = await this.greeted(this.conversation)
    return this.conversation
  }

  /** An attempt whose channel opens: on a busy computer the first may not. */
  async #attempt(visit: Visit): Promise<Attempt> {
    for (let left = ATTEMPTS; ; left--) {
      const attempt = await this.answer(visit)
      try {
        await attempt.channel.isReady(ANSWER_MS)
        return attempt
      } catch (error) {
        if (left === 1) throw error
        await attempt.channel.close()
        this.join(visit)
      }
    }
  }

  /**
   * Cuts the lane, and tells the phone that the computer is there anew, as when its window was loaded again: it offers at once
   * then, and need not first notice the silence. Resolves once both have greeted on the next lane.
   */
  async torn(): Promise<Conversation> {
    const before = this.hello?.session
    await this.drop()
    if (this.visit !== null) this.join(this.visit)
    const conversation = await this.connected()
    if (this.hello?.session !== before) throw new LeftOut('it begins anew on each lane, as another `session` says')
    return conversation
  }

  /** Cuts the phone off the hub; it comes back with the key of its own. */
  async returned(): Promise<{ readonly before: Proved; readonly after: Proved }> {
    const before = this.#here()
    const visit = this.visit
    await this.drop()
    visit?.cut()
    this.visit = null
    await this.connected()
    return { before, after: this.#here() }
  }

  /** The phone is gone. */
  async leave(): Promise<void> {
    await this.drop()
    this.visit = this.proved = this.hello = null
    await this.driver.close()
  }

  #here(): Proved {
    must(this.proved !== null, 'the phone has not registered')
    return this.proved
  }

  async #visitor(): Promise<Visit> {
    const isBack = this.visit === null && this.proved !== null
    const visit = isBack ? await this.desk.visits.take('phone back at the hub', ANSWER_MS) : await this.open()
    this.visit = visit
    await this.admit(visit)
    this.join(visit)
    return visit
  }
}

const isOffer = (message: unknown): boolean => (message as { type?: unknown }).type === 'offer'

/** The description as somebody in the middle would have it: with the fingerprint of a certificate of theirs. */
const otherFingerprint = (sdp: string): string =>
  sdp.replace(
    /(a=fingerprint:sha-256 )(\S\S)/gi,
    (_, start: string, byte: string) => start + (byte === '00' ? '01' : '00'),
  )
