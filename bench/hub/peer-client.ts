import { randomBytes } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
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

/** An id from the server, over a connection of its own: each client is another browser. */
async function askForId(port: number): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/peerjs/id', agent: false }, resolve).once('error', reject)
  })
  return text(response)
}

function meetingOf(name: string, [port, pid]: readonly [number, number], newId: () => Promise<string>): Meeting {
  return {
    name,
    pid,
    pair: async () => {
      const [a, b] = await Promise.all([newId(), newId()])
      const ends = [new PeerEnd(port, a, b), new PeerEnd(port, b, a)] as const
      await Promise.all(ends.map((end) => end.open()))
      ends[0].greet('OFFER')
      await Promise.all(ends.map((end) => end.met))
      return ends
    },
  }
}

/** Clients that bring ids of their own along. */
export const peerMeeting = (port: number, pid: number): Meeting =>
  meetingOf('PeerJS', [port, pid], () => Promise.resolve(randomBytes(8).toString('hex')))

export const ASKING = 'PeerJS, ids asked for'

/** Clients that ask for an id first, as PeerJS's own does where the page that uses it names none. */
export const peerAskingMeeting = (port: number, pid: number): Meeting =>
  meetingOf(ASKING, [port, pid], () => askForId(port))
