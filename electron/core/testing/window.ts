import { primitives } from '#hub/node-crypto.ts'
import { toBase64Url } from '#protocol/base64url.ts'
import { channelMac } from '#protocol/binding.ts'
import type { Batch } from '#protocol/frames.ts'
import { APP, type Joined } from '#protocol/hub-events.ts'
import type { FromWindow, ToWindow } from '#protocol/link-port.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { Session, type SessionOptions } from '#transfer/session.ts'
import type { Source } from '#transfer/source.ts'
import { freshId, Told } from '#transfer/testing/ends.ts'
import { memoryHash, MemorySink } from '#transfer/testing/files.ts'
import { MemoryLane } from '#transfer/testing/lanes.ts'
import type { Device } from '#core/devices/device.ts'
import type { LinkPort } from '#core/devices/window-link.ts'

export const PAGE: Joined = { v: 2, name: 'Pixel', kind: 'page' }
export const LEGACY: Joined = { v: 1, name: '', kind: 'legacy' }

/** What a registration has proved, and the descriptions of the connection after it. */
export const SESSION: SessionKey = { id: new Uint8Array(32).fill(1), key: new Uint8Array(32).fill(2) }
const description = (byte: string, setup: string): string =>
  [
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => byte).join(':')}`,
    `a=setup:${setup}`,
    'a=ice-ufrag:abcd',
  ].join('\r\n')
export const OFFER = description('0A', 'actpass')
export const ANSWER = description('0B', 'active')

export const confirmOf = (mac: Uint8Array): string => JSON.stringify({ t: 'confirm', mac: toBase64Url(mac) })
const isConfirm = (data: string | Uint8Array): boolean => typeof data === 'string' && data.includes('"confirm"')

/** The window's side of one hosted link, and a phone behind it. */
export class FakeWindow implements LinkPort {
  readonly posted: ToWindow[] = []
  closed = false
  phone: FakePhone | null = null
  readonly #device: () => Device

  constructor(device: () => Device) {
    this.#device = device
  }

  /** From the main process. */
  post(message: ToWindow): void {
    this.posted.push(message)
    if (message.t === 'close-lane') this.phone?.wire?.close()
    if (message.t !== 'data' || isConfirm(message.data)) return
    this.phone?.wire?.send(message.data)
    this.say({ t: 'credit', bytes: message.data.length })
  }

  close(): void {
    this.closed = true
  }

  /** To the main process. */
  say(message: FromWindow): void {
    this.#device().receive(message)
  }

  signal(event: 'syncto' | 'transfile' | 'ctrlSendSpeed' | 'exception', payload: unknown): void {
    this.say({ t: 'signal', event, payload })
  }

  signalled(event: string): unknown[] {
    return this.posted.flatMap((m) => (m.t === 'signal' && m.event === event ? [m.payload] : []))
  }

  /** A phone's page comes and its channel opens. */
  join(peer: Joined = PAGE): FakePhone {
    return this.rejoin(new FakePhone(), peer)
  }

  /** The same page comes again. */
  rejoin(phone: FakePhone, peer: Joined = PAGE): FakePhone {
    this.say({ t: 'registered' })
    if (peer.v === 2) this.#device().proved(SESSION)
    this.say({ t: 'joined', peer })
    return this.open(phone)
  }

  open(phone = new FakePhone()): FakePhone {
    phone.connect((data) => {
      // A channel that is gone says nothing.
      if (this.phone === phone) this.say({ t: 'data', data })
    })
    this.phone = phone
    this.say({ t: 'lane-open', lane: 'webrtc', maxMessage: 65_536, local: ANSWER, remote: OFFER })
    this.say({ t: 'data', data: confirmOf(channelMac(primitives, SESSION, APP, OFFER, ANSWER)) })
    return phone
  }

  openLegacy(): void {
    this.say({ t: 'lane-open', lane: 'legacy', maxMessage: 65_536, local: '', remote: '' })
  }
}

/** The phone's end: the same engine as on the page, on wires to the window, one after the other. */
export class FakePhone {
  readonly told = new Told()
  readonly sinks: MemorySink[] = []
  /** Names of what the computer says it keeps. */
  readonly unfinished: string[] = []
  wire: MemoryLane | null = null
  readonly session: Session

  /** `ports`: what a phone has beside files. */
  constructor(ports: Partial<SessionOptions> = {}) {
    this.session = new Session({
      parity: 1,
      self: { name: 'Pixel', kind: 'page' },
      session: freshId(),
      sha256: memoryHash,
      newId: freshId,
      openSink: (offer) => {
        const sink = new MemorySink(offer.name)
        this.sinks.push(sink)
        return Promise.resolve(sink)
      },
      onPeer: () => undefined,
      onTransfer: (view) => {
        this.told.put(view)
      },
      onUnfinished: ({ name }) => this.unfinished.push(name),
      onBroken: () => undefined,
      ...ports,
    })
  }

  /** The wire before is gone. */
  connect(toDesktop: (data: string | Uint8Array) => void): void {
    this.wire?.close()
    const [phone, window] = MemoryLane.pair()
    this.wire = window
    window.listen({ onFrame: toDesktop, onClose: () => undefined })
    this.session.addLane(phone)
  }

  send(source: Source): string {
    return this.session.send(source)
  }

  sendBatch(batch: Omit<Batch, 't'>, files: AsyncIterator<Source>): void {
    this.session.sendBatch(batch, files)
  }

  cancel(id: string): void {
    this.session.cancel(id)
  }
}
