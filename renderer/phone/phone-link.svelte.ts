import type { Reason } from '#protocol/errors.ts'
import type { Credentials } from '#protocol/frames.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import type { Lane, LaneKind } from '#transfer/lane.ts'
import type { NewBatcher } from '#transfer/message-batcher.ts'
import { DirectLaneOpener } from './direct-lane-opener.ts'
import type { Lack } from './lacks.ts'
import { phoneName } from './link.ts'
import { watchPhone } from './phone-watch.ts'
import type { PhoneModel } from './model.ts'
import type { PageStores } from './page-store.ts'
import type { Refused } from './refusals.svelte.ts'
import { Registration } from './registration.ts'
import { SocketLaneOpener } from './socket-lane-opener.ts'

/** Milliseconds after which another sealed socket is opened, when lanes came or went and there is none. */
const SOCKET_LANE_AFTER_MS = 500
/** Milliseconds without any lane after which the hub is looked for elsewhere, and for each place: a hub that is back is found before. */
const LOOK_AFTER_MS = 4_000
const LOOK_EVERY_MS = 4_000
/** Milliseconds after a sleep, or a jump of the clock, in which a loss is one of that. */
const HAPPENED_MS = 30_000

export interface PhoneLinkEvents {
  /** The computer is at the hub, under this name. */
  onComputer(name: string): void
  /** A lane to the computer is open and confirmed. */
  onLane(lane: Lane): void
  /** Something was refused while what goes on goes on. */
  onRefusal(what: Refused): void
  /** The conversation is over: whatever was going on ends with this code. */
  onEnded(code: Reason): void
  /** Returns the kinds of lanes that are open. */
  lanes(): readonly LaneKind[]
}

/** Connects this page with its computer: registers, opens lanes and opens them again, and knows what state that is in. */
export class PhoneLink {
  connection = $state.raw<PhoneModel['connection']>('connecting')
  reason = $state.raw<Reason | Lack | null>(null)
  remembered = $state.raw(false)
  canForget = $state.raw(false)
  canTry = $state.raw(false)
  #looksAround = $state.raw(false)
  #isOffline = $state.raw(false)
  /** What happened to the phone just now. */
  #happened = $state.raw<'slept' | 'jumped' | null>(null)
  #isFull = $state.raw(false)
  #isAskingForRoom = false
  readonly name = phoneName(navigator.userAgent)
  readonly #events: PhoneLinkEvents
  readonly #registration: Registration
  readonly #direct: DirectLaneOpener
  readonly #socketLane: SocketLaneOpener
  /** A lane is open. */
  #hasLane = false
  #looking: ReturnType<typeof setTimeout> | undefined
  #happening: ReturnType<typeof setTimeout> | undefined

  constructor(stores: PageStores, events: PhoneLinkEvents) {
    this.#events = events
    this.#registration = this.#register(stores)
    this.#direct = new DirectLaneOpener(this.#registration, {
      onOpen: (lane) => {
        events.onLane(lane)
      },
      onClosed: (code) => {
        this.#directClosed(code)
      },
      onImpossible: () => {
        this.#socketLane.openSoon(0)
      },
    })
    this.#socketLane = new SocketLaneOpener(this.#registration, {
      isWanted: () => this.connection !== 'refused' && !events.lanes().includes('socket'),
      onOpen: (lane) => {
        events.onLane(lane)
      },
      onRefused: (code) => {
        events.onRefusal(code)
      },
      onFailed: () => {
        if (!this.#hasLane && this.#direct.isImpossible) this.#lost('no-way')
      },
    })
  }

  /** What goes on while the connection is lost. */
  get meanwhile(): PhoneModel['meanwhile'] {
    if (this.#isOffline) return 'offline'
    if (this.#isFull) return 'full'
    return this.#looksAround ? 'looking' : this.#happened
  }

  get uid(): string {
    return this.#registration.uid
  }

  /** Takes what the computer has said of where it can be reached. */
  learn(places: readonly string[]): void {
    this.#registration.places.learn(places)
  }

  /** Returns the address of something on the hub, for a link in this page. */
  urlOf(path: string): string {
    return this.#registration.places.urlOf(path)
  }

  /** Makes what batches control frames, once its script is there. */
  newBatcher(...[send]: Parameters<NewBatcher>): ReturnType<NewBatcher> {
    return this.#socketLane.newBatcher(send)
  }

  start(): void {
    this.remembered = this.#registration.isRemembered
    const why = this.#registration.start()
    if (why !== null) this.#refuse(why)
    else this.#watchPhone()
  }

  remember(on: boolean): void {
    this.remembered = on
    this.#registration.remember(on)
  }

  /** Keeps what this phone comes back with. False: the browser does not keep it. */
  keep(credentials: Credentials): boolean {
    return this.#registration.keep(credentials)
  }

  reconnect(): void {
    this.connection = 'connecting'
    // Its person has read it.
    this.reason = null
    this.#registration.reconnect()
    this.#direct.tryNow()
  }

  forget(): void {
    this.#registration.forget()
    this.remembered = false
    this.canForget = false
    this.canTry = false
  }

  /** Takes note that lanes came or went. `any`: at least one is open. */
  lanesChanged(any: boolean): void {
    this.#hasLane = any
    if (!this.#events.lanes().includes('socket')) this.#socketLane.openSoon(SOCKET_LANE_AFTER_MS)
    if (this.connection === 'refused') return
    if (!any) this.#lost(this.#direct.isThere ? 'connection-lost' : 'peer-left')
    else {
      this.#stopLooking()
      this.connection = 'connected'
      this.reason = null
    }
  }

  /** Ends what was going on, for the next connection to begin anew: nothing is tried again until its person says so. */
  end(code: Reason): void {
    this.#registration.close()
    // First of all: lanes that close now are no losses to be told of, or to be mended.
    this.#refuse(code)
    this.#hasLane = false
    this.#direct.left()
    this.#events.onEnded(code)
    this.#direct.close(code)
  }

  #register(stores: PageStores): Registration {
    return new Registration(stores, this.name, {
      onProved: () => {
        this.#isFull = false
        this.#stopLooking()
        this.remembered = this.#registration.isRemembered
        // Beside the direct connection, not after it: files would begin on that, and leave the processor for nothing else.
        this.#socketLane.provedAnew(0)
      },
      onJoined: (peer) => {
        this.#events.onComputer(cleanDeviceName(peer.name))
        if (!this.#hasLane) this.connection = 'connecting'
        this.#direct.came()
      },
      onLeft: () => {
        this.#away('peer-left')
      },
      onMessage: (message) => {
        this.#direct.hear(message)
      },
      onOffline: () => {
        this.#away('connection-lost')
        void this.#askForRoom()
      },
      onEnded: (code) => {
        this.end(code)
      },
      onTurnedAway: (code) => {
        this.#turnedAway(code)
      },
    })
  }

  /** Takes nothing away: what goes on with the right computer goes on. */
  #turnedAway(code: Reason | Lack): void {
    this.#direct.left()
    if (this.#hasLane) this.#events.onRefusal(code === 'tampered' ? code : 'stranger')
    else this.#refuse(code)
  }

  /** Knows what happens to the phone itself, and tries at once when that may be over. */
  #watchPhone(): void {
    watchPhone({
      onJump: (isSeen) => {
        this.#happened = isSeen ? 'jumped' : 'slept'
        clearTimeout(this.#happening)
        this.#happening = setTimeout(() => (this.#happened = null), HAPPENED_MS)
        this.#tryAtOnce()
      },
      onNetwork: (isThere) => {
        this.#isOffline = !isThere
        if (isThere) this.#tryAtOnce()
      },
    })
  }

  #tryAtOnce(): void {
    if (this.connection === 'lost') this.#registration.reconnect()
  }

  async #askForRoom(): Promise<void> {
    if (this.#isAskingForRoom) return
    this.#isAskingForRoom = true
    this.#isFull = await this.#registration.isFull()
    this.#isAskingForRoom = false
  }

  #away(reason: Reason): void {
    this.#direct.left()
    if (!this.#hasLane) this.#lost(reason)
  }

  #directClosed(code: Reason): void {
    if (this.connection === 'refused') {
      this.#direct.left()
    } else if (code === 'tampered') {
      this.#registration.turnAway(code)
    } else {
      this.#events.onRefusal(code)
      if (this.#hasLane) return
      this.#lost(code)
      this.#socketLane.openSoon(SOCKET_LANE_AFTER_MS)
    }
  }

  #lost(reason: Reason | Lack): void {
    // What was refused stays said until its person has read it.
    if (this.connection === 'refused') return
    this.connection = 'lost'
    this.reason = reason
    this.#looking ??= setTimeout(() => {
      this.#lookAround()
    }, LOOK_AFTER_MS)
    // Who answered in the computer's place while all went on without a hub may have made room for it.
    if (this.#registration.isTurnedAway) this.#registration.reconnect()
  }

  /** Looks for the hub in one place after the other where the computer has said that it may be. */
  #lookAround(): void {
    this.#looksAround = this.#registration.scout()
    this.#looking = setTimeout(() => {
      this.#lookAround()
    }, LOOK_EVERY_MS)
  }

  #stopLooking(): void {
    clearTimeout(this.#looking)
    this.#looking = undefined
    this.#looksAround = false
    this.#registration.stopScout()
  }

  #refuse(reason: Reason | Lack): void {
    this.#stopLooking()
    this.connection = 'refused'
    this.reason = reason
    this.remembered = this.#registration.isRemembered
    this.canForget = this.#registration.isKept
    this.canTry = this.#registration.canTry(reason)
  }
}
