import type { DeviceView } from '#electron/shell-api.ts'
import { assertNever, ProtocolError, type Reason } from '#protocol/errors.ts'
import type { Joined, PeerKind } from '#protocol/hub-events.ts'
import { encodeFrame } from '#protocol/frames.ts'
import { FromWindow, type ToWindow } from '#protocol/link-port.ts'
import { parse } from '#protocol/parse.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import { LegacySession } from '#transfer/legacy.ts'
import type { Lane } from '#transfer/lane.ts'
import { Session, type Conversation } from '#transfer/session.ts'
import type { Source } from '#transfer/source.ts'
import { DeskBond } from './bond.ts'
import { legacyPorts, newId, sha256 } from './device-parts.ts'
import type { DevicePorts, LinkPort } from './device-ports.ts'
import { LegacyWords } from './legacy-words.ts'
import { PortLane } from './port-lane.ts'

/** The phone of one link: who it is, whether it is here, and the conversation with it. */
export class Device {
  readonly id: string
  name = ''
  kind: PeerKind = 'page'
  state: 'empty' | DeviceView['state'] = 'empty'
  trouble: Reason | null = null
  /** What a person wants of devices that have a say in it, see autoAccept. */
  #takeAll = true
  #atHub = false
  #announced = false
  #port: LinkPort | null = null
  #lane: PortLane | null = null
  #talk: Conversation | null = null
  #bond: DeskBond | null = null
  readonly #legacyWords = new LegacyWords()
  readonly #ports: DevicePorts

  constructor(id: string, ports: DevicePorts) {
    this.id = id
    this.#ports = ports
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
    this.#dropLane()
    this.#left()
  }

  /** Queues a file; null when nobody is here to take it. */
  send(source: Source): string | null {
    return this.#talk?.send(source) ?? null
  }

  cancel(transferId: string): void {
    this.#talk?.cancel(transferId)
  }

  exportRecords(ids: readonly string[]): void {
    this.#signal('export', ids)
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
    const { records, notice } = this.#legacyWords
    return {
      id: this.id,
      name: this.name,
      kind: this.kind,
      state: this.state === 'empty' ? 'away' : this.state,
      autoAccept: this.autoAccept,
      records,
      ...(this.trouble && { trouble: this.trouble }),
      ...(notice && { notice }),
    }
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
        this.#dropLane()
        return
      case 'data':
        this.#lane?.deliver(message.data)
        return
      case 'credit':
        this.#lane?.credit(message.bytes)
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
    this.name = cleanDeviceName(peer.name)
    this.kind = peer.v === 1 ? 'legacy' : peer.kind
    this.trouble = null
    // The link may have been another program's before.
    this.#legacyWords.joined(this.kind === 'legacy')
    if (this.#lane === null) this.state = 'connecting'
    this.#ports.onJoined()
    this.#ports.onChange()
  }

  #left(): void {
    this.#atHub = false
    if (this.#lane === null) this.#goAway()
  }

  #goAway(): void {
    if (this.state === 'empty') return
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
    this.#dropLane()
    const lane = new PortLane(kind, maxMessage, (message) => this.#port?.post(message))
    this.#lane = lane
    if (kind === 'legacy' && this.kind === 'legacy') this.#open(this.#legacySession(lane))
    else if (kind === 'webrtc' && this.#bond !== null) {
      this.#bond.confirm(lane, local, remote, (confirmed) => {
        this.#confirmed(lane, confirmed)
      })
    } else this.#dropLane(true)
  }

  #confirmed(lane: PortLane, confirmed: Lane | Reason): void {
    if (this.#lane !== lane) return
    if (typeof confirmed === 'string') {
      this.#dropLane()
      this.#inTrouble(confirmed)
      return
    }
    const keep = this.#ports.onConfirmed()
    if (keep !== null) confirmed.send(encodeFrame(keep))
    this.#open(this.#session(confirmed))
  }

  #open(talk: Conversation): void {
    this.state = 'here'
    this.trouble = null
    this.#talk = talk
    if (!this.#announced) this.#ports.onHere()
    this.#announced = true
    if (talk instanceof LegacySession) this.#legacyWords.handOver(talk)
    this.#ports.onChange()
  }

  #dropLane(close = false): void {
    const lane = this.#lane
    if (lane === null) return
    if (close) lane.close()
    this.#lane = null
    this.#talk?.end(this.#atHub ? 'connection-lost' : 'peer-left')
    this.#talk = null
    lane.closed()
    if (!this.#atHub) {
      this.#goAway()
      return
    }
    this.state = 'connecting'
    this.#ports.onChange()
  }

  #session(lane: Lane): Session {
    return new Session(lane, {
      parity: 0,
      self: { name: this.#ports.computerName, kind: 'desktop' },
      sha256,
      newId,
      mayTake: (offer, look) => this.#ports.mayTake(offer, look),
      openSink: (offer) => this.#ports.openSink(offer.name, offer.mtime),
      onPeer: (peer) => {
        this.name = cleanDeviceName(peer.name)
        this.#ports.onChange()
      },
      onTransfer: (view) => {
        this.#ports.onTransfer(view)
      },
      onBroken: (code) => {
        this.trouble = code
        lane.close()
        this.#dropLane()
      },
    })
  }

  #legacySession(lane: PortLane): LegacySession {
    const ports = legacyPorts(this.#ports, (event, payload) => {
      this.#signal(event, payload)
    })
    return new LegacySession(lane, ports)
  }

  #signal(event: Extract<ToWindow, { t: 'signal' }>['event'], payload: unknown): void {
    this.#port?.post({ t: 'signal', event, payload })
  }

  #onSignal(event: Extract<FromWindow, { t: 'signal' }>['event'], payload: unknown): void {
    if (this.kind !== 'legacy' || !this.#atHub) return
    const talk = this.#talk instanceof LegacySession ? this.#talk : null
    if (this.#legacyWords.hear(event, payload, talk)) this.#ports.onChange()
  }
}
