import { request, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import { connect, type Socket } from 'node:net'
import { bounded } from './client.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** One request with exactly these headers: `fetch` would not let a test choose its Host. */
export function ask(port: number, options: RequestOptions = {}, body = ''): Promise<Answer> {
  return bounded(`answer to ${options.path ?? '/'}`, (resolve) => {
    const req = request({ host: '127.0.0.1', port, agent: false, ...options }, (res) => {
      const parts: Buffer[] = []
      res.on('data', (part: Buffer) => parts.push(part))
      res.on('end', () => {
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts) })
      })
    })
    req.on('upgrade', (res, socket) => {
      socket.destroy()
      resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.alloc(0) })
    })
    req.on('error', () => {
      resolve({ status: 0, headers: {}, body: Buffer.alloc(0) })
    })
    req.end(body)
  })
}

export const UPGRADE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'bGFueWFyZCBsYW55YXJkIQ==',
}
export const WEBSOCKET_PATH = '/socket.io/?EIO=4&transport=websocket'
export const POLLING_PATH = '/socket.io/?EIO=4&transport=polling'

/** Status of the answer to a websocket upgrade: 101 when it is let in. */
export async function knock(
  port: number,
  headers: Record<string, string> = {},
  path = WEBSOCKET_PATH,
): Promise<number> {
  return (await ask(port, { path, headers: { ...UPGRADE, ...headers } })).status
}

/** Bytes as they stand; resolves with all that came back, once the hub has closed the connection or said `end`. */
export function talk(port: number, text: string, end?: { test(answer: string): boolean }): Promise<string> {
  return bounded('the hub to close', (resolve) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (part) => {
      answer += part.toString('latin1')
      if (end?.test(answer) === true) socket.destroy()
    })
    socket.on('error', () => {
      // A reset is a close as well.
    })
    socket.on('close', () => {
      resolve(answer)
    })
  })
}
