import type { Reason } from '#protocol/errors.ts'
import type { Credentials, SyncFrame } from '#protocol/frames.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import { Bond } from '#peer/bond.ts'
import { startHashing } from '#peer/hash.ts'
import type { Lane } from '#transfer/lane.ts'
import { leftOut } from '#transfer/left-out.ts'
import { Session } from '#transfer/session.ts'
import { DirectLaneOpener } from './direct-lane-opener.ts'
import { fromInput, type PickedFiles } from './folder-pick.ts'
import { SocketLaneOpener } from './socket-lane-opener.ts'
import { newId } from './ids.ts'
import type { Lack } from './lacks.ts'
import { phoneName } from './link.ts'
import type { PhoneModel } from './model.ts'
import { openStores, type PageStore } from './page-store.ts'
import { Refusals } from './refusals.svelte.ts'
import { Registration } from './registration.ts'
import { ExtrasLoader } from './extras-loader.ts'
import type { ExtrasPage } from './extras/extras.ts'
import { PhoneTransfers } from './transfers.svelte.ts'

/** Milliseconds that the direct connection has to be there, before the way through the hub is opened beside it. */
const SOCKET_LANE_AFTER_MS = 2_000

/** This page as a peer: registers, offers whenever the computer is there, keeps the session's transfers. */
export class Phone implements ExtrasPage {
  connection = $state.raw<PhoneModel['connection']>('connecting')
  reason = $state.raw<Reason | Lack | null>(null)
  desktopName = $state.raw('')
  remembered = $state.raw(false)
  canForget = $state.raw(false)
  canTry = $state.raw(false)
  lane = $state.raw<PhoneModel['lane']>(null)
  readonly #extras = new ExtrasLoader(this)
  readonly #refusals = new Refusals()
  readonly #transfers = new PhoneTransfers((file) => this.#extras.thumbnail(file))
  readonly #sha256 = startHashing()
  readonly #name = phoneName(navigator.userAgent)
  readonly #stores = openStores()
  readonly #registration = new Registration(this.#stores, this.#name, {
    onProved: (session) => {
      this.remembered = this.#registration.isRemembered
      this.#bond = new Bond(session)
      this.#socketLane.provedAnew(SOCKET_LANE_AFTER_MS)
    },
    onJoined: (peer) => {
      this.desktopName = cleanDeviceName(peer.name)
      if (this.lane === null) this.connection = 'connecting'
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
    },
    onEnded: (code) => {
      this.#end(code)
    },
    onTurnedAway: (code) => {
      this.#turnedAway(code)
    },
  })
  /** Of the registration that was proved last. */
  #bond: Bond | null = null
  /** Made with the first lane, and kept: what goes on outlives its lanes. */
  #session: Session | null = null
  readonly #direct = new DirectLaneOpener({
    bond: () => this.#bond,
    send: (message) => {
      this.#registration.send(message)
    },
    opened: (lane) => {
      this.#open(lane)
    },
    closed: (code) => {
      this.#directClosed(code)
    },
    impossible: () => {
      this.#socketLane.openSoon(0)
    },
  })
  readonly #socketLane = new SocketLaneOpener({
    session: () => this.#bond?.session ?? null,
    wanted: () => this.connection !== 'refused' && this.#session?.lanes.includes('socket') !== true,
    opened: (lane) => {
      this.#open(lane)
    },
    refused: (code) => {
      this.#refusals.add(code)
    },
    failed: () => {
      if (this.lane === null && this.#direct.isImpossible) this.#lost('no-way')
    },
  })

  get transfers(): PhoneModel['transfers'] {
    return this.#transfers.list
  }

  get batches(): PhoneModel['batches'] {
    return this.#transfers.batches
  }

  get unfinished(): PhoneModel['unfinished'] {
    return this.#transfers.unfinished
  }

  get refusals(): PhoneModel['refusals'] {
    return this.#refusals.list
  }

  get uid(): string {
    return this.#registration.uid
  }

  get store(): PageStore {
    return this.remembered ? this.#stores.browser : this.#stores.tab
  }

  start(): void {
    this.remembered = this.#registration.isRemembered
    const why = this.#registration.start()
    if (why !== null) this.#refuse(why)
  }

  send(files: readonly File[]): void {
    this.sendPicked(fromInput(files))
  }

  sendPicked({ files, left, leftNames }: PickedFiles, batch?: string): void {
    const isEmpty = files.length === 0 && leftNames.every((name) => name.endsWith('/'))
    // What goes has a row, and what was left out is said there.
    if (left > 0 && (files.length === 0 || this.#session === null)) this.#refusals.add(isEmpty ? 'empty' : 'left-out')
    if (files.length > 0 && this.#session === null) this.#refusals.add('not-sent')
    this.#transfers.sendAll(this.#session, files, batch, leftOut(leftNames, left))
  }

  say(frame: SyncFrame): void {
    this.#session?.sync(frame)
  }

  cancel(id: string): void {
    if (this.#transfers.isBatch(id)) this.#transfers.cancelBatch(this.#session, id)
    else this.#session?.cancel(id)
  }

  forget(id: string): void {
    this.#transfers.forgetUnfinished(id)
  }

  pause(id: string, on: boolean): void {
    this.#session?.pause(id, on)
  }

  retry(id: string): void {
    if (this.#session === null) this.#refusals.add('not-sent')
    this.#transfers.retry(this.#session, id)
  }

  remember(on: boolean): void {
    if (this.#session === null) return
    this.remembered = on
    this.#registration.remember(on)
    this.#session.remember(on)
  }

  clearFinished(): void {
    this.#transfers.clearFinished()
  }

  dismiss(words: string): void {
    this.#refusals.dismiss(words)
  }

  reconnect(): void {
    this.connection = 'connecting'
    // Its person has read it.
    this.reason = null
    this.#registration.reconnect()
    this.#direct.tryNow()
  }

  forgetComputer(): void {
    this.#registration.forget()
    this.remembered = false
    this.canForget = false
    this.canTry = false
  }

  /** Nothing is taken away, and what goes on with the right computer goes on. */
  #turnedAway(code: Reason | Lack): void {
    this.#direct.left()
    if (this.lane !== null) this.#refusals.add(code === 'tampered' ? code : 'stranger')
    else this.#refuse(code)
  }

  #away(reason: Reason): void {
    this.#direct.left()
    if (this.lane === null) this.#lost(reason)
  }

  #open(lane: Lane): void {
    this.#session ??= this.#openSession()
    this.#session.addLane(lane)
    // The direct way came first; which of the two is faster shows with the first large file.
    if (lane.kind === 'webrtc') this.#socketLane.openSoon(0)
  }

  #openSession(): Session {
    return new Session({
      parity: 1,
      newBatcher: (send) => this.#socketLane.newBatcher(send),
      self: { name: this.#name, kind: 'page', many: true, pieces: true, got: true, records: true, texts: true },
      session: newId(),
      sha256: this.#sha256,
      newId,
      mustFetch: (offer) => this.#transfers.isTooLarge(offer),
      openSink: (offer, fresh) => this.#transfers.openSink(offer, fresh),
      onPeer: (peer) => {
        this.desktopName = cleanDeviceName(peer.name)
        this.#extras.greeted(peer.texts)
      },
      onSync: (frame) => {
        this.#extras.receive(frame)
      },
      onTransfer: (view) => {
        this.#transfers.put(view)
      },
      onBatch: (batch) => {
        this.#transfers.announced(batch)
      },
      onUnfinished: (file) => {
        this.#transfers.addUnfinished(file)
      },
      onLanes: (kinds) => {
        this.#lanesChanged(kinds.length > 0)
      },
      onCredentials: (credentials) => {
        this.#keep(credentials)
      },
      onClosed: (code) => {
        this.#end(code)
      },
      onBroken: (code) => {
        this.#end(code)
      },
    })
  }

  #keep(credentials: Credentials): void {
    if (this.#registration.keep(credentials) || !this.remembered) return
    this.#refusals.add('not-remembered')
    this.remember(false)
  }

  #lanesChanged(any: boolean): void {
    if (this.#session?.lanes.includes('socket') !== true) this.#socketLane.openSoon(SOCKET_LANE_AFTER_MS)
    this.lane = any ? (this.#session?.lane ?? null) : null
    if (this.connection === 'refused') return
    if (!any) this.#lost(this.#direct.isThere ? 'connection-lost' : 'peer-left')
    else {
      this.connection = 'connected'
      this.reason = null
    }
  }

  /** Ends what was going on, for the next connection to begin anew: nothing is tried again until its person says so. */
  #end(code: Reason): void {
    const session = this.#session
    this.#session = null
    this.#registration.close()
    // First of all: lanes that close now are no losses to be told of, or to be mended.
    this.#refuse(code)
    this.lane = null
    this.#direct.left()
    session?.end(code)
    this.#direct.close(code)
  }

  #directClosed(code: Reason): void {
    if (this.connection === 'refused') {
      this.#direct.left()
    } else if (code === 'tampered') {
      this.#registration.turnAway(code)
    } else {
      this.#refusals.add(code)
      if (this.lane !== null) return
      this.#lost(code)
      this.#socketLane.openSoon(SOCKET_LANE_AFTER_MS)
    }
  }

  #lost(reason: Reason | Lack): void {
    // What was refused stays said until its person has read it.
    if (this.connection === 'refused') return
    this.connection = 'lost'
    this.reason = reason
    // Who answered in the computer's place while all went on without a hub may have made room for it.
    if (this.#registration.isTurnedAway) this.#registration.reconnect()
  }

  #refuse(reason: Reason | Lack): void {
    this.connection = 'refused'
    this.reason = reason
    this.remembered = this.#registration.isRemembered
    this.canForget = this.#registration.isKept
    this.canTry = this.#registration.canTry(reason)
  }
}
