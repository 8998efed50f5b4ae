import { closeSync, openSync, write } from 'node:fs'
import { once } from 'node:events'
import { WebSocketServer, type WebSocket } from 'ws'
import { createServer } from 'node:http'
import { fromBase64Url } from '#protocol/base64url.ts'
import { startHub } from '#hub/hub.ts'
import { startCipher } from '#hub/cipher-thread.ts'
import type { Lane, LaneEvents } from '#transfer/lane.ts'

/**
 * The computer's side of bench/lane.ts, a process of its own so that it can be Electron's Node or a plain one, and its
 * processor time be told. Arguments: session id and key (base64url), folder of the page, file to write into.
 */
const [id = '', key = '', pageDir = '', file = ''] = process.argv.slice(2)
const session = { id: fromBase64Url(id) ?? new Uint8Array(0), key: fromBase64Url(key) ?? new Uint8Array(0) }

const hub = await startHub({
  port: 0,
  bind: '127.0.0.1',
  pageDir,
  lanes: { sessionOf: (asked) => (asked === id ? session : null), onLane: (_, lane) => serve(lane) },
  startCipher: () => startCipher(`${import.meta.dirname}/../main/cipher-worker.js`),
})

// It ends with who started it, however that ends.
process.stdin.on('end', () => process.exit(0)).resume()

// The same service over a plain WebSocket, beside it.
const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const plain = new WebSocketServer({ server, perMessageDeflate: false })
plain.on('connection', (ws) => serve(plainLane(ws)))
const address = server.address()
const plainPort = typeof address === 'object' && address !== null ? address.port : 0
process.stdout.write(`${JSON.stringify({ port: hub.port, plainPort })}\n`)

/** `up`: takes so many bytes into the file. `down`: gives as many. Says `done` with its processor seconds. */
function serve(lane: Lane): void {
  let take: (bytes: Uint8Array) => void = () => undefined
  lane.listen({
    onFrame: (data) => {
      if (typeof data !== 'string') {
        take(data)
        return
      }
      const { t, bytes, size } = JSON.parse(data) as { t: 'up' | 'down'; bytes: number; size: number }
      if (t === 'down') void give(lane, bytes, size)
      else take = taker(lane, bytes)
    },
    onClose: () => undefined,
  })
}

function taker(lane: Lane, bytes: number): (data: Uint8Array) => void {
  const before = process.cpuUsage()
  const fd = openSync(file, 'w')
  let came = 0
  let written = 0
  return (data) => {
    write(fd, data, 0, data.length, came, (error, n) => {
      if (error !== null) throw error
      written += n
      if (written < bytes) return
      closeSync(fd)
      const { user, system } = process.cpuUsage(before)
      lane.send(JSON.stringify({ t: 'done', cpu: (user + system) / 1e6 }))
    })
    came += data.length
  }
}

async function give(lane: Lane, bytes: number, size: number): Promise<void> {
  const before = process.cpuUsage()
  const frame = new Uint8Array(size).fill(7)
  for (let sent = 0; sent < bytes; sent += size) {
    await lane.ready()
    lane.send(frame)
  }
  const { user, system } = process.cpuUsage(before)
  lane.send(JSON.stringify({ t: 'done', cpu: (user + system) / 1e6 }))
}

function plainLane(ws: WebSocket): Lane {
  const room = (): Promise<void> =>
    ws.bufferedAmount < 4_194_304
      ? Promise.resolve()
      : new Promise((resolve) => {
          setImmediate(() => void room().then(resolve))
        })
  return {
    kind: 'socket',
    maxMessage: 262_144,
    send: (data) => {
      ws.send(data, { binary: typeof data !== 'string' })
    },
    ready: room,
    listen: (events: LaneEvents) => {
      ws.on('message', (data: Buffer, isBinary) => {
        events.onFrame(isBinary ? data : data.toString())
      })
    },
    close: () => {
      ws.close()
    },
  }
}
