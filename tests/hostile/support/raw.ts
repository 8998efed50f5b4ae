import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually } from '#hub/testing/client.ts'
import { frame } from '#hub/testing/websocket-frame.ts'

/** A TCP connection that remembers what came. `from`: source address. */
export class Raw {
  readonly socket: Socket
  text = ''
  isClosed = false

  constructor(port: number, from = '127.0.0.1') {
    this.socket = connect({ port, host: '127.0.0.1', localAddress: from })
    this.socket.on('data', (part) => (this.text += part.toString('latin1')))
    this.socket.on('error', () => {
      // A reset is a close as well.
    })
    this.socket.on('close', () => (this.isClosed = true))
  }

  write(bytes: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes)
  }
  async closed(): Promise<void> {
    await eventually('the hub to close', () => this.isClosed)
  }
  async hears(part: string): Promise<void> {
    await eventually(part, () => this.text.includes(part))
  }
  async ready(): Promise<void> {
    if (this.socket.connecting) await once(this.socket, 'connect')
  }
}

export const upgradeHead = (port: number, query = 'EIO=4&transport=websocket', more = ''): string =>
  `GET /socket.io/?${query} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bGFueWFyZCBsYW55YXJkIQ==\r\n${more}\r\n`

/** A raw websocket, as far as the hub lets it come. */
export async function rawWebsocket(port: number, from?: string): Promise<Raw> {
  const raw = new Raw(port, from)
  raw.write(upgradeHead(port))
  await eventually('an answer', () => raw.isClosed || raw.text.includes('"sid"') || raw.text.startsWith('HTTP/1.1 5'))
  return raw
}

/** One that has sent CONNECT and was welcomed. */
export async function rawClient(port: number, from?: string): Promise<Raw> {
  const raw = await rawWebsocket(port, from)
  raw.write(frame('40'))
  await raw.hears('Welcome!')
  return raw
}
