import type { DeviceView } from '#electron/window-api.ts'
import { assertNever, ProtocolError, type Reason } from '#protocol/errors.ts'
import type { Joined, PeerKind } from '#protocol/hub-events.ts'
import { FromWindow } from '#protocol/link-port.ts'
import { parse } from '#protocol/parse.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import type { Lane, LaneKind } from '#transfer/lane.ts'
import type { Conversation, Session } from '#transfer/session.ts'
import type { Source } from '#transfer/source.ts'
import { viewOf } from './device-parts.ts'
import type { DevicePorts, LinkPort } from './device-ports.ts'
import { openSession } from './device-session.ts'
import { HeldSession } from './held-session.ts'
import { LegacyPhone } from './legacy-phone.ts'
import { DeviceSync } from './device-sync.ts'
import { DevicePreferences, type Restored } from './wishes.ts'
import { WindowLink } from './window-link.ts'

/** Why a phone that kept to no protocol is away: it does not come back by itself, and a person here should know. */
const STAYS: ReadonlySet<Reason | null> = new Set<Reason>(['malformed', 'overrun', 'version', 'tampered', 'failed'])

/** The phone of one link: who it is, whether it is here, and the conversation with it. */
export class Device {
  readonly id: string
  /** What it calls itself, and what a person here calls it. */
  said = ''
  label = ''
  /** ms since 1970, by the system's clock, for people; and by the app's calendar, to compare. 0 = never. */
  lastSeen = 0
  seen = 0
  kind: PeerKind = 'page'
  state: 'empty' | DeviceView['state'] = 'empty'
  trouble: Reason | null = null
  /** It takes folders as they are; others get one file of all. */
  takesFolders = false
  /** Its records, and texts both ways. */
  readonly sync: DeviceSync
  readonly preferences = new DevicePreferences(() => this.kind !== 'legacy')
  #atHub = false
  #announced = false
  readonly #channel = new WindowLink()
  /** Of a phone of version 2: outlives its lanes. */
  readonly #held = new HeldSession(() => this.#openSession())
  readonly #legacy: LegacyPhone
  readonly #ports: DevicePorts

  constructor(id: string, ports: DevicePorts) {
    this.id = id
    this.#ports = ports
    this.#legacy = new LegacyPhone(ports, this.#channel)
    this.sync = new DeviceSync(ports.sync, (frame) => this.session?.sync(frame))
  }

  get name(): string {
    return this.label || this.said
  }

  /** It was here in an earlier run. */
  restore({ name: said, label, kind: kept, lastSeen, seen = lastSeen, ...preferences }: Restored): void {
    // Only phones that have proved a key are kept; earlier versions believed one that called itself an app of 2018.
    const kind = kept === 'legacy' ? 'page' : kept
    Object.assign(this, { said, label, kind, lastSeen, seen, state: 'away' })
    this.preferences.restore(preferences)
    this.#held.begin()
  }

  /** The window (again) hosts this link. What the old window held is gone; who is here will be said again. */
  attach(port: LinkPort): void {
    this.detach(true)
    this.#channel.attach(port)
  }

  /** A phone has proved the key of this link, or its own: its next connection must be of that session. */
  proved(session: SessionKey): void {
    if (!this.#held.isOver) this.#channel.prove(session)
  }

  /** A message of the window about this link; what is not of the contract is dropped. */
  receive(raw: unknown): void {
    if (this.#held.isOver) return
    try {
      this.#act(parse(FromWindow, raw))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
    }
  }

  /** The window is gone, and with it the connection. `close`: it is there, and is to let go of this link. */
  detach(close = false): void {
    this.#channel.detach(close)
    this.#dropChannel()
    this.#left()
  }

  /**
   * Ends what the device does here, now and for ever: what the window or the hub still have on their way for it, such as
   * a channel that has just opened, comes to nothing.
   */
  cut(code: Reason): void {
    this.#held.remove(code)
    this.#atHub = false
    this.#dropChannel(true)
    this.#channel.prove(null)
  }

  /** Lets go of files that are arriving, to go on another time. */
  close(): Promise<void> {
    return this.#held.close()
  }

  /** Queues a file; null when nobody is here to take it. A phone that was here gets it when it is back. */
  send(source: Source): string | null {
    return this.#transfers?.send(source) ?? null
  }

  /** What a phone of version 2 has going on; null where none has been here in this run. */
  get session(): Session | null {
    return this.#held.now
  }

  /** The session's key, while a proved registration is the last word. */
  get sessionKey(): SessionKey | null {
    return this.#channel.session
  }

  get lane(): LaneKind | null {
    return this.#legacy.session === null ? this.#held.lane : 'legacy'
  }

  cancel(transferId: string): void {
    this.#transfers?.cancel(transferId)
  }

  /** Asks an app of 2018 for these of its records; none = all. */
  exportLegacy(ids: readonly string[]): void {
    this.#legacy.exportRecords(ids)
  }

  view(): DeviceView {
    return viewOf(this, this.#legacy.words)
  }

  #act(message: FromWindow): void {
    switch (message.t) {
      case 'registered':
        this.#ports.onRegistered()
        return
      case 'joined':
        this.#joined(message.peer)
        return
      case 'left':
        this.#left()
        return
      case 'lane-open':
        this.#laneOpen(message)
        return
      case 'check-offer':
        this.#inTrouble(this.#channel.checkOffer(message.n, message.sdp, message.mac))
        return
      case 'sign-answer':
        this.#channel.signAnswer(message.n, message.sdp)
        return
      case 'lane-closed':
        this.#dropChannel()
        return
      case 'data':
        this.#channel.deliver(message.data)
        return
      case 'credit':
        this.#channel.credit(message.bytes)
        return
      case 'signal':
        this.#onSignal(message.event, message.payload)
        return
      case 'trouble':
        this.#inTrouble(message.code)
        return
      default:
        assertNever(message)
    }
  }

  #joined(peer: Joined): void {
    this.#atHub = true
    this.said = cleanDeviceName(peer.name)
    this.kind = peer.kind
    // Whoever holds the place now has proved nothing, whoever held it before.
    if (peer.v === 1) this.#channel.prove(null)
    this.trouble = null
    // The link may have been another program's before.
    this.#legacy.words.joined()
    if (this.kind !== 'legacy') this.#ports.sync.forget()
    if (this.lane === null) this.state = 'connecting'
    this.#ports.onJoined()
    this.#ports.onChange()
  }

  #left(): void {
    this.#atHub = false
    if (this.lane === null) this.#goAway()
  }

  #goAway(): void {
    if (this.state === 'empty') return
    if (this.state !== 'away') this.#see()
    this.state = 'away'
    if (!STAYS.has(this.trouble)) this.trouble = null
    if (this.#announced) this.#ports.onAway()
    this.#announced = false
    this.#ports.onChange()
  }

  #see(): void {
    this.lastSeen = Date.now()
    this.seen = this.#ports.now()
  }

  #inTrouble(code: Reason | null): void {
    if (code === null) return
    this.trouble = code
    this.#ports.onChange()
  }

  #laneOpen(opened: Extract<FromWindow, { t: 'lane-open' }>): void {
    this.#dropChannel()
    const lane = this.#channel.open(opened)
    if (opened.lane === 'legacy' && this.kind === 'legacy') {
      this.#legacy.open(lane)
      this.#here()
      return
    }
    const isProved = opened.lane === 'webrtc' && this.#channel.confirm(lane, opened, this.#confirmed)
    if (!isProved) this.#dropChannel(true)
  }

  readonly #confirmed = (confirmed: Lane | Reason): void => {
    if (typeof confirmed !== 'string') this.addLane(confirmed)
    else {
      this.#dropChannel()
      this.#inTrouble(confirmed)
      if (confirmed === 'tampered') this.#ports.onBroken('here', confirmed)
    }
  }

  /** A lane that is proved to lead to the phone. */
  addLane(lane: Lane): void {
    const session = this.#held.addLane(lane)
    if (session === null) return
    this.#here()
    this.#ports.onConfirmed((credentials) => {
      session.giveCredentials(credentials)
    })
  }

  #openSession(): Session {
    return openSession(this.#ports, {
      onPeer: (peer) => {
        this.said = peer.name
        this.takesFolders = peer.folders
        this.sync.greeted(peer)
        this.#ports.onChange()
      },
      onSync: (frame) => {
        this.sync.receive(frame)
      },
      onLanes: (kinds) => {
        if (kinds.length === 0) this.#noLane()
        else this.#ports.onChange()
      },
      onClosed: (code) => {
        this.#broken('there', code)
      },
      onBroken: (code) => {
        this.#broken('here', code)
      },
    })
  }

  /** One of the two does not keep to the protocol, and the side that noticed has said so. */
  #broken(where: 'here' | 'there', code: Reason): void {
    this.#held.end(code)
    this.trouble = code
    this.#ports.onBroken(where, code)
    this.#ports.onChange()
  }

  #here(): void {
    this.state = 'here'
    this.#see()
    this.trouble = null
    if (!this.#announced) this.#ports.onHere()
    this.#announced = true
    this.#ports.onReachable()
    this.#ports.onChange()
  }

  /** Nothing leads to it just now. What it has going on waits for its return. */
  #noLane(): void {
    this.#held.restSoon()
    if (!this.#atHub) this.#goAway()
    else {
      this.state = 'connecting'
      this.#ports.onChange()
    }
  }

  #dropChannel(close = false): void {
    const end = this.#channel.drop(close)
    if (end === null) return
    const wasLegacy = this.#legacy.end(this.#atHub ? 'connection-lost' : 'peer-left')
    // Its session hears of it, and says when there is no lane left.
    end()
    if (wasLegacy || this.lane === null) this.#noLane()
  }

  get #transfers(): Conversation | null {
    return this.#legacy.session ?? this.#held.now
  }

  #onSignal(event: Extract<FromWindow, { t: 'signal' }>['event'], payload: unknown): void {
    if (this.kind !== 'legacy' || !this.#atHub) return
    if (this.#legacy.hear(event, payload)) this.#ports.onChange()
  }
}
