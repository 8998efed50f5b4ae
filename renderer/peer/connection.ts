import type { Reason } from '#protocol/errors.ts'
import type { Answer, Candidate, Message } from '#protocol/hub-events.ts'
import { CANDIDATES_MAX, SDP_CHARS_MAX } from '#protocol/limits.ts'

export interface Applied {
  readonly local: string
  readonly remote: string
}

export interface ConnectionEvents {
  /** To the other side, by way of the hub. */
  send(message: Message): void
  /** The data channel is open. `maxMessage` in bytes; `applied`: the descriptions that the connection really uses. */
  onOpen(channel: RTCDataChannel, maxMessage: number, applied: Applied): void
  /** Once, after `onOpen` or instead of it. */
  onClose(code: Reason): void
}

/** Milliseconds until a connection that is not there yet is said to fail. On a LAN it takes half a second. */
const CONNECT_MS = 15_000
/** Milliseconds for which a connection may be interrupted (Wi-Fi roaming) before it is given up. */
const INTERRUPTED_MS = 6_000
/** Where the browser does not say; every browser takes that much. */
const MESSAGE_BYTES_DEFAULT = 65_536

/** Prepares a connection, and says which channel it `use`s. Returns the offer that it answers, if it does. */
export type Begin = (peer: RTCPeerConnection, use: (channel: RTCDataChannel) => void) => string | undefined

/** The one channel of version 2: both sides know of it without a word, so nobody can open another in its place. */
export const agreedChannel = (peer: RTCPeerConnection): RTCDataChannel =>
  peer.createDataChannel('lanyard', { negotiated: true, id: 0 })

/**
 * One RTCPeerConnection from its first description to its end; a new attempt is a new object. The phone
 * offers, the computer answers, so the two never offer at once. No ICE servers: both are on one network,
 * and an unreachable one costs up to 40 seconds.
 */
export class Connection {
  readonly #peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' })
  readonly #events: ConnectionEvents
  readonly #early: Candidate[] = []
  #candidates = 0
  #isAnswered = false
  /** What was given to setRemoteDescription last: the channel may open before the browser shows it as applied. */
  #remote = ''
  #opened = false
  #closed = false
  #timer: ReturnType<typeof setTimeout>
  /** Descriptions and candidates are applied one after the other. */
  #work: Promise<void> = Promise.resolve()

  constructor(events: ConnectionEvents, begin: Begin) {
    this.#events = events
    this.#timer = setTimeout(() => {
      this.close('no-connection')
    }, CONNECT_MS)
    this.#peer.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== '') events.send(toMessage(candidate))
    }
    this.#peer.onconnectionstatechange = () => {
      this.#watch()
    }
    const offer = this.#begin(begin)
    this.#then(async () => {
      if (offer !== undefined) await this.#setRemote({ type: 'offer', sdp: offer })
      await this.#peer.setLocalDescription()
      this.#sendDescription()
    })
  }

  /** Throws where the browser refuses what it takes, and leaves nothing behind then. */
  #begin(begin: Begin): string | undefined {
    try {
      return begin(this.#peer, (channel) => {
        this.#use(channel)
      })
    } catch (error) {
      this.#closed = true
      clearTimeout(this.#timer)
      this.#peer.close()
      throw error
    }
  }

  /** The phone's side; the computer's is renderer/desktop/link-host.ts. */
  static offer(events: ConnectionEvents): Connection {
    return new Connection(events, (peer, use) => {
      use(agreedChannel(peer))
      widenSocketBuffers(peer)
      return undefined
    })
  }

  /** An answer or a candidate from the other side. */
  receive(message: Answer | Candidate): void {
    if (message.type === 'answer') this.#answered(message)
    else if (++this.#candidates <= CANDIDATES_MAX) this.#then(() => this.#addCandidate(message))
  }

  /** One answer to one offer: a second would be no answer, and cost the connection that there is. */
  #answered({ sdp }: Answer): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    this.#then(() => this.#setRemote({ type: 'answer', sdp }))
  }

  close(code: Reason): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    this.#peer.onconnectionstatechange = null
    this.#peer.close()
    this.#events.onClose(code)
  }

  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch(() => {
      this.close('no-connection')
    })
  }

  async #setRemote(description: RTCSessionDescriptionInit): Promise<void> {
    if ((description.sdp?.length ?? 0) > SDP_CHARS_MAX) throw new Error('description too long')
    this.#remote = description.sdp ?? ''
    await this.#peer.setRemoteDescription(description)
    for (const candidate of this.#early.splice(0)) await this.#addCandidate(candidate)
  }

  async #addCandidate(message: Candidate): Promise<void> {
    if (this.#peer.remoteDescription === null) {
      this.#early.push(message)
      return
    }
    const { candidate, id, label } = message
    // One that does not fit (of an attempt before, of a family this computer lacks) is no reason to give up.
    await this.#peer.addIceCandidate({ candidate, sdpMid: id, sdpMLineIndex: label }).catch(() => undefined)
  }

  #sendDescription(): void {
    const description = this.#peer.localDescription
    if (description === null || this.#closed) return
    this.#events.send({ type: description.type === 'offer' ? 'offer' : 'answer', sdp: description.sdp })
  }

  #use(channel: RTCDataChannel): void {
    channel.binaryType = 'arraybuffer'
    const opened = (): void => {
      if (this.#closed || this.#opened) return
      this.#opened = true
      clearTimeout(this.#timer)
      const local = this.#peer.localDescription?.sdp ?? ''
      const remote = this.#peer.remoteDescription?.sdp ?? this.#remote
      const maxMessage = this.#peer.sctp?.maxMessageSize ?? MESSAGE_BYTES_DEFAULT
      this.#events.onOpen(channel, maxMessage, { local, remote })
    }
    channel.addEventListener('open', opened)
    channel.addEventListener('close', () => {
      this.close('connection-lost')
    })
    if (channel.readyState === 'open') opened()
  }

  #watch(): void {
    const state = this.#peer.connectionState
    if (state === 'failed') this.close(this.#opened ? 'connection-lost' : 'no-connection')
    if (!this.#opened) return
    clearTimeout(this.#timer)
    if (state === 'disconnected') {
      this.#timer = setTimeout(() => {
        this.close('connection-lost')
      }, INTERRUPTED_MS)
    }
  }
}

function toMessage(candidate: RTCIceCandidate): Candidate {
  const { sdpMLineIndex, sdpMid } = candidate
  return { type: 'candidate', label: sdpMLineIndex ?? 0, id: sdpMid ?? '0', candidate: candidate.candidate }
}

/** What the section announces. One codec instead of all: the offer grows by 1 kB, not by 6. */
const CODEC = 'video/VP8'

/**
 * Makes the browser give this connection's UDP socket large buffers, by way of a video section that never
 * carries anything. Chrome leaves 128 KiB for what comes in to a connection with data only, some 57 packets:
 * a busy computer loses part of them, and SCTP takes every loss for a full network and slows down. With a
 * video section the socket has 2 MiB. Costs no permission and no packets; see decision 0011.
 */
function widenSocketBuffers(peer: RTCPeerConnection): void {
  try {
    const section = peer.addTransceiver('video', { direction: 'inactive' })
    const codec = RTCRtpReceiver.getCapabilities('video')?.codecs.find(({ mimeType }) => mimeType === CODEC)
    // Older browsers have no such method; a longer offer is all that they get for it.
    if (codec !== undefined && 'setCodecPreferences' in section) section.setCodecPreferences([codec])
  } catch {
    // A browser that is built or set to do without media goes without, and somewhat slower.
  }
}

/** Milliseconds after which a browser that still says "offline" is not believed. */
const NETWORK_MS = 3000

/**
 * Waits until the browser knows its network. The camera may have just started it, and in Chromium (seen in 156) a page
 * that makes its first connection before then never finds a candidate, in later attempts neither.
 */
export function networkKnown(limitMs = NETWORK_MS): Promise<void> {
  if (navigator.onLine) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs)
    addEventListener(
      'online',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
