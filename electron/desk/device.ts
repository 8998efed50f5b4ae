import type { DeviceView } from '#electron/shell-api.ts'
import { assertNever, ProtocolError, type Reason } from '#protocol/errors.ts'
import type { Joined, PeerKind } from '#protocol/hub-events.ts'
import { FromWindow } from '#protocol/link-port.ts'
import { parse } from '#protocol/parse.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import type { Lane, LaneKind } from '#transfer/lane.ts'
import type { Conversation, Session } from '#transfer/session.ts'
import type { Remembered } from '#store/devices.ts'
import type { Source } from '#transfer/source.ts'
import { DeskBond } from './bond.ts'
import { viewOf } from './device-parts.ts'
import type { DevicePorts, LinkPort } from './device-ports.ts'
import { openSession } from './device-session.ts'
import { LegacyTalk } from './legacy-talk.ts'
import { PortLane } from './port-lane.ts'

/** Milliseconds after which a phone that is away no longer keeps files open here. They go on when it is back. */
const REST_MS = 60_000

/** The phone of one link: who it is, whether it is here, and the conversation with it. */
export class Device {
  readonly id: string
  /** What it calls itself, and what a person here calls it. */
  said = ''
  label = ''
  /** ms since 1970; 0 = never. */
  lastSeen = 0
  kind: PeerKind = 'page'
  state: 'empty' | DeviceView['state'] = 'empty'
  trouble: Reason | null = null
  /** It takes folders as they are; others get one file of all. */
  takesFolders = false
  /** What a person wants of devices that have a say in it, see autoAccept. */
  #takeAll = true
  #atHub = false
  #announced = false
  #port: LinkPort | null = null
  /** The data channel, as the window has it. */
  #channel: PortLane | null = null
  /** Of a phone of version 2: outlives its lanes. */
  #session: Session | null = null
  #bond: DeskBond | null = null
  #rest: ReturnType<typeof setTimeout> | undefined
  readonly #legacy: LegacyTalk
  readonly #ports: DevicePorts

  constructor(id: string, ports: DevicePorts) {
    this.id = id
    this.#ports = ports
    this.#legacy = new LegacyTalk(ports, (event, payload) => this.#port?.post({ t: 'signal', event, payload }))
  }

  get name(): string {
    return this.label || this.said
  }

  /** It was here in an earlier run. */
  restore({
    name,
    label,
    kind,
    lastSeen,
    autoAccept,
  }: Pick<Remembered, 'name' | 'label' | 'kind' | 'lastSeen' | 'autoAccept'>): void {
    this.said = name
    this.label = label
    this.kind = kind
    this.lastSeen = lastSeen
    this.#takeAll = autoAccept
    this.state = 'away'
  }

  /** The window (again) hosts this link. What the old window held is gone; who is here will be said again. */
  attach(port: LinkPort): void {
    this.#port?.close()
    this.detach()
    this.#port = port
  }

  /** A phone has proved the key of this link, or its own: its next connection must be of that session. */
  proved(session: SessionKey): void {
    this.#bond = new DeskBond(session)
  }

  /** A message of the window about this link; what is not of the contract is dropped. */
  receive(raw: unknown): void {
    try {
      this.#act(parse(FromWindow, raw))
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
    }
  }

  /** The window is gone, and with it the connection. */
  detach(): void {
    this.#port = null
    this.#dropChannel()
    this.#left()
  }

  /** Ends what it does here, now and for ever. */
  cut(code: Reason): void {
    this.#endSession(code)
    this.#atHub = false
    this.#dropChannel(true)
    this.#bond = null
  }

  /** Lets go of files that are arriving, to go on another time. */
  async close(): Promise<void> {
    clearTimeout(this.#rest)
    await this.#session?.rest()
  }

  /** Queues a file; null when nobody is here to take it. A phone that was here gets it when it is back. */
  send(source: Source): string | null {
    return this.#talk?.send(source) ?? null
  }

  /** What a phone of version 2 has going on; null where none has been here in this run. */
  get session(): Session | null {
    return this.#session
  }

  /** The session's key, while a proved registration is the last word. */
  get sessionKey(): SessionKey | null {
    return this.#bond?.session ?? null
  }

  get lane(): LaneKind | null {
    if (this.#legacy.session !== null) return 'legacy'
    return this.#session !== null && this.#session.lanes.length > 0 ? this.#session.lane : null
  }

  cancel(transferId: string): void {
    this.#talk?.cancel(transferId)
  }

  exportRecords(ids: readonly string[]): void {
    this.#legacy.exportRecords(ids)
  }

  /** Its files are taken without asking: never those of an app that proves nothing. */
  get autoAccept(): boolean {
    return this.#takeAll && this.kind !== 'legacy'
  }

  setAutoAccept(on: boolean): void {
    if (this.kind === 'legacy') return
    this.#takeAll = on
    this.#ports.onChange()
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
        this.#checkOffer(message.n, message.sdp, message.mac)
        return
      case 'sign-answer':
        this.#port?.post({ t: 'answer-signed', n: message.n, mac: this.#bond?.signAnswer(message.sdp) ?? '' })
        return
      case 'lane-closed':
        this.#dropChannel()
        return
      case 'data':
        this.#channel?.deliver(message.data)
        return
      case 'credit':
        this.#channel?.credit(message.bytes)
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
    this.kind = peer.v === 1 ? 'legacy' : peer.kind
    this.trouble = null
    // The link may have been another program's before.
    this.#legacy.words.joined(this.kind === 'legacy')
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
    if (this.state !== 'away') this.lastSeen = Date.now()
    this.state = 'away'
    this.trouble = null
    if (this.#announced) this.#ports.onAway()
    this.#announced = false
    this.#ports.onChange()
  }

  #checkOffer(n: number, sdp: string, mac: string): void {
    const refused = this.#bond === null ? 'not-allowed' : this.#bond.checkOffer(sdp, mac)
    if (refused !== null) this.#inTrouble(refused)
    this.#port?.post({ t: 'offer-checked', n, refused })
  }

  #inTrouble(code: Reason): void {
    this.trouble = code
    this.#ports.onChange()
  }

  #laneOpen({ lane: kind, maxMessage, local, remote }: Extract<FromWindow, { t: 'lane-open' }>): void {
    this.#dropChannel()
    const channel = new PortLane(kind, maxMessage, (message) => this.#port?.post(message))
    this.#channel = channel
    if (kind === 'legacy' && this.kind === 'legacy') {
      this.#legacy.open(channel)
      this.#here()
    } else if (kind === 'webrtc' && this.#bond !== null) {
      this.#bond.confirm(channel, local, remote, (confirmed) => {
        if (this.#channel === channel) this.#confirmed(confirmed)
      })
    } else this.#dropChannel(true)
  }

  #confirmed(confirmed: Lane | Reason): void {
    if (typeof confirmed !== 'string') {
      this.addLane(confirmed)
      return
    }
    this.#dropChannel()
    this.#inTrouble(confirmed)
  }

  /** A lane that is proved to lead to the phone. */
  addLane(lane: Lane): void {
    clearTimeout(this.#rest)
    const session = (this.#session ??= this.#openSession())
    const isFirst = session.lanes.length === 0
    session.addLane(lane)
    if (!isFirst) return
    this.#here()
    this.#ports.onConfirmed((keep) => {
      session.keep(keep)
    })
  }

  #openSession(): Session {
    return openSession(this.#ports, {
      onPeer: ({ name, folders }) => {
        this.said = name
        this.takesFolders = folders
        this.#ports.onChange()
      },
      onLanes: (kinds) => {
        if (kinds.length === 0) this.#noLane()
        else this.#ports.onChange()
      },
      onBroken: (code) => {
        this.trouble = code
        this.#endSession(code)
      },
    })
  }

  #endSession(code: Reason): void {
    const session = this.#session
    this.#session = null
    session?.end(code)
  }

  #here(): void {
    this.state = 'here'
    this.lastSeen = Date.now()
    this.trouble = null
    if (!this.#announced) this.#ports.onHere()
    this.#announced = true
    this.#ports.onChange()
  }

  /** Nothing leads to it just now. What it has going on waits for its return. */
  #noLane(): void {
    this.#rest = setTimeout(() => void this.#session?.rest(), REST_MS)
    if (!this.#atHub) {
      this.#goAway()
      return
    }
    this.state = 'connecting'
    this.#ports.onChange()
  }

  #dropChannel(close = false): void {
    const channel = this.#channel
    if (channel === null) return
    if (close) channel.close()
    this.#channel = null
    const wasLegacy = this.#legacy.end(this.#atHub ? 'connection-lost' : 'peer-left')
    // Its session hears of it, and says when there is no lane left.
    channel.closed()
    if (wasLegacy || this.lane === null) this.#noLane()
  }

  get #talk(): Conversation | null {
    return this.#legacy.session ?? this.#session
  }

  #onSignal(event: Extract<FromWindow, { t: 'signal' }>['event'], payload: unknown): void {
    if (this.kind !== 'legacy' || !this.#atHub) return
    if (this.#legacy.hear(event, payload)) this.#ports.onChange()
  }
}
