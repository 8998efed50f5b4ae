import type { Reason } from '#protocol/errors.ts'
import type { Credentials } from '#protocol/frames.ts'
import { APP, type Message } from '#protocol/hub-events.ts'
import { networkKnown } from '#peer/connection.ts'
import { primitives } from '#peer/noble-crypto.ts'
import { Signaling, type SignalingEvents } from '#peer/signaling.ts'
import { ChannelBinding } from '#transfer/channel-binding.ts'
import { isLack, lackOf, type Lack } from './lacks.ts'
import { takeLinks, type KeptLink } from './link.ts'
import type { PageStores } from './page-store.ts'
import { Places } from './places.ts'

/** Milliseconds for an answer from where the hub may be by now: mostly nobody is there. */
const SCOUT_MS = 3_000

/** Where a client's session begins. */
const SESSION_PATH = '/socket.io/?EIO=4&transport=polling'

export interface RegistrationEvents extends Pick<SignalingEvents, 'onJoined' | 'onLeft' | 'onMessage' | 'onOffline'> {
  /** The hub has proved that it is the computer's own; `binding` is another one now. */
  readonly onProved: () => void
  /** The computer's own hub has ended the registration. */
  readonly onEnded: (code: Reason) => void
  /** A hub that has proved nothing refused it: it may be another computer at the same address. */
  readonly onTurnedAway: (code: Reason | Lack) => void
}

/** This page's registration at the hub, with one of the links that it can come with. */
export class Registration {
  readonly places = new Places(location.host)
  readonly #events: RegistrationEvents
  readonly #name: string
  readonly #links: readonly KeptLink[]
  #link: KeptLink | null
  #signaling: Signaling | null = null
  /** Looks for the hub in another place. */
  #scout: Signaling | null = null
  #binding: ChannelBinding | null = null
  #isTurnedAway = false
  /** Some hub has proved that it knows the link: no other is tried any more. */
  #isProved = false

  constructor(stores: PageStores, name: string, events: RegistrationEvents) {
    this.#events = events
    this.#name = name
    this.#links = takeLinks(stores)
    this.#link = this.#links[0] ?? null
  }

  /** Returns what binds a connection to the registration that was proved last. */
  get binding(): ChannelBinding | null {
    return this.#binding
  }

  get uid(): string {
    return this.#link?.uid ?? ''
  }

  get isRemembered(): boolean {
    return this.#link?.remembered ?? false
  }

  /** Returns whether there is a key that may be good another time. */
  get isKept(): boolean {
    return this.#links.some((link) => link.isKept)
  }

  /** Returns whether a hub that has proved nothing refused it, and nothing was tried since. */
  get isTurnedAway(): boolean {
    return this.#isTurnedAway
  }

  /** Returns whether what was refused for that may succeed another time with what this page has. */
  canTry(why: Reason | Lack): boolean {
    const isSpent = why === 'unknown-link' || why === 'revoked'
    return !isLack(why) && this.#links.some((link) => (isSpent ? link.isOwn : !link.isForgotten))
  }

  /** Begins once the browser knows its network; or returns why there is nothing to begin with. */
  start(): Reason | Lack | null {
    const why = lackOf() ?? (this.#link === null ? 'unknown-link' : null)
    if (why !== null) return why
    void networkKnown().then(() => {
      this.reconnect()
    })
    // The computer should not have to find out by silence that this page is gone.
    addEventListener('pagehide', () => {
      this.send('bye')
    })
    return null
  }

  /**
   * Tells whether the hub is there and takes nobody more just now: a socket that is refused says no more to a page than one that
   * leads nowhere. Elsewhere than where it was loaded from a page cannot ask. The hub begins nothing by such a request.
   */
  async isFull(): Promise<boolean> {
    if (!this.places.isAtHome) return false
    const answer = await fetch(SESSION_PATH, { method: 'HEAD', cache: 'no-store' }).catch(() => null)
    return answer?.status === 503
  }

  send(message: Message): void {
    this.#signaling?.send(message)
  }

  /** Makes the next attempt now, from the beginning where the last one was refused. */
  reconnect(): void {
    if (this.#signaling !== null) this.#signaling.reconnect()
    else this.#register(this.#isProved ? this.#link : (this.#links.find((link) => !link.isForgotten) ?? null))
  }

  /** Ends the registration; `reconnect` begins anew. */
  close(): void {
    this.stopScout()
    this.#signaling?.close()
    this.#signaling = null
  }

  /** Looks for the hub in another place as well, the next one each time. False: no other is known. */
  scout(): boolean {
    const link = this.#link
    // Before any hub has proved itself there is nobody to look for.
    const place = this.#isProved && link !== null ? this.places.next() : undefined
    this.stopScout()
    if (link === null || place === undefined) return false
    this.#scout = this.#open(link, place, SCOUT_MS)
    return true
  }

  stopScout(): void {
    this.#scout?.close()
    this.#scout = null
  }

  remember(on: boolean): void {
    if (this.#link !== null) this.#link.remembered = on
  }

  /** Keeps what this phone comes back with. False: the browser does not. */
  keep(credentials: Credentials): boolean {
    return this.#link?.keep(credentials) ?? true
  }

  /** Forgets all that this page could come with. */
  forget(): void {
    for (const link of this.#links) link.forget()
  }

  #register(link: KeptLink | null): void {
    this.#isTurnedAway = false
    if (link === null) return
    this.#link = link
    this.#signaling = this.#open(link, this.places.current)
  }

  #open(link: KeptLink, place: string, answerMs?: number): Signaling {
    const secret = () => link.secret()
    const who = { uid: link.uid, secret, role: APP, name: this.#name, kind: 'page' } as const
    const limit = answerMs === undefined ? {} : { answerMs }
    const own: Signaling = new Signaling(
      { url: `http://${place}`, ...who, ...limit },
      {
        ...this.#events,
        onOffline: () => {
          if (this.#scout !== own) this.#events.onOffline()
        },
        onRegistered: (session) => {
          if (this.#scout === own) this.#moveTo(own, place)
          this.#isProved = true
          link.proved()
          if (session === null) return
          this.#binding = new ChannelBinding(session, APP, primitives)
          this.#events.onProved()
        },
        onRefused: (code, isProved) => {
          // Somebody else is there, who has nothing to say about this computer.
          if (this.#scout === own) return
          this.#signaling = null
          if (isProved) this.#ended(link, code)
          else this.#turnedAway(link, code)
        },
      },
    )
    return own
  }

  /** The hub is where it was looked for, as it has proved. */
  #moveTo(scout: Signaling, place: string): void {
    this.#signaling?.close()
    this.#signaling = scout
    this.#scout = null
    this.#isTurnedAway = false
    this.places.found(place)
  }

  /** Forgets a link that is used up, or that a person took away: it is worth nothing any more. */
  #ended(link: KeptLink, code: Reason): void {
    if (code === 'unknown-link' || code === 'revoked') {
      link.forget()
      this.#isProved = false
    }
    this.#events.onEnded(code)
  }

  #turnedAway(link: KeptLink, code: Reason): void {
    const next = this.#links[this.#links.indexOf(link) + 1]
    if (code === 'unknown-link' && next !== undefined && !this.#isProved) this.#register(next)
    else this.turnAway(code)
  }

  /** Ends the registration for what somebody did who has proved nothing; `reconnect` begins anew. */
  turnAway(code: Reason | Lack): void {
    this.close()
    this.#isTurnedAway = true
    this.#events.onTurnedAway(code)
  }
}
