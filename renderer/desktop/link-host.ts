import type { AppState, HostedLink } from '#electron/app-state.ts'
import { assertNever, type Reason } from '#protocol/errors.ts'
import { WEB, type Candidate, type Joined, type Message, type Offer } from '#protocol/hub-events.ts'
import { ToWindow, type FromWindow, isLegacyEvent } from '#protocol/link-port.ts'
import { isInAny, LOOPBACK_NETWORKS } from '#protocol/networks.ts'
import { parse } from '#protocol/parse.ts'
import { ChannelQueue } from '#peer/data-channel.ts'
import { agreedChannel, Connection, type Applied, type ConnectionEvents } from '#peer/connection.ts'
import { Signaling } from '#peer/signaling.ts'
import { CANDIDATES_MAX, CHANNEL_MESSAGE_BYTES_MAX, SDP_CHARS_MAX } from '#protocol/limits.ts'
import { NearCandidates } from './near-candidates.ts'

/** Keeps every link that the main process names registered at the hub, and no other. */
export class LinkHost {
  readonly #links = new Map<string, Host>()
  #networks: readonly string[] = []
  /** Of the hub, which may move to another port. */
  #url = ''

  update(state: AppState): void {
    this.#networks = state.networks
    if (state.hub.url !== this.#url) this.#leave()
    this.#url = state.hub.url
    const wanted = new Set(state.hosted.map(({ id }) => id))
    for (const [id, host] of this.#links) {
      if (wanted.has(id)) continue
      host.close()
      this.#links.delete(id)
    }
    for (const link of state.hosted) {
      if (!this.#links.has(link.id)) this.#links.set(link.id, new Host(link, state, () => this.#networks))
    }
  }

  #leave(): void {
    for (const host of this.#links.values()) host.close()
    this.#links.clear()
  }
}

/** Of what main may have ahead (electron/core/devices/window-link.ts) a thirtieth: small files are many messages, and each answer costs as much. */
const CREDIT_STEP = 131_072

/** Milliseconds in which what was sent last may still leave. */
const LEAVE_MS = 1_000

/** Keeps one link: its registration, its connection, and the port to the main process that they serve. */
class Host {
  readonly #port: MessagePort
  readonly #signaling: Signaling
  #legacy = false
  #connection: Connection | null = null
  #queue: ChannelQueue | null = null
  #channel: RTCDataChannel | null = null
  #owed = 0
  /** Offers so far: what main says of an earlier one is of no use any more. */
  #offers = 0
  /** The last of them. */
  #lastOffer = ''
  #unchecked: { readonly sdp: string; readonly candidates: Candidate[] } | null = null
  #unsigned: string | null = null
  /** Of the offer that is dealt with. */
  #near: NearCandidates
  readonly #loopback: boolean
  /** Networks of now that are near beside the private ones. */
  readonly #networks: () => readonly string[]

  constructor(link: HostedLink, state: AppState, networks: () => readonly string[]) {
    this.#networks = networks
    // A link to this computer alone (tests, `--host 127.0.0.1`) is for peers on this computer.
    this.#loopback = isInAny(state.address?.host ?? '', LOOPBACK_NETWORKS)
    this.#near = new NearCandidates(this.#loopback, networks())
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    port1.onmessage = ({ data }) => {
      this.#order(parse(ToWindow, data))
    }
    window.postMessage({ lanyard: 'link-port', linkId: link.id }, location.origin, [port2])
    const { url, token } = state.hub
    this.#signaling = new Signaling(
      { url, token, uid: link.uid, role: WEB, name: state.name, kind: 'desktop' },
      this.#events(),
    )
  }

  close(): void {
    this.#signaling.close()
    this.#connection?.close('peer-left')
    this.#port.close()
  }

  #events(): ConstructorParameters<typeof Signaling>[1] {
    return {
      onRegistered: () => {
        this.#tell({ t: 'registered' })
      },
      onJoined: (peer) => {
        this.#joined(peer)
      },
      onLeft: () => {
        this.#tell({ t: 'left' })
      },
      onMessage: (message) => {
        this.#onMessage(message)
      },
      onOther: (event, payload) => {
        if (isLegacyEvent(event)) this.#tell({ t: 'signal', event, payload })
      },
      onOffline: () => undefined,
      onRefused: (code) => {
        this.#tell({ t: 'trouble', code })
      },
    }
  }

  #tell(message: FromWindow): void {
    this.#port.postMessage(message)
  }

  #joined(peer: Joined): void {
    this.#legacy = peer.v === 1
    this.#tell({ t: 'joined', peer })
  }

  #onMessage(message: Message): void {
    if (message === 'bye') this.#connection?.close('peer-left')
    else if (message.type === 'offer') this.#offered(message)
    else if (message.type === 'candidate' && this.#near.takes(message.candidate)) this.#reachable(message)
    // This side never offers, so an answer answers nothing: it must not disturb the connection that there is.
  }

  #reachable(candidate: Candidate): void {
    if (this.#unchecked === null) this.#connection?.receive(candidate)
    else if (this.#unchecked.candidates.length < CANDIDATES_MAX) this.#unchecked.candidates.push(candidate)
  }

  /** Has the offer checked by main, which has the key and says whether it is the phone's own. A legacy app has none to show. */
  #offered({ sdp, mac = '' }: Offer): void {
    if (this.#isDealtWith(sdp)) return
    this.#connection?.close('connection-lost')
    this.#offers++
    this.#lastOffer = sdp
    this.#near = new NearCandidates(this.#loopback, this.#networks())
    if (this.#legacy) {
      this.#answer(sdp)
      return
    }
    this.#unchecked = { sdp, candidates: [] }
    this.#tell({ t: 'check-offer', n: this.#offers, sdp: sdp.slice(0, SDP_CHARS_MAX), mac })
  }

  /** Returns whether it is the same offer again: the same attempt, which a second answer would end. */
  #isDealtWith(sdp: string): boolean {
    return sdp === this.#lastOffer && (this.#unchecked !== null || this.#connection !== null)
  }

  #checked(refused: Reason | null): void {
    const offer = this.#unchecked
    this.#unchecked = null
    if (offer === null) return
    if (refused !== null) {
      this.#signaling.send({ type: 'refusal', code: refused })
      return
    }
    this.#answer(offer.sdp)
    for (const candidate of offer.candidates) this.#connection?.receive(candidate)
  }

  #answer(sdp: string): void {
    this.#connection = answering(this.#near.clean(sdp), this.#legacy, {
      send: (message) => {
        this.#send(message)
      },
      onOpen: (channel, maxMessage, applied) => {
        this.#open(channel, maxMessage, applied)
      },
      onClose: (code) => {
        this.#closed(code)
      },
    })
  }

  /** Sends a message; an answer goes by way of main, which signs it. Candidates that overtake it wait at the other end. */
  #send(message: Message): void {
    const isAnswer = message !== 'bye' && message.type === 'answer'
    if (!isAnswer || this.#legacy) this.#signaling.send(message)
    else {
      this.#unsigned = message.sdp
      this.#tell({ t: 'sign-answer', n: this.#offers, sdp: message.sdp })
    }
  }

  #signed(mac: string): void {
    if (this.#unsigned !== null) this.#signaling.send({ type: 'answer', sdp: this.#unsigned, mac })
    this.#unsigned = null
  }

  #open(channel: RTCDataChannel, maxMessage: number, applied: Applied): void {
    this.#owed = 0
    const lane = this.#legacy ? 'legacy' : 'webrtc'
    const queue = new ChannelQueue(channel, () => {
      this.#payCredit()
    })
    this.#queue = queue
    this.#channel = channel
    channel.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      const frame = typeof data === 'string' ? data : new Uint8Array(data)
      if (lane === 'webrtc') queue.hear(frame)
      this.#tell({ t: 'data', data: frame })
    })
    this.#tell({ t: 'lane-open', lane, maxMessage: Math.min(maxMessage, CHANNEL_MESSAGE_BYTES_MAX), ...applied })
  }

  /** Closes the channel, then the connection: what was sent last may still leave, and the other end may have fallen silent. */
  #leave(): void {
    const connection = this.#connection
    this.#channel?.close()
    setTimeout(() => connection?.close('connection-lost'), LEAVE_MS)
  }

  #closed(code: Reason): void {
    const wasOpen = this.#queue !== null
    this.#queue = null
    this.#channel = null
    this.#connection = null
    if (wasOpen) this.#tell({ t: 'lane-closed' })
    else if (code === 'no-connection') this.#tell({ t: 'trouble', code })
  }

  #order(order: ToWindow): void {
    switch (order.t) {
      case 'data':
        this.#pass(order.data)
        return
      case 'signal':
        this.#signaling.emitLegacy(order.event, order.payload)
        return
      case 'offer-checked':
        if (order.n === this.#offers) this.#checked(order.refused)
        return
      case 'answer-signed':
        if (order.n === this.#offers) this.#signed(order.mac)
        return
      case 'close-lane':
        this.#leave()
        return
      default:
        assertNever(order)
    }
  }

  #pass(data: string | Uint8Array): void {
    if (this.#queue === null) return
    this.#queue.push(data)
    this.#owed += data.length
    if (!this.#queue.willTell) this.#payCredit()
  }

  /** Grants main as much again as has left, or nearly left, the channel; never less than is worth a message. */
  #payCredit(): void {
    if (this.#owed < CREDIT_STEP) return
    this.#tell({ t: 'credit', bytes: this.#owed })
    this.#owed = 0
  }
}

/** Channels beyond its own that a phone may open before it is sent away. Every one of them is closed at once. */
const STRAYS_MAX = 8

/**
 * Opens the computer's side of a connection. A legacy app makes the one channel itself, by whatever name; others agree on
 * channel 0 beforehand. No other channel is ever listened to, so what comes on it is parsed by nobody.
 */
function answering(sdp: string, legacy: boolean, events: ConnectionEvents): Connection {
  let strays = 0
  const connection: Connection = new Connection(events, (peer, use) => {
    let isOpen = !legacy
    if (!legacy) use(agreedChannel(peer))
    peer.ondatachannel = ({ channel }) => {
      if (!isOpen) use(channel)
      else if (++strays <= STRAYS_MAX) channel.close()
      else connection.close('overrun')
      isOpen = true
    }
    return sdp
  })
  return connection
}
