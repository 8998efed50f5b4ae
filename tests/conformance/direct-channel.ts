import { RTCPeerConnection, type RTCDataChannel } from 'werift'
import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { channelMac } from '#protocol/binding.ts'
import type { Candidate, Message } from '#protocol/hub-events.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { primitives } from '#hub/node-crypto.ts'
import { must, NETWORK_FAILED } from './checks.ts'
import { ANSWER_MS, type Wire } from './conversation.ts'
import { Mailbox } from './mailbox.ts'

type Sent = Exclude<Message, string>

/** One WebRTC connection with the channel of version 2 (section 4), in a stack that is not the product's. */
export class DirectChannel implements Wire {
  readonly messages = new Mailbox<string | Uint8Array>()
  readonly #peer: RTCPeerConnection
  #channel: RTCDataChannel | null = null
  readonly #opened = new Mailbox<true>()
  /** Candidates that came before the description; null from then on. */
  #early: Candidate[] | null = []

  /** `send` brings a candidate to the other side. `isMadeByPeer`: the channel is the other side's, as in version 1. */
  constructor(send: (message: Sent) => void, isMadeByPeer = false) {
    this.#peer = new RTCPeerConnection({ iceServers: [], iceAdditionalHostAddresses: ['127.0.0.1'] })
    if (isMadeByPeer)
      this.#peer.onDataChannel.subscribe((channel) => {
        this.#take(channel)
      })
    else this.#take(this.#peer.createDataChannel('lanyard', { negotiated: true, id: 0, ordered: true }))
    this.#peer.connectionStateChange.subscribe((state) => {
      if (state === 'failed') this.#gone(NETWORK_FAILED)
    })
    this.#peer.onIceCandidate.subscribe((candidate) => {
      if (candidate === undefined || candidate.candidate === '') return
      const { sdpMLineIndex: label, sdpMid: id } = candidate
      send({ type: 'candidate', label: label ?? 0, id: id ?? '0', candidate: candidate.candidate })
    })
  }

  /** Makes an offer; `say` sends it before candidates follow. */
  async offer(say: (sdp: string) => void): Promise<void> {
    const offer = await this.#peer.createOffer()
    say(offer.sdp)
    await this.#peer.setLocalDescription(offer)
  }

  async answer(offer: string, say: (sdp: string) => void): Promise<void> {
    await this.#peer.setRemoteDescription({ type: 'offer', sdp: offer })
    const answer = await this.#peer.createAnswer()
    // This stack refuses the silent video section and bundles the data with it all the same, which no browser takes.
    say(answer.sdp.replace(/^m=video 0 /m, 'm=video 9 '))
    await this.#peer.setLocalDescription(answer)
    await this.#addEarly()
  }

  async answered(sdp: string): Promise<void> {
    await this.#peer.setRemoteDescription({ type: 'answer', sdp })
    await this.#addEarly()
  }

  async candidate(one: Candidate): Promise<void> {
    if (this.#early !== null) {
      this.#early.push(one)
      return
    }
    const { candidate, id, label } = one
    // One that does not fit is no error: hidden names, other families.
    await this.#peer.addIceCandidate({ candidate, sdpMid: id, sdpMLineIndex: label }).catch(() => undefined)
  }

  /** Resolves once the channel is open. */
  async isReady(ms: number): Promise<void> {
    if (!this.isOpen) await this.#opened.take('data channel', ms)
  }

  get isOpen(): boolean {
    return this.#channel?.readyState === 'open'
  }

  /** Bytes that wait to go out. */
  get waiting(): number {
    return this.#channel?.bufferedAmount ?? 0
  }

  /** Says `confirm` as the side of this type, 0 = computer, and checks the other's. `wrong`: by a mac that is not right. */
  async confirm(session: SessionKey, type: 0 | 1, wrong = false): Promise<void> {
    await this.isReady(ANSWER_MS)
    const local = this.#peer.localDescription?.sdp ?? ''
    const remote = this.#peer.remoteDescription?.sdp ?? ''
    const own = wrong ? primitives.random(32) : channelMac(primitives, session, type, local, remote)
    this.send(JSON.stringify({ t: 'confirm', mac: toBase64Url(own) }))
    const first = await this.messages.take('`confirm`', ANSWER_MS)
    const { t, mac } = JSON.parse(String(first)) as { t?: unknown; mac?: unknown }
    must(t === 'confirm', `the first frame is not \`confirm\` but ${String(t)}`)
    const expected = channelMac(primitives, session, type === 0 ? 1 : 0, remote, local)
    must(typeof mac === 'string' && primitives.same(bytesFrom(mac), expected), 'the mac of `confirm` is not right')
  }

  send(data: string | Uint8Array): void {
    if (this.isOpen) this.#channel?.send(typeof data === 'string' ? data : Buffer.from(data))
  }

  /** Ends the connection. The other side is told, so that nobody has to wait until it notices the silence. */
  async close(): Promise<void> {
    this.#gone('this side closed it')
    await this.#peer.sctpTransport?.sctp.abort().catch(() => undefined)
    await this.#peer.close().catch(() => undefined)
  }

  #take(channel: RTCDataChannel): void {
    this.#channel = channel
    channel.onMessage.subscribe((data) => {
      this.messages.put(data)
    })
    channel.stateChanged.subscribe((state) => {
      if (state === 'open') this.#opened.put(true)
      if (state === 'closed') this.#gone('the channel was closed')
    })
    // One that the other side has made may be open by now.
    if (this.isOpen) this.#opened.put(true)
  }

  async #addEarly(): Promise<void> {
    const early = this.#early ?? []
    this.#early = null
    for (const one of early) await this.candidate(one)
  }

  #gone(why: string): void {
    this.messages.end(why)
    this.#opened.end(why)
  }
}
