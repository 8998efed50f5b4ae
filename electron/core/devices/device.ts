import { createHash } from 'node:crypto'
import type { DeviceView } from '#electron/app-state.ts'
import type { Remembered } from '#store/device-store.ts'
import type { Batch, Credentials, LaneWish, Unfinished } from '#protocol/frames.ts'
import type { Reason } from '#protocol/errors.ts'
import type { Joined, PeerKind } from '#protocol/hub-events.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import type { HandOut } from '#transfer/sender.ts'
import type { Sha256 } from '#transfer/hashing.ts'
import type { Lane, LaneKind } from '#transfer/lane.ts'
import { MessageBatcher } from '#transfer/message-batcher.ts'
import type { WantThumb } from '#transfer/receiver.ts'
import { Session, type Conversation } from '#transfer/session.ts'
import type { Outcome, Peer, SessionOptions } from '#transfer/session-options.ts'
import type { Sink } from '#transfer/sink.ts'
import type { Source } from '#transfer/source.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import { newId } from '#core/ids.ts'
import type { IncomingFile } from '#core/prompts.ts'
import { ConnectionTest } from './connection-test.ts'
import { DeviceSync, type SyncStore } from './device-sync.ts'
import { LegacyPhone } from './legacy-phone.ts'
import { DevicePreferences, type NewDevicePreferences } from './preferences.ts'
import * as presence from './presence.ts'
import { WindowLink, type LegacySignal, type LinkPort, type OpenedLane } from './window-link.ts'

/** Where the files of devices go, and who lets them in. */
export interface FileIntake {
  /** Whether the file is wanted; it may take a person to say so. Not asked again for the same id. */
  mayTake(device: Device, file: IncomingFile, look?: WantThumb): Promise<boolean>
  /** What the file will be called here, as far as that is known before it comes. */
  landsAs(file: Pick<IncomingFile, 'path' | 'name'>): string
  /** `fresh`: what is left of an earlier attempt is of another version of the file. */
  openSink(device: Device, file: IncomingFile, fresh: boolean): Promise<Sink>
  /** How a file of that id ended in an earlier run; null if it did not. */
  landed(device: Device, id: string): Outcome | null
  /** What is kept of files from earlier attempts. */
  unfinished(device: Device): readonly Unfinished[]
}

/** What devices tell the program, each with the device that it is about. */
export interface DeviceEvents {
  /** The window has registered the device's link at the hub. */
  onRegistered(device: Device): void
  /** A phone is at the hub on this link. */
  onJoined(device: Device): void
  /** A lane leads to a phone that was away. */
  onHere(device: Device): void
  /** The phone can be sent to, and what it takes is known. */
  onGreeted(device: Device): void
  /** A lane leads to the phone, maybe once more without its having been away. */
  onReachable(device: Device): void
  onAway(device: Device): void
  /** The first lane since the phone had none is confirmed. `give` sends credentials, once these are safe here. */
  onConfirmed(device: Device, give: (credentials: Credentials) => void): void
  /** The person at a page wants it remembered beyond its tab, or no longer. */
  onRemember(device: Device, on: boolean, give: (credentials: Credentials) => void): void
  onBatch(device: Device, batch: Batch): void
  onTransfer(device: Device, view: TransferView): void
  /** The session was ended because of the protocol, by this side or by the other. */
  onBroken(device: Device, where: 'here' | 'there', code: Reason): void
  /** Anything that a screen shows changed. */
  onChange(): void
}

/** What devices need of the program: the same for all of them. */
export interface DeviceOptions {
  readonly computerName: () => string
  /** What holds for a phone that joins for the first time. */
  readonly newPhones: () => NewDevicePreferences
  /** Names this run of the program: 32 characters of hex. */
  readonly run: string
  /** ms since 1970, of the app's own calendar. */
  now(): number
  laneWish(): LaneWish
  /** Where the hub can be reached, each as `host:port`. */
  places(): readonly string[]
  /** ms of filler each way in a test of a connection; three seconds unless given. */
  readonly testMs?: number | undefined
  readonly files: FileIntake
  readonly sync: SyncStore
  /** Offers a file to the device as a download over http. */
  handOut(device: Device, ...args: Parameters<HandOut>): ReturnType<HandOut>
  readonly events: DeviceEvents
}

/** Milliseconds after which a phone that is away no longer keeps files open here. They resume when it is back. */
const REST_MS = 60_000

/** Milliseconds: of files that a phone sends in a crowd, five or ten are answered at once. Nobody waits for less. */
const GAP_MS = 4

/** What this computer says of itself in `hello`. */
const ABILITIES = { kind: 'desktop', folders: true, many: true, pieces: true, got: true, texts: true } as const

/** Hashes in this thread: a worker would cost more than the half millisecond that a block takes. */
const sha256: Sha256 = (bytes) => Promise.resolve(createHash('sha256').update(bytes).digest('hex'))

/** What is restored of a device of an earlier run. */
export type Restored = Pick<
  Remembered,
  'name' | 'label' | 'kind' | 'lastSeen' | 'seen' | 'autoAccept' | 'clipboard' | 'tests'
>

/** The phone of one link: who it is, whether it is here, and what goes on with it. */
export class Device {
  readonly id: string
  /** What the phone calls itself, and what a person here calls it. */
  said = ''
  label = ''
  /** ms since 1970, by the system's clock, for people; and by the app's calendar, to compare. 0 = never. */
  lastSeen = 0
  seen = 0
  kind: PeerKind = 'page'
  /** Whether the phone takes folders as they are; others get one file of all. */
  takesFolders = false
  /** Records and texts of the phone. */
  readonly sync: DeviceSync
  readonly test: ConnectionTest
  readonly preferences = new DevicePreferences(() => this.kind !== 'legacy')
  #presence: presence.Presence = presence.EMPTY
  /** Whether the device was removed: no lane leads to it any more, whatever still arrives. */
  #isRemoved = false
  /** Of a phone of version 2: made with its first lane, kept while the phone is away. */
  #session: Session | null = null
  #rest: ReturnType<typeof setTimeout> | undefined
  readonly #link: WindowLink
  readonly #legacy: LegacyPhone
  readonly #options: DeviceOptions

  constructor(id: string, options: DeviceOptions) {
    this.id = id
    this.#options = options
    this.#link = this.#openLink()
    this.#legacy = this.#openLegacy()
    this.test = new ConnectionTest({
      now: () => Date.now(),
      ms: options.testMs,
      onChange: () => {
        options.events.onChange()
      },
    })
    this.sync = new DeviceSync(this, options.sync, (frame) => this.#session?.sync(frame))
  }

  get name(): string {
    return this.label || this.said
  }

  get state(): presence.Presence['state'] {
    return this.#presence.state
  }

  /** What a phone of version 2 has going on; null where none has been here in this run. */
  get session(): Session | null {
    return this.#session
  }

  /** The session's key, while a proved registration is the last word. */
  get sessionKey(): SessionKey | null {
    return this.#link.session
  }

  /** The lane that a file would take now; null while none leads to the phone. */
  get lane(): LaneKind | null {
    if (this.#legacy.session !== null) return 'legacy'
    return this.#session !== null && this.#session.lanes.length > 0 ? this.#session.lane : null
  }

  /** Takes over what is known of a phone that was here in an earlier run. */
  restore({ name: said, label, kind: kept, lastSeen, seen = lastSeen, tests = [], ...preferences }: Restored): void {
    // Only phones that have proved a key are kept; earlier versions believed one that called itself an app of 2018.
    const kind = kept === 'legacy' ? 'page' : kept
    Object.assign(this, { said, label, kind, lastSeen, seen })
    this.#presence = presence.AWAY
    this.preferences.restore(preferences)
    this.test.restore(tests)
    this.#session ??= this.#openSession()
  }

  /** The window (again) hosts this link. What the old window held is gone; who is here will be said again. */
  attach(port: LinkPort): void {
    this.detach(true)
    this.#link.attach(port)
  }

  /** A phone has proved the key of this link, or its own: its next connection must be of that session. */
  proved(session: SessionKey): void {
    if (this.#isRemoved) return
    this.preferences.begin(this.#options.newPhones())
    this.#link.prove(session)
  }

  /** Takes a message of the window about this link; what is not of the contract is dropped. */
  receive(raw: unknown): void {
    if (!this.#isRemoved) this.#link.receive(raw)
  }

  /** The window is gone, and with it the connection. `close`: the window is there, and is to let go of this link. */
  detach(close = false): void {
    this.#link.detach(close)
    this.#dropChannel()
    this.#left()
  }

  /**
   * Ends what the device does here, now and for ever: what the window or the hub still deliver for it, such as a channel
   * that has just opened, comes to nothing.
   */
  cut(code: Reason): void {
    this.#isRemoved = true
    this.#endSession(code)
    this.#dropChannel(true, true)
    this.#left()
    // Nothing is left that could come to rest.
    clearTimeout(this.#rest)
    this.#link.prove(null)
  }

  /** Suspends files that are arriving; they resume another time. */
  async close(): Promise<void> {
    clearTimeout(this.#rest)
    await this.#session?.rest()
  }

  /** Queues a file; null when nobody is here to take it. A phone that was here gets it when it is back. */
  send(source: Source): string | null {
    return this.#transfers?.send(source) ?? null
  }

  cancel(transferId: string): void {
    this.#transfers?.cancel(transferId)
  }

  /** Asks an app of 2018 for these of its records; none = all. */
  exportLegacy(ids: readonly string[]): void {
    this.#legacy.exportRecords(ids)
  }

  /** Adds a lane that is proved to lead to the phone. */
  addLane(lane: Lane): void {
    if (this.#isRemoved) {
      lane.close()
      return
    }
    clearTimeout(this.#rest)
    const session = (this.#session ??= this.#openSession())
    const isFirst = session.lanes.length === 0
    session.addLane(lane)
    if (!isFirst) return
    this.#here()
    this.#options.events.onConfirmed(this, (credentials) => {
      session.giveCredentials(credentials)
    })
  }

  /** Returns what a screen shows of the device. */
  view(): DeviceView {
    const { id, name, kind, state, lane, lastSeen } = this
    const { autoAccept, clipboard } = this.preferences
    const { takesTexts, unheard } = this.sync
    const { notice } = this.#legacy
    const trouble = presence.troubleOf(this.#presence)
    return {
      id,
      name,
      kind,
      state: state === 'empty' ? 'away' : state,
      autoAccept,
      ...(lane !== null && { lane }),
      ...(state === 'away' && lastSeen > 0 && { lastSeen }),
      texts: takesTexts && kind !== 'legacy',
      clipboard,
      unheard,
      ...(this.test.isOffered && kind !== 'legacy' && { test: this.test.view() }),
      ...(trouble && { trouble }),
      ...(notice && { notice }),
    }
  }

  get #transfers(): Conversation | null {
    return this.#legacy.session ?? this.#session
  }

  #openLink(): WindowLink {
    return new WindowLink({
      onRegistered: () => {
        this.#options.events.onRegistered(this)
      },
      onJoined: (peer) => {
        this.#joined(peer)
      },
      onLeft: () => {
        this.#left()
      },
      onLaneOpen: (opened) => {
        this.#laneOpen(opened)
      },
      onLaneClosed: () => {
        this.#dropChannel()
      },
      onSignal: (event, payload) => {
        this.#onSignal(event, payload)
      },
      onTrouble: (code) => {
        this.#inTrouble(code)
      },
    })
  }

  #openLegacy(): LegacyPhone {
    const { files, sync, events } = this.#options
    return new LegacyPhone({
      sha256,
      post: (message) => {
        this.#link.post(message)
      },
      mayTake: (file) => files.mayTake(this, file),
      landsAs: (name) => files.landsAs({ name }),
      openSink: (file) => files.openSink(this, file, true),
      onTransfer: (view) => {
        events.onTransfer(this, view)
      },
      onRecords: (records) => {
        sync.list(this, records)
      },
    })
  }

  /** Whoever holds the place now has proved nothing, whoever held it before: it may be an app of 2018. */
  #joined(peer: Joined): void {
    this.said = cleanDeviceName(peer.name)
    this.kind = peer.kind
    if (peer.v === 1) this.#link.prove(null)
    this.#presence = presence.joined(this.#presence, this.lane !== null)
    this.#legacy.joined()
    if (this.kind !== 'legacy') this.#options.sync.forget(this)
    this.#options.events.onJoined(this)
    this.#options.events.onChange()
  }

  #left(): void {
    const hasLane = this.lane !== null
    if (hasLane) this.#presence = presence.left(this.#presence, true)
    else this.#moveOn(presence.left(this.#presence, false))
  }

  /** Nothing leads to the phone just now. What it has going on waits for its return. */
  #noLane(): void {
    clearTimeout(this.#rest)
    this.#rest = setTimeout(() => void this.#session?.rest(), REST_MS).unref()
    this.#moveOn(presence.unreached(this.#presence))
  }

  /** The phone is without a lane: away, or connecting. */
  #moveOn(now: presence.Presence): void {
    const before = this.#presence
    if (now.state === 'empty') return
    if (now.state === 'away' && before.state !== 'away') this.#see()
    this.#presence = now
    if (now.state === 'away' && presence.isAnnounced(before)) this.#options.events.onAway(this)
    this.#options.events.onChange()
  }

  #here(): void {
    const before = this.#presence
    this.#presence = presence.reached(before)
    this.#see()
    if (!presence.isAnnounced(before)) this.#options.events.onHere(this)
    this.#options.events.onReachable(this)
    this.#options.events.onChange()
  }

  #see(): void {
    this.lastSeen = Date.now()
    this.seen = this.#options.now()
  }

  #inTrouble(code: Reason): void {
    this.#presence = presence.troubled(this.#presence, code)
    this.#options.events.onChange()
  }

  #laneOpen(opened: OpenedLane): void {
    this.#dropChannel()
    const lane = this.#link.open(opened)
    if (opened.lane === 'legacy' && this.kind === 'legacy') {
      this.#legacy.open(lane)
      this.#here()
      this.#options.events.onGreeted(this)
      return
    }
    const isProved = opened.lane === 'webrtc' && this.#link.confirm(lane, opened, this.#confirmed)
    if (!isProved) this.#dropChannel(true)
  }

  readonly #confirmed = (confirmed: Lane | Reason): void => {
    if (typeof confirmed !== 'string') this.addLane(confirmed)
    else {
      this.#dropChannel()
      this.#inTrouble(confirmed)
      if (confirmed === 'tampered') this.#options.events.onBroken(this, 'here', confirmed)
    }
  }

  /** Takes the window's channel off. `close`: the window is to close it; `leaves`: the phone is off the hub as well. */
  #dropChannel(close = false, leaves = false): void {
    const end = this.#link.drop(close)
    if (end === null) return
    const isAtHub = !leaves && presence.isAtHub(this.#presence)
    this.#legacy.end(isAtHub ? 'connection-lost' : 'peer-left')
    // The session hears of it, and says when there is no lane left.
    end()
    if (this.lane === null && !leaves) this.#noLane()
  }

  #onSignal(event: LegacySignal, payload: unknown): void {
    if (this.kind !== 'legacy' || !presence.isAtHub(this.#presence)) return
    if (this.#legacy.hear(event, payload)) this.#options.events.onChange()
  }

  /** One side does not keep to the protocol, and the side that noticed has said so. */
  #broken(where: 'here' | 'there', code: Reason): void {
    this.#endSession(code)
    this.#presence = presence.troubled(this.#presence, code)
    this.#options.events.onBroken(this, where, code)
    this.#options.events.onChange()
  }

  #endSession(code: Reason): void {
    const session = this.#session
    this.#session = null
    session?.end(code)
  }

  #openSession(): Session {
    const { computerName, run, files, events } = this.#options
    const session: Session = new Session({
      parity: 0,
      newBatcher: (send) => new MessageBatcher(send, GAP_MS),
      self: { name: computerName(), ...ABILITIES },
      newMeasuring: this.test.newMeasuring,
      at: () => this.#options.places(),
      session: run,
      sha256,
      newId,
      mayTake: (file, look) => files.mayTake(this, file, look),
      landsAs: (file) => files.landsAs(file),
      openSink: (file, fresh) => files.openSink(this, file, fresh),
      landed: (id) => files.landed(this, id),
      unfinished: () => files.unfinished(this),
      handOut: (source, tell) => this.#options.handOut(this, source, tell),
      onTransfer: (view) => {
        events.onTransfer(this, view)
      },
      onBatch: (batch) => {
        events.onBatch(this, batch)
      },
      onRemember: (on) => {
        events.onRemember(this, on, (credentials) => {
          session.giveCredentials(credentials)
        })
      },
      ...this.#sessionEvents(),
    })
    session.wish = this.#options.laneWish()
    return session
  }

  #sessionEvents(): Pick<SessionOptions, 'onPeer' | 'onSync' | 'onLanes' | 'onClosed' | 'onBroken'> {
    return {
      onPeer: (peer) => {
        this.#greeted(peer)
      },
      onSync: (frame) => {
        this.sync.receive(frame)
      },
      onLanes: (kinds) => {
        if (kinds.length === 0) this.#noLane()
        else this.#options.events.onChange()
      },
      onClosed: (code) => {
        this.#broken('there', code)
      },
      onBroken: (code) => {
        this.#broken('here', code)
      },
    }
  }

  #greeted(peer: Peer): void {
    this.said = cleanDeviceName(peer.name)
    this.takesFolders = peer.folders
    this.test.isOffered = peer.measures
    this.sync.greeted(peer)
    this.#options.events.onGreeted(this)
    this.#options.events.onChange()
  }
}
