import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import { APP, WEB, type Role } from '#protocol/hub-events.ts'
import { cut, opened, padded, type End, type Meeting } from './client.ts'

const SAID = padded((fill) => `42["message",${JSON.stringify({ type: 'offer', sdp: fill })}]`)

/** A client of version 2 over Engine.IO's websocket, step by step as socket.io-client does it. */
class OurEnd implements End {
  heard = (): void => undefined
  readonly #socket: WebSocket
  readonly #registration: string
  #joined: () => void = () => undefined
  readonly joined = new Promise<void>((resolve) => (this.#joined = resolve))

  constructor(port: number, uid: string, type: Role) {
    this.#registration = JSON.stringify(['register', { uid, type, v: 2, name: 'bench', kind: 'page' }])
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
    })
    this.#socket.on('message', (data: Buffer) => {
      this.#take(data.toString())
    })
  }

  say(): void {
    this.#socket.send(SAID)
  }

  beat(): void {
    // The hub asks, and `#take` answers.
  }

  async open(): Promise<void> {
    await opened(this.#socket)
    await this.joined
  }

  close(): Promise<void> {
    return cut(this.#socket)
  }

  #take(text: string): void {
    if (text.startsWith('42["message"')) this.heard()
    else if (text === '2') this.#socket.send('3')
    else if (text.startsWith('0{')) this.#socket.send('40')
    else if (text.startsWith('40{')) this.#socket.send(`420${this.#registration}`)
    else if (text.startsWith('42["joined"')) this.#joined()
  }
}

export function ourMeeting(port: number, pid: number): Meeting {
  return {
    name: 'Lanyard',
    pid,
    pair: async () => {
      const uid = randomBytes(16).toString('base64url')
      const ends = [new OurEnd(port, uid, WEB), new OurEnd(port, uid, APP)] as const
      await Promise.all(ends.map((end) => end.open()))
      return ends
    },
  }
}
