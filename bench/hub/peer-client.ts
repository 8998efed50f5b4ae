import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import { cut, opened, padded, type End, type Meeting } from './client.ts'

/** A client as PeerJS's own: connects with key, id and token, is open with OPEN, and names whom it speaks to. */
class PeerEnd implements End {
  heard = (): void => undefined
  readonly #socket: WebSocket
  readonly #to: string
  readonly #said: string
  #open: () => void = () => undefined
  readonly #isOpen = new Promise<void>((resolve) => (this.#open = resolve))
  #met: () => void = () => undefined
  readonly met = new Promise<void>((resolve) => (this.#met = resolve))

  constructor(port: number, id: string, to: string) {
    this.#to = to
    this.#said = padded((fill) => JSON.stringify({ type: 'CANDIDATE', dst: to, payload: { candidate: fill } }))
    const query = `key=peerjs&id=${id}&token=${randomBytes(8).toString('hex')}&version=1.5.5`
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/peerjs?${query}`, { perMessageDeflate: false })
    this.#socket.on('message', (data: Buffer) => {
      this.#take(data.toString())
    })
  }

  say(): void {
    this.#socket.send(this.#said)
  }

  beat(): void {
    this.#socket.send('{"type":"HEARTBEAT"}')
  }

  async open(): Promise<void> {
    await opened(this.#socket)
    await this.#isOpen
  }

  /** It has no word for "the other one is here"; the first word that arrives is. */
  greet(type: 'OFFER' | 'ANSWER'): void {
    this.#socket.send(JSON.stringify({ type, dst: this.#to, payload: {} }))
  }

  close(): Promise<void> {
    return cut(this.#socket)
  }

  #take(text: string): void {
    const kind = /"type":"([A-Z]+)"/.exec(text)?.[1]
    if (kind === 'CANDIDATE') this.heard()
    else if (kind === 'OPEN') this.#open()
    else if (kind === 'OFFER' || kind === 'ANSWER') this.#met()
    if (kind === 'OFFER') this.greet('ANSWER')
  }
}

const newId = (): string => randomBytes(8).toString('hex')

/** Clients that bring ids of their own along. */
export const peerMeeting = (port: number, pid: number): Meeting => ({
  name: 'PeerJS',
  pid,
  pair: async () => {
    const [a, b] = [newId(), newId()]
    const ends = [new PeerEnd(port, a, b), new PeerEnd(port, b, a)] as const
    await Promise.all(ends.map((end) => end.open()))
    ends[0].greet('OFFER')
    await Promise.all(ends.map((end) => end.met))
    return ends
  },
})
