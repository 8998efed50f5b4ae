import { createHash, randomBytes } from 'node:crypto'
import type { DeviceView } from '#electron/shell-api.ts'
import { assertNever, ProtocolError, type Reason } from '#protocol/errors.ts'
import { CtrlSendSpeed, Exception, Transfile, type Joined, type PeerKind } from '#protocol/hub-events.ts'
import { FromWindow, type ToWindow } from '#protocol/link-port.ts'
import { parse } from '#protocol/parse.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import { LegacySession } from '#transfer/legacy.ts'
import { readRecords, type LegacyRecord } from '#transfer/legacy-records.ts'
import { Session, type Conversation } from '#transfer/session.ts'
import type { Source } from '#transfer/source.ts'
import type { DevicePorts, LinkPort } from './device-ports.ts'
import { PortLane } from './port-lane.ts'

/** The phone of one link: who it is, whether it is here, and the conversation with it. */
export class Device {
  readonly id: string
  name = ''
  kind: PeerKind = 'page'
  state: 'empty' | DeviceView['state'] = 'empty'
  trouble: Reason | null = null
  records: readonly LegacyRecord[] = []
  notice = ''
  #atHub = false
  #announced = false
  #port: LinkPort | null = null
  #lane: PortLane | null = null
  #talk: Conversation | null = null
  /** A file that a 2018 app announced, by way of the hub, before its channel was open here. */
  #announcedFiles: Transfile[] = []
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

  view(): DeviceView {
    return {
      id: this.id,
      name: this.name,
      kind: this.kind,
      state: this.state === 'empty' ? 'away' : this.state,
      records: this.records,
      ...(this.trouble && { trouble: this.trouble }),
      ...(this.notice && { notice: this.notice }),
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
        this.#open(message.lane, message.maxMessage)
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
        this.trouble = message.code
        this.#ports.onChange()
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
    this.#announcedFiles = []
    // The link may have been another program's before.
    if (this.kind !== 'legacy') this.records = []
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

  #open(kind: 'webrtc' | 'legacy', maxMessage: number): void {
    this.#dropLane()
    const lane = new PortLane(kind, maxMessage, (message) => this.#port?.post(message))
    this.#lane = lane
    this.state = 'here'
    this.trouble = null
    const legacy = kind === 'legacy' ? this.#legacySession(lane) : null
    this.#talk = legacy ?? this.#session(lane)
    if (!this.#announced) this.#ports.onHere()
    this.#announced = true
    for (const file of this.#announcedFiles.splice(0)) legacy?.onTransfile(file)
    this.#ports.onChange()
  }

  #dropLane(): void {
    const lane = this.#lane
    if (lane === null) return
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

  #session(lane: PortLane): Session {
    return new Session(lane, {
      parity: 0,
      self: { name: this.#ports.computerName, kind: 'desktop' },
      sha256: (bytes) => Promise.resolve(createHash('sha256').update(bytes).digest('hex')),
      newId,
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
    return new LegacySession(lane, {
      newId,
      openSink: (file) => this.#ports.openSink(file.name, 0),
      signal: (event, payload) => {
        this.#signal(event, payload)
      },
      onTransfer: (view) => {
        this.#ports.onTransfer(view)
      },
      after: (ms, then) => {
        const timer = setTimeout(then, ms)
        return () => {
          clearTimeout(timer)
        }
      },
    })
  }

  #signal(event: Extract<ToWindow, { t: 'signal' }>['event'], payload: unknown): void {
    this.#port?.post({ t: 'signal', event, payload })
  }

  #onSignal(event: Extract<FromWindow, { t: 'signal' }>['event'], payload: unknown): void {
    const legacy = this.#talk instanceof LegacySession ? this.#talk : null
    if (event === 'syncto') this.records = readRecords(payload)
    else if (event === 'exception') this.notice = cleanNotice(parse(Exception, payload))
    else if (event === 'transfile') this.#onTransfile(legacy, parse(Transfile, payload))
    else if (event === 'ctrlSendSpeed') legacy?.onReport(parse(CtrlSendSpeed, payload))
    if (event === 'syncto' || event === 'exception') this.#ports.onChange()
  }

  #onTransfile(legacy: LegacySession | null, file: Transfile): void {
    if (legacy !== null) legacy.onTransfile(file)
    else if (this.kind === 'legacy' && this.#atHub && this.#announcedFiles.length < ANNOUNCED_MAX) {
      this.#announcedFiles.push(file)
    }
  }
}

/** Files announced before there is a channel; empty ones need no byte, so there may be several. */
const ANNOUNCED_MAX = 16
const NOTICE_CHARS_MAX = 300
const cleanNotice = (text: string): string => text.replace(/\s+/gu, ' ').trim().slice(0, NOTICE_CHARS_MAX)
const newId = (): string => randomBytes(16).toString('hex')
