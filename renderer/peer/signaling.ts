import { ProtocolError, toReason, type Reason } from '#protocol/errors.ts'
import { Ended, Joined, Message, ProveReply, RegisterReply, type ClaimedKind, type Role } from '#protocol/hub-events.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import { parse } from '#protocol/parse.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { HubSocket } from './hub-socket.ts'
import { Proving, type Secret } from './proving.ts'

export interface SignalingOptions {
  /** The hub's origin, such as http://192.168.1.20:3186 */
  readonly url: string
  readonly uid: string
  readonly role: Role
  readonly name: string
  readonly kind: ClaimedKind
  /** The window's own pass for role 0. */
  readonly token?: string
  /** What a phone proves, asked at each registration. */
  readonly secret?: () => Secret
}

export type LegacyEvent = 'syncto' | 'export' | 'transfile' | 'ctrlSendSpeed' | 'exception'

/** What a hub says before it has proved that it knows the key is heard as far as that alone: anybody may answer there. */
export interface SignalingEvents {
  /** `session` binds the WebRTC connection; null for the window, which proves no key. */
  onRegistered(session: SessionKey | null): void
  /** Both sides are at the hub (said again after either has re-registered). */
  onJoined(peer: Joined): void
  /** The other side's socket is gone. */
  onLeft(): void
  onMessage(message: Message): void
  /** Any other event: of what apps of 2018 say, to who listens for it. */
  onOther?(event: string, payload: unknown): void
  /** The hub can't be reached just now; it is tried again by itself. */
  onOffline(): void
  /** The hub does not want us; nothing is tried again. `isProved`: it is the computer's own, and may be believed. */
  onRefused(code: Reason, isProved: boolean): void
}

/** One registration {uid, role} at the hub, kept up over reconnects. */
export class Signaling {
  readonly #socket: HubSocket
  readonly #options: SignalingOptions
  readonly #events: SignalingEvents
  /** Registered over the connection that there is; a phone's hub has proved itself then. */
  #isIn = false

  constructor(options: SignalingOptions, events: SignalingEvents) {
    this.#options = options
    this.#events = events
    const { url, token } = options
    this.#socket = new HubSocket(
      { url, auth: token === undefined ? {} : { token } },
      {
        onConnect: () => {
          this.#isIn = false
          this.#register()
        },
        onOffline: () => {
          this.#isIn = false
          events.onOffline()
        },
        onEvent: (event, payload) => {
          quietly(() => {
            this.#hear(event, payload)
          })
        },
      },
    )
  }

  send(message: Message): void {
    this.#socket.emit('message', message)
  }

  emitLegacy(event: LegacyEvent, payload: unknown): void {
    this.#socket.emit(event, payload)
  }

  /** Tries again at once instead of after the pause. */
  reconnect(): void {
    this.#socket.reconnect()
  }

  close(): void {
    this.#socket.close()
  }

  #hear(event: string, payload: unknown): void {
    if (event === 'ended') this.#refused(parse(Ended, payload).code)
    else if (!this.#isIn) return
    else if (event === 'joined') this.#events.onJoined(parse(Joined, payload))
    else if (event === 'byebye') this.#events.onLeft()
    else if (event === 'message') this.#events.onMessage(parse(Message, payload))
    else this.#events.onOther?.(event, payload ?? null)
  }

  #register(): void {
    const { uid, role, name, kind, secret } = this.#options
    const proving = secret === undefined ? null : new Proving(secret(), uid, role)
    const proof = proving === null ? {} : { proof: proving.start }
    this.#socket.emit('register', { uid, type: role, v: PROTOCOL_VERSION, name, kind, ...proof }, (raw: unknown) => {
      quietly(() => {
        this.#onReply(parse(RegisterReply, raw), proving)
      })
    })
  }

  #onReply(reply: RegisterReply, proving: Proving | null): void {
    if (!reply.ok) this.#refused(toReason(reply.code))
    else if (proving === null) this.#letIn(null)
    // A hub that asks for no proof can't give one either: it is not the computer whose code was scanned.
    else if (reply.challenge === undefined) this.#refused('tampered')
    else this.#prove(proving, reply.challenge)
  }

  #prove(proving: Proving, challenge: string): void {
    const { mac, isHub, session } = proving.answer(challenge, this.#socket.id)
    this.#socket.emit('prove', { mac }, (raw: unknown) => {
      quietly(() => {
        const reply = parse(ProveReply, raw)
        if (!reply.ok) this.#refused(toReason(reply.code))
        else if (isHub(reply.mac)) this.#letIn(session)
        else this.#refused('tampered')
      })
    })
  }

  #letIn(session: SessionKey | null): void {
    this.#isIn = true
    this.#events.onRegistered(session)
  }

  #refused(code: Reason): void {
    this.close()
    this.#events.onRefused(code, this.#isIn)
  }
}

/** What is not of the protocol is dropped; our own mistakes are not. */
function quietly(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
}
