import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { Bottleneck } from './bottleneck.ts'
import type { Trick } from './phone.ts'

/** Bytes of the sockets' buffers: what comes while this process is busy must not be lost for that. */
const BUFFER_BYTES = 4_194_304

/** What would wait longer before the bottleneck is lost, as in a router whose memory is full. */
const QUEUE_MS_MAX = 1_000

/** What happens to packets in either direction. */
export interface Way {
  /** ms that a packet takes longer. */
  readonly delayMs: number
  /** Of a hundred packets, how many are lost; 0 by default. */
  readonly lossPercent?: number
  /** Bits a second in each direction; as many as come by default. */
  readonly bitRate?: number
  /** ms by which single packets may come still later, and so behind others; 0 by default. */
  readonly jitterMs?: number
}

/**
 * A relay for one peer connection on this computer. Each side is told the relay's address instead of the other side's,
 * and the relay learns where both are from their first packets.
 */
export class DelayUdp {
  readonly #way: Way
  readonly #desktops: Socket
  readonly #phones: Socket
  /** Packets that went through, in both directions: proof that there was no other way. */
  passed = 0
  lost = 0
  readonly #necks: Bottleneck[] = []
  /** Nothing goes through any more, and nobody is told. */
  silent = false

  private constructor(way: Way) {
    this.#way = way
    const open = () => createSocket({ type: 'udp4', recvBufferSize: BUFFER_BYTES, sendBufferSize: BUFFER_BYTES })
    this.#desktops = open()
    this.#phones = open()
  }

  static async open(way: Way): Promise<DelayUdp> {
    const relay = new DelayUdp(way)
    const ends = [relay.#desktops, relay.#phones]
    for (const end of ends) end.bind(0, '127.0.0.1')
    await Promise.all(ends.map((end) => once(end, 'listening')))
    relay.#connect()
    return relay
  }

  /** What a phone's page must do so that both sides know only the relay. */
  get trick(): Trick<Ports> {
    return onlyBy({ desktop: this.#desktops.address().port, phone: this.#phones.address().port })
  }

  /** Bits a second in each direction, from now on. */
  set bitRate(bitRate: number) {
    for (const neck of this.#necks) neck.bitRate = bitRate
  }

  async close(): Promise<void> {
    for (const end of [this.#desktops, this.#phones]) {
      end.close()
      await once(end, 'close')
    }
  }

  /** The phone speaks to the socket that stands for the desktop, and hears from it; and the other way round. */
  #connect(): void {
    const heard = new Map<Socket, RemoteInfo>()
    for (const [from, to] of [
      [this.#desktops, this.#phones],
      [this.#phones, this.#desktops],
    ] as const) {
      const neck = new Bottleneck(this.#way.bitRate)
      this.#necks.push(neck)
      from.on('message', (packet, sender) => {
        heard.set(from, sender)
        // The other socket's last sender is the receiver; before it has spoken there is nobody.
        const receiver = heard.get(to)
        if (receiver !== undefined) this.#pass(packet, to, receiver, neck)
      })
    }
  }

  #pass(packet: Buffer, by: Socket, { port, address }: RemoteInfo, neck: Bottleneck): void {
    const { delayMs, lossPercent = 0, jitterMs = 0 } = this.#way
    const queueMs = neck.wait(packet.length)
    if (this.silent || queueMs > QUEUE_MS_MAX || Math.random() * 100 < lossPercent) {
      this.lost++
      return
    }
    this.passed++
    setTimeout(
      () => {
        try {
          by.send(packet, port, address)
        } catch {
          // Closed meanwhile.
        }
      },
      queueMs + delayMs + Math.random() * jitterMs,
    )
  }
}

interface Ports {
  readonly desktop: number
  readonly phone: number
}

/**
 * Runs in the phone's page: of the candidates of either side only the first is left, with the relay's address in it. The
 * hub passes candidates on as they are, and the proof does not cover them.
 */
const onlyBy = (how: Ports): Trick<Ports> => ({
  how,
  act: ({ desktop, phone }) => {
    const seen = { local: 0 }
    const relayed = (candidate: string, port: number): string =>
      candidate.replace(/^(candidate:\S+ \d+ udp \d+) \S+ \d+ /i, `$1 127.0.0.1 ${port} `)
    const told = new WeakSet()
    // As one of its forms only: the types call the other one outdated.
    type Add = (this: object, candidate?: RTCIceCandidateInit | null) => Promise<void>
    const connections = RTCPeerConnection.prototype as unknown as { addIceCandidate: Add }
    const add = connections.addIceCandidate
    connections.addIceCandidate = function (candidate) {
      if (!candidate?.candidate || told.has(this) || !/ udp /i.test(candidate.candidate)) return Promise.resolve()
      told.add(this)
      return add.call(this, { ...candidate, candidate: relayed(candidate.candidate, desktop) })
    }
    // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with the socket as `this`
    const send = WebSocket.prototype.send
    WebSocket.prototype.send = function (data) {
      const text = typeof data === 'string' ? data : ''
      // A new description begins a new connection.
      if (text.includes('"type":"offer"') || text.includes('"type":"answer"')) seen.local = 0
      const match = /"candidate":"(candidate:[^"]+)"/.exec(text)
      if (match === null) {
        send.call(this, data)
        return
      }
      if (!/ udp /i.test(match[1]!) || seen.local++ > 0) return
      send.call(this, text.replace(match[1]!, relayed(match[1]!, phone)))
    }
  },
})
