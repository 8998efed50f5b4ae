import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import { eventually } from '#hub/testing/client.ts'

export interface FrameOptions {
  readonly opcode?: number
  readonly fin?: boolean
  readonly reserved?: number
  readonly masked?: boolean
}

/** A websocket frame, right or wrong. */
export function frame(payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { opcode = 1, fin = true, reserved = 0, masked = true } = options
  const body = Buffer.from(payload)
  const length =
    body.length < 126
      ? [body.length]
      : body.length < 65_536
        ? [126, body.length >> 8, body.length & 255]
        : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((bits) => (body.length >>> bits) & 255)]
  length[0]! |= masked ? 128 : 0
  const head = Buffer.from([(fin ? 128 : 0) | (reserved << 4) | opcode, ...length])
  if (!masked) return Buffer.concat([head, body])
  const mask = randomBytes(4)
  return Buffer.concat([head, mask, body.map((byte, at) => byte ^ mask[at % 4]!)])
}

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
