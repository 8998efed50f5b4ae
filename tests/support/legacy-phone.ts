import { io as connectNew } from 'socket.io-client'
import { RTCPeerConnection, type RTCDataChannel } from 'werift'
import { connectOld } from '#hub/testing/old-client.ts'
import { parseLink } from '#protocol/pairing.ts'
import { LegacyFiles, type Faults } from './legacy-files.ts'
import { whileItMoves } from './patience.ts'

/** Which socket.io-client the app was built with: 2.0.4, as in 2018, or a 4.x. */
export type Generation = 'v2' | 'v4'
export const GENERATIONS: readonly Generation[] = ['v2', 'v4']

/** What both generations of the client can do. */
interface AnySocket {
  on(event: string, listener: (...args: unknown[]) => void): unknown
  emit(event: string, ...args: unknown[]): unknown
  close(): unknown
}

export interface LegacyRecord {
  readonly id: string
  readonly title: string
  readonly bytes: Buffer
}

export interface LegacyOptions {
  readonly generation?: Generation
  readonly records?: readonly LegacyRecord[]
  /** Lists this instead, whatever it is. */
  readonly list?: unknown
  readonly faults?: Faults
}

type Message =
  | { readonly type: 'answer'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly label: number; readonly id: string; readonly candidate: string }

/**
 * A phone app of 2018: the eleven events and one data channel, nothing of what came later. Its WebRTC is werift, not a
 * browser's. It knows the uid out of the code on the screen and nothing else.
 */
export class LegacyPhone {
  readonly files: LegacyFiles
  /** Texts that the other side wanted a person to see. */
  readonly exceptions: string[] = []
  /** How often the other side was said to be gone. */
  byebyes = 0
  readonly #url: string
  readonly #uid: string
  readonly #options: LegacyOptions
  #socket: AnySocket
  #peer: RTCPeerConnection | null = null
  #channel: RTCDataChannel | null = null
  #exported = 0
  #isClosed = false

  constructor(link: string, options: LegacyOptions = {}) {
    const parsed = parseLink(link)
    if (parsed === null) throw new Error(`not a link: ${link}`)
    this.#url = `http://${parsed.address}:${parsed.port}`
    this.#uid = parsed.uid
    this.#options = options
    this.files = new LegacyFiles(
      {
        announce: (file) => this.#socket.emit('transfile', file),
        report: (bytes) => this.#socket.emit('ctrlSendSpeed', bytes),
        piece: (bytes) => {
          if (bytes.length === 0) sendEmpty(this.#channel)
          else this.#channel?.send(bytes)
        },
      },
      options.faults ?? {},
    )
    this.#socket = this.#connect()
  }

  /** The text is shown to the person at the computer. */
  say(text: string): void {
    this.#socket.emit('exception', text)
  }

  get connected(): boolean {
    return this.#channel?.readyState === 'open'
  }

  /** Resolves once its data channel is open. */
  async ready(): Promise<void> {
    const look = (): string => `${this.#peer?.iceConnectionState}, ${this.#channel?.readyState}`
    await whileItMoves('data channel', look, () => this.connected)
  }

  /** The app is started anew while the hub still believes in the old one. */
  async restart(): Promise<void> {
    await this.#drop()
    this.#socket = this.#connect()
  }

  /** Not a word any more, neither to the hub nor to the computer, as when the battery is taken out. */
  vanish(): void {
    const nothing = (): Promise<void> => Promise.resolve()
    for (const { connection } of this.#peer?.iceTransports ?? [])
      for (const { transport } of protocolsOf(connection)) transport.send = nothing
    this.#socket.close()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#socket.close()
    await this.#drop()
  }

  #connect(): AnySocket {
    const common = { forceNew: true, transports: ['polling', 'websocket'] }
    const socket: AnySocket =
      this.#options.generation === 'v2' ? connectOld(this.#url, common) : connectNew(this.#url, common)
    socket.on('connect', () => socket.emit('register', { uid: this.#uid, type: 1 }))
    socket.on('syncfrom', () => {
      this.#quietlyOnceClosed(this.#sync())
    })
    socket.on('message', (message) => {
      this.#quietlyOnceClosed(this.#onMessage(message as Message))
    })
    socket.on('export', (ids) => {
      this.#export(ids as string[])
    })
    socket.on('transfile', (file) => {
      this.files.begin(file as { size: number; name: string })
    })
    socket.on('ctrlSendSpeed', (bytes) => {
      this.files.reported(bytes as number)
    })
    socket.on('exception', (text) => this.exceptions.push(text as string))
    socket.on('byebye', () => this.byebyes++)
    return socket
  }

  /** What was on its way when the app closed meets a connection that is gone. */
  #quietlyOnceClosed(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#isClosed) throw error
    })
  }

  /** The list first, then the offer, as the 2018 app does whenever it hears `syncfrom`. */
  async #sync(): Promise<void> {
    await this.#drop()
    this.#socket.emit('syncto', this.#options.list ?? this.records)
    const peer = new RTCPeerConnection({ iceServers: [], iceAdditionalHostAddresses: ['127.0.0.1'] })
    this.#peer = peer
    const channel = peer.createDataChannel(`vbzdatachannel-${Date.now()}`, { ordered: true })
    this.#channel = channel
    channel.onMessage.subscribe((data) => {
      if (typeof data !== 'string') this.files.take(data)
    })
    peer.onIceCandidate.subscribe((candidate) => {
      if (candidate === undefined || candidate.candidate === '') return
      const { sdpMLineIndex: label, sdpMid: id } = candidate
      this.#socket.emit('message', { type: 'candidate', label, id, candidate: candidate.candidate })
    })
    const offer = await peer.createOffer()
    this.#socket.emit('message', { type: 'offer', sdp: offer.sdp })
    await peer.setLocalDescription(offer)
  }

  async #onMessage(message: Message): Promise<void> {
    const peer = this.#peer
    if (peer === null) return
    if (message.type === 'answer') await peer.setRemoteDescription({ type: 'answer', sdp: message.sdp })
    else {
      const { candidate, id, label } = message
      await peer.addIceCandidate({ candidate, sdpMid: id, sdpMLineIndex: label }).catch(() => undefined)
    }
  }

  get records(): readonly { id: string; title: string }[] {
    return (this.#options.records ?? []).map(({ id, title }) => ({ id, title }))
  }

  /** What an export of these records contains; none = all. */
  pack(ids: readonly string[]): Buffer {
    const records = this.#options.records ?? []
    return Buffer.concat(records.filter(({ id }) => ids.length === 0 || ids.includes(id)).map(({ bytes }) => bytes))
  }

  /**
   * Not waited for: a test that ends as soon as the file has landed closes this app before the last report of it is
   * here, and nobody is left then who could be told. `send` keeps its own failures.
   */
  #export(ids: readonly string[]): void {
    void this.files.send(`export-${++this.#exported}.zip`, this.pack(ids))
  }

  async #drop(): Promise<void> {
    const peer = this.#peer
    this.#peer = null
    this.#channel = null
    this.files.connectionLost()
    await peer?.close()
  }
}

/**
 * An empty message as browsers send it (RFC 8831: a kind of its own with one byte that does not count). werift's own
 * `send` counts it and sends nothing, so that its stream waits for it ever after.
 */
function sendEmpty(channel: RTCDataChannel | null): void {
  const BINARY_EMPTY = 57
  const { sctp } = channel as unknown as { sctp: { dataChannelQueue: unknown[][]; dataChannelFlush(): Promise<void> } }
  sctp.dataChannelQueue.push([channel, BINARY_EMPTY, Buffer.alloc(1)])
  void sctp.dataChannelFlush()
}

interface Sending {
  readonly transport: { send(...args: unknown[]): Promise<void> }
}

/** werift keeps them to itself; a dead phone is worth it. */
const protocolsOf = (connection: object): readonly Sending[] =>
  (connection as { protocols: readonly Sending[] }).protocols
