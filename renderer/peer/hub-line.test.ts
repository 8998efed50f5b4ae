import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { afterEach, expect, test } from 'vitest'
import { eventually } from '#hub/testing/client.ts'
import { asPage } from '#hub/testing/page-globals.ts'
import { HubSocket } from './hub-socket.ts'

asPage()
const endings: (() => void)[] = []
afterEach(() => {
  for (const end of endings.splice(0)) end()
})

/** A server that says these packets as they stand, and a client that listens. */
async function told(packets: readonly (string | Buffer)[]) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  const peers: WebSocket[] = []
  const said: string[] = []
  server.on('connection', (peer) => {
    peers.push(peer)
    peer.on('message', (data: Buffer) => said.push(data.toString()))
    for (const packet of packets) peer.send(packet)
  })
  const life: string[] = []
  const heard: unknown[] = []
  const socket = new HubSocket(
    { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, auth: { token: 'x' } },
    {
      onConnect: () => life.push('connect'),
      onOffline: () => life.push('offline'),
      onEvent: (...event) => heard.push(event),
    },
  )
  endings.push(() => {
    socket.close()
    for (const peer of peers) peer.terminate()
    server.close()
  })
  return { socket, life, heard, said, peers }
}

const OPEN = (ping: number) => `0{"sid":"e","upgrades":[],"pingInterval":${ping},"pingTimeout":${ping}}`
const CONNECTED = '40{"sid":"s"}'
const LAST = '42["last"]'

test.each([
  [
    '',
    '4',
    '42',
    '42[',
    '42["x"',
    '42{"x":1}',
    '42[1,2]',
    '42[]',
    '42null',
    '49["x"]',
    '42/other,["x"]',
    '41/other,',
    '44/other,{}',
  ],
  ['451-["x",{"_placeholder":true,"num":0}]', '43', '430', '430{', '4399["x"]', '43-1[1]', '43["x"]'],
  ['0', '0{', '0{"pingInterval":"1"}', '40', '40{}', '40{"sid":1}', '40["s"]', '5', '6', '7', 'b4AAA', '2'],
  [Buffer.from('42["x"]'), Buffer.alloc(0), Buffer.from([1, 2, 3])],
])('what makes no sense is dropped, and changes nothing (%#)', async (...packets) => {
  const { socket, life, heard } = await told([OPEN(1_000), CONNECTED, ...packets, LAST])
  await eventually('last', () => heard.length > 0)
  expect([heard, life, socket.id]).toEqual([[['last', undefined]], ['connect'], 's'])
})

test('no event can pass for what befell the connection, none comes before it, and a second id is none', async () => {
  const { life, heard, socket } = await told([
    OPEN(1_000),
    '42["early"]',
    CONNECTED,
    '40{"sid":"t"}',
    '42["disconnect"]',
    '427["connect",1,2]',
    LAST,
  ])
  await eventually('last', () => heard.length === 3)
  expect(heard).toEqual([['disconnect', undefined], ['connect', 1], ['last', undefined]]) // prettier-ignore
  expect([life, socket.id]).toEqual([['connect'], 's'])
})

test('it says what Engine.IO 4 and Socket.IO 5 expect', async () => {
  const { socket, life, said } = await told([OPEN(1_000), '2', '2probe', CONNECTED])
  await eventually('connect', () => life.length > 0)
  socket.emit('a', { b: 1 })
  socket.emit('c', undefined, () => undefined)
  await eventually('all', () => said.length === 5)
  expect(said).toEqual(['40{"token":"x"}', '3', '3probe', '42["a",{"b":1}]', '420["c",null]'])
})

test('an answer counts once', async () => {
  const { socket, life, heard, peers } = await told([OPEN(1_000), CONNECTED])
  await eventually('connect', () => life.length > 0)
  const replies: unknown[] = []
  socket.emit('ask', 1, (reply) => replies.push(reply))
  for (const packet of ['430["first"]', '430["second"]', LAST]) peers[0]?.send(packet)
  await eventually('last', () => heard.length > 0)
  expect(replies).toEqual(['first'])
})

test('a server that has stopped asking is gone, though its socket is open', async () => {
  const { life, peers } = await told([OPEN(40), CONNECTED])
  await eventually('offline', () => life.join() === 'connect,offline,connect')
  expect(peers.length).toBeGreaterThan(1)
})

test('Engine.IO’s own close counts as one, and it is tried again', async () => {
  const { life } = await told([OPEN(60_000), CONNECTED, '1'])
  await eventually('again', () => life.join().startsWith('connect,offline,connect'))
})
