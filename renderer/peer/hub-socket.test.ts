// First: the library looks for what a page has once, as it is loaded.
import { page } from '#hub/testing/page.ts'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { eventually } from '#hub/testing/client.ts'
import { setStage } from '#hub/testing/stage.ts'
import { HubSocket, type HubSocketOptions } from './hub-socket.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** A Socket.IO server of the kind that the hub is, with handlers of the test's own. */
async function serve(begin: (socket: Socket) => void = () => undefined, pings = {}): Promise<[Server, string]> {
  const server = createServer()
  const io = new Server(server, { transports: ['websocket'], ...pings })
  io.on('connection', begin)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endings.push(() => io.close())
  return [io, `http://127.0.0.1:${(server.address() as AddressInfo).port}`]
}

/** Our client, what befell it, and what it heard. */
function connect(url: string, options: Partial<HubSocketOptions> = {}) {
  const life: string[] = []
  const heard: unknown[] = []
  const socket = new HubSocket(
    { url, auth: {}, ...options },
    {
      onConnect: () => life.push('connect'),
      onOffline: () => life.push('offline'),
      onEvent: (event, payload) => heard.push([event, payload]),
    },
  )
  endings.push(() => {
    socket.close()
  })
  const lived = (...what: string[]) => eventually(what.join(), () => life.join().startsWith(what.join()))
  return { socket, life, heard, lived }
}

/** The first try to come back is made after at most 450 ms. */
const PAST_FIRST_RETRY_MS = 700
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('the hub itself welcomes it, and answers what it asks', async () => {
  const stage = await setStage({ open: true })
  endings.push(() => stage.clear())
  const { socket, heard } = connect(stage.hub.loopbackUrl)
  await eventually('welcome', () => heard.length > 0)
  expect(heard[0]).toMatchObject(['welcome', { id: socket.id }])
  const replies: unknown[] = []
  socket.emit('register', { uid: 'a', type: 1, v: 2, name: 'P', kind: 'page' }, (reply) => replies.push(reply))
  await eventually('an answer', () => replies.length > 0)
  expect(replies).toEqual([{ ok: true, v: 2 }])
})

test('the server is told who it is, and whom it refuses for that stays away', async () => {
  const [io, url] = await serve((socket) => socket.emit('auth', socket.handshake.auth))
  io.use(({ handshake }, next) => {
    next(handshake.auth['token'] === 'ours' ? undefined : new Error('not-allowed'))
  })
  const { life, lived } = connect(url, { auth: { token: 'of somebody else' } })
  await lived('offline')
  const { heard } = connect(url, { auth: { token: 'ours' } })
  await eventually('auth', () => heard.length > 0)
  expect(heard).toEqual([['auth', { token: 'ours' }]])
  await later(PAST_FIRST_RETRY_MS)
  expect(life).toEqual(['offline'])
})

test('events arrive in order, both ways, however many and however large', async () => {
  const said: unknown[] = []
  const [, url] = await serve((server) => {
    server.on('count', (n: unknown) => said.push(n))
    for (let n = 0; n < 200; n++) server.emit('count', n)
    server.emit('large', 'é"\u2028'.repeat(200_000))
    server.emit('nothing')
  })
  const { socket, heard, lived } = connect(url)
  await lived('connect')
  for (let n = 0; n < 200; n++) socket.emit('count', n)
  socket.emit('count', 'ü'.repeat(400_000))
  await eventually('all', () => said.length === 201 && heard.length === 202)
  const counts = Array.from({ length: 200 }, (_, n) => n)
  expect(said).toEqual([...counts, 'ü'.repeat(400_000)])
  expect(heard.slice(0, 200)).toEqual(counts.map((n) => ['count', n]))
  expect(heard.slice(200)).toEqual([
    ['large', 'é"\u2028'.repeat(200_000)],
    ['nothing', undefined],
  ])
})

test('each question gets its own answer, once, whatever their order', async () => {
  const [, url] = await serve((server) => {
    const waiting: (() => void)[] = []
    server.on('ask', (n: number, answer: (reply: number) => void) => {
      waiting.push(() => {
        answer(n)
        answer(-1)
      })
      if (waiting.length === 12) for (const tell of waiting.reverse()) tell()
    })
  })
  const { socket, lived } = connect(url)
  await lived('connect')
  const answers = new Map<number, unknown>()
  let count = 0
  for (let n = 0; n < 12; n++)
    socket.emit('ask', n, (reply) => {
      answers.set(n, reply)
      count++
    })
  await eventually('12 answers', () => answers.size === 12)
  expect([...answers].every(([n, reply]) => n === reply)).toBe(true)
  expect(count).toBe(12)
})

test('a question that is never answered ends the connection, and the next one is a new try', async () => {
  const [, url] = await serve()
  // It bounds the greeting as well, which takes longer than that on a busy machine, and is tried again then.
  const { socket, life } = connect(url, { answerMs: 250 })
  await eventually('a connection', () => life.at(-1) === 'connect')
  const before = life.length
  const replies: unknown[] = []
  socket.emit('ask', 1, (reply) => replies.push(reply))
  await eventually('another', () => life[before] === 'offline' && life.includes('connect', before))
  expect(replies).toEqual([])
})

test.each([
  ['Engine.IO alone', ['0{"sid":"e","upgrades":[],"pingInterval":60000,"pingTimeout":60000}']],
  ['nothing', []],
])('a server that says %s is gone, and the next one is a new try', async (_, packets) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  let tries = 0
  server.on('connection', (peer) => {
    tries++
    for (const packet of packets) peer.send(packet)
    endings.push(() => {
      peer.terminate()
    })
  })
  endings.push(() => server.close())
  const { life } = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { answerMs: 50 })
  await eventually('another try', () => tries > 1)
  expect(new Set(life)).toEqual(new Set(['offline']))
})

test.each([
  '42[',
  '42{"x":1}',
  '42["connect"]',
  '42["disconnect"]',
  '49',
  '430{',
  '40["s"]',
  '44{"message":"x"}',
  '451-["x",{"_placeholder":true,"num":9}]',
])('what makes no sense (%s) is no event and no answer, and costs the connection at most', async (packet) => {
  const [, url] = await serve((server) => {
    server.on('ask', (_: unknown, answer: (reply: string) => void) => {
      ;(server.conn as unknown as { write: (data: string) => void }).write(packet.slice(1))
      answer('right')
    })
  })
  const { socket, heard, life } = connect(url)
  await eventually('an answer', () => life.at(-1) === 'connect')
  const replies: unknown[] = []
  socket.emit('ask', undefined, (reply) => replies.push(reply))
  await eventually('an answer, or a new try', () => replies.length > 0 || life.length > 1)
  expect(heard).toEqual([])
  expect(replies.filter((reply) => reply !== 'right')).toEqual([])
})

test('after a cut it comes back under a new id; what was said in between is gone', async () => {
  const said: unknown[] = []
  const [io, url] = await serve((server) => server.on('say', (what) => said.push(what)))
  const { socket, lived } = connect(url)
  await lived('connect')
  const { id } = socket
  for (const { conn } of io.sockets.sockets.values()) conn.close()
  await lived('connect', 'offline')
  expect([socket.connected, socket.id]).toEqual([false, ''])
  socket.emit('say', 'lost')
  await lived('connect', 'offline', 'connect')
  expect(socket.id).not.toBe(id)
  socket.emit('say', 'heard')
  await eventually('heard', () => said.length > 0)
  expect(said).toEqual(['heard'])
})

test('whom the server sends away stays away until asked to try again', async () => {
  const [io, url] = await serve()
  const { socket, life, lived } = connect(url)
  await lived('connect')
  io.disconnectSockets()
  await lived('connect', 'offline')
  await later(PAST_FIRST_RETRY_MS)
  expect(life).toEqual(['connect', 'offline'])
  socket.reconnect()
  await lived('connect', 'offline', 'connect')
})

test('it tries until there is a server; `reconnect` does not wait for the pause; `close` ends it in silence', async () => {
  const [io, url] = await serve()
  const { port } = new URL(url)
  await io.close()
  const { socket, life, lived } = connect(url)
  await lived('offline', 'offline')
  const server = createServer()
  const again = new Server(server)
  await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve))
  endings.push(() => again.close())
  socket.reconnect()
  await eventually('connect', () => life.at(-1) === 'connect')
  const before = life.length
  const reasons: string[] = []
  for (const peer of again.sockets.sockets.values()) peer.on('disconnect', (reason) => reasons.push(reason))
  socket.close()
  await eventually('goodbye', () => reasons.length > 0)
  page.dispatchEvent(new Event('offline'))
  expect(reasons).toEqual(['client namespace disconnect'])
  expect(life.length).toBe(before)
})

test('a browser that knows that the network is gone need not wait for a ping', async () => {
  const [, url] = await serve()
  const { lived } = connect(url)
  await lived('connect')
  page.dispatchEvent(new Event('offline'))
  await lived('connect', 'offline', 'connect')
})

test('it answers pings, so the server keeps it', async () => {
  let pings = 0
  const [, url] = await serve(
    ({ conn }) =>
      conn.on('packetCreate', ({ type }) => {
        if (type === 'ping') pings++
      }),
    { pingInterval: 40, pingTimeout: 2_000 },
  )
  const { life } = connect(url)
  await eventually('many pings', () => pings > 8)
  expect(life).toEqual(['connect'])
})
