import { ProtocolError, toReason, type Reason } from '#protocol/errors.ts'
import { Ended, Joined, Message, ProveReply, RegisterReply, type ClaimedKind, type Role } from '#protocol/hub-events.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import { parse } from '#protocol/parse.ts'
import { type SessionKey, kidOfLink, NONCE_BYTES, proofsOf } from '#protocol/proof.ts'
import { HubSocket } from './hub-socket.ts'
import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { primitives } from './noble-crypto.ts'

/** A key and its name: of a link that was scanned, or of this device. */
export interface Secret {
  readonly kid: Uint8Array
  readonly key: Uint8Array
}

export const linkSecret = (key: Uint8Array): Secret => ({ kid: kidOfLink(primitives, key), key })

/** Makes one registration's proof, from the phone's side. */
class Proving {
  readonly #secret: Secret
  readonly #uid: string
  readonly #role: Role
  readonly #nonce = primitives.random(NONCE_BYTES)

  constructor(secret: Secret, uid: string, role: Role) {
    this.#secret = secret
    this.#uid = uid
    this.#role = role
  }

  /** Returns what goes into `register`. */
  get start(): { readonly kid: string; readonly nonce: string; readonly caps: string } {
    return { kid: toBase64Url(this.#secret.kid), nonce: toBase64Url(this.#nonce), caps: '' }
  }

  /** Returns what goes into `prove`, and what the hub's answer must be before this side goes on. */
  answer(
    challenge: string,
    socketId: string,
  ): { readonly mac: string; readonly isHub: (mac: string) => boolean; readonly session: SessionKey } {
    const { client, hub, session } = proofsOf(primitives, this.#secret.key, {
      uid: this.#uid,
      role: this.#role,
      kid: this.#secret.kid,
      caps: '',
      clientNonce: this.#nonce,
      hubNonce: bytesFrom(challenge),
      socketId,
    })
    return { mac: toBase64Url(client), isHub: (mac) => primitives.same(bytesFrom(mac), hub), session }
  }
}

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
  /** Milliseconds for a connection and for each answer; eight seconds unless given. */
  readonly answerMs?: number
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

/** Keeps one registration {uid, role} at the hub, over reconnects. */
export class Signaling {
  readonly #socket: HubSocket
  readonly #options: SignalingOptions
  readonly #events: SignalingEvents
  /** Registered over the connection that there is; a phone's hub has proved itself then. */
  #isIn = false

  constructor(options: SignalingOptions, events: SignalingEvents) {
    this.#options = options
    this.#events = events
    const { url, token, answerMs } = options
    this.#socket = new HubSocket(
      { url, auth: token === undefined ? {} : { token }, ...(answerMs !== undefined && { answerMs }) },
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

  /** Makes the next attempt now instead of after the pause. */
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

/** Drops what is not of the protocol; our own mistakes are thrown. */
function quietly(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
}
