import type { Reason } from '#protocol/errors.ts'
import type { Credentials } from '#protocol/frames.ts'
import { APP, type Message } from '#protocol/hub-events.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { networkKnown } from '#peer/network-known.ts'
import { Signaling, type SignalingEvents } from '#peer/signaling.ts'
import { isLack, lackOf, type Lack } from './lacks.ts'
import { takeLinks, type KeptLink } from './link.ts'
import type { PageStores } from './page-store.ts'

export interface RegistrationPorts extends Pick<SignalingEvents, 'onJoined' | 'onLeft' | 'onMessage' | 'onOffline'> {
  readonly onProved: (session: SessionKey) => void
  /** By the computer's own hub. */
  readonly onEnded: (code: Reason) => void
  /** By a hub that has proved nothing: it may be another computer at the same address. */
  readonly onTurnedAway: (code: Reason | Lack) => void
}

/** This page's registration at the hub, with one of the links that it can come with. */
export class Registration {
  readonly #ports: RegistrationPorts
  readonly #name: string
  readonly #links: readonly KeptLink[]
  #link: KeptLink | null
  #signaling: Signaling | null = null
  #isTurnedAway = false
  /** Some hub has proved that it knows the link: no other is tried any more. */
  #isProved = false

  constructor(stores: PageStores, name: string, ports: RegistrationPorts) {
    this.#ports = ports
    this.#name = name
    this.#links = takeLinks(stores)
    this.#link = this.#links[0] ?? null
  }

  get uid(): string {
    return this.#link?.uid ?? ''
  }

  get isRemembered(): boolean {
    return this.#link?.remembered ?? false
  }

  /** There is a key that may be good another time. */
  get isKept(): boolean {
    return this.#links.some((link) => link.isKept)
  }

  /** A hub that has proved nothing refused it, and nothing was tried since. */
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

  send(message: Message): void {
    this.#signaling?.send(message)
  }

  /** Tries again at once, from the beginning where it was refused. */
  reconnect(): void {
    if (this.#signaling !== null) this.#signaling.reconnect()
    else this.#register(this.#isProved ? this.#link : (this.#links.find((link) => !link.isForgotten) ?? null))
  }

  /** Ends it; `reconnect` begins anew. */
  close(): void {
    this.#signaling?.close()
    this.#signaling = null
  }

  remember(on: boolean): void {
    if (this.#link !== null) this.#link.remembered = on
  }

  /** False: the browser does not keep it. */
  keep(credentials: Credentials): boolean {
    return this.#link?.keep(credentials) ?? true
  }

  /** All that this page could come with. */
  forget(): void {
    for (const link of this.#links) link.forget()
  }

  #register(link: KeptLink | null): void {
    this.#isTurnedAway = false
    if (link === null) return
    this.#link = link
    const secret = () => link.secret()
    const { uid } = link
    const options = { url: location.origin, uid, secret, role: APP, name: this.#name, kind: 'page' } as const
    this.#signaling = new Signaling(options, this.#events(link))
  }

  #events(link: KeptLink): SignalingEvents {
    return {
      ...this.#ports,
      onRegistered: (session) => {
        this.#isProved = true
        link.proved()
        if (session !== null) this.#ports.onProved(session)
      },
      onRefused: (code, isProved) => {
        this.#signaling = null
        if (isProved) this.#ended(link, code)
        else this.#turnedAway(link, code)
      },
    }
  }

  /** A used-up link is worth nothing any more, nor is one that a person took away. */
  #ended(link: KeptLink, code: Reason): void {
    if (code === 'unknown-link' || code === 'revoked') {
      link.forget()
      this.#isProved = false
    }
    this.#ports.onEnded(code)
  }

  #turnedAway(link: KeptLink, code: Reason): void {
    const next = this.#links[this.#links.indexOf(link) + 1]
    if (code === 'unknown-link' && next !== undefined && !this.#isProved) this.#register(next)
    else this.turnAway(code)
  }

  /** Ends it for what somebody did who has proved nothing; `reconnect` begins anew. */
  turnAway(code: Reason | Lack): void {
    this.close()
    this.#isTurnedAway = true
    this.#ports.onTurnedAway(code)
  }
}
