import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { bytesOf, sha256 } from '../support/files.ts'
import { DelayTcp } from '../support/delay-tcp.ts'
import { DelayUdp } from '../support/delay-udp.ts'

const DELAY_MS = 30
const MIB = 1_048_576

describe('a distant hub', () => {
  let server: Server
  let proxy: DelayTcp
  const hosts: (string | undefined)[] = []
  beforeEach(async () => {
    hosts.length = 0
    server = createServer((request, response) => {
      hosts.push(request.headers.host)
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => response.end(`${request.headers.origin ?? 'none'} ${sha256(Buffer.concat(parts))}`))
    })
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => {
        socket.send(data, { binary: isBinary })
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    proxy = await DelayTcp.before(`http://127.0.0.1:${(server.address() as AddressInfo).port}/#2.x.y.0`, DELAY_MS)
  })
  afterEach(async () => {
    await proxy.close()
    server.closeAllConnections()
    server.close()
  })

  test('is known by its own name, and everything arrives whole, later', async () => {
    expect(proxy.link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#2\.x\.y\.0$/)
    const origin = proxy.link.slice(0, proxy.link.indexOf('/#'))
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const body = new Uint8Array(bytesOf(3 * MIB, 1))
    for (let n = 0; n < 2; n++) {
      const answer = await fetch(proxy.link, { method: 'POST', headers: { origin }, body })
      expect(await answer.text()).toBe(`http://${host} ${sha256(body)}`)
    }
    expect(hosts).toEqual([host, host])
  })

  test('takes a round trip longer for every message', async () => {
    const socket = new WebSocket(proxy.link.replace('http', 'ws').replace(/#.*/, ''))
    await once(socket, 'open')
    const took: number[] = []
    for (let n = 0; n < 5; n++) {
      const start = performance.now()
      socket.send('x')
      await once(socket, 'message')
      took.push(performance.now() - start)
    }
    expect(Math.min(...took)).toBeGreaterThan(2 * DELAY_MS - 5)
    socket.terminate()
  })

  test('carries websockets both ways', async () => {
    const socket = new WebSocket(proxy.link.replace('http', 'ws').replace(/#.*/, ''))
    await once(socket, 'open')
    const sent = bytesOf(2 * MIB, 2)
    socket.send(sent)
    const [back] = (await once(socket, 'message')) as [Buffer]
    expect(sha256(back)).toBe(sha256(sent))
    socket.terminate()
  })
})

describe('a relay for UDP', () => {
  const open = async (): Promise<Socket> => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return socket
  }

  test('passes on between two that know only it, later, once both have spoken', async () => {
    const relay = await DelayUdp.open({ delayMs: DELAY_MS })
    const [phone, desktop] = [await open(), await open()]
    const ports = relay.trick.how
    // Nobody knows the desktop yet: this one is lost, as ICE's first checks may be.
    phone.send('lost', ports.desktop, '127.0.0.1')
    const hello = once(phone, 'message')
    const greet = setInterval(() => {
      desktop.send('hello', ports.phone, '127.0.0.1')
    }, 10)
    const [first] = (await hello) as [Buffer]
    clearInterval(greet)
    const heard = once(desktop, 'message')
    const start = performance.now()
    phone.send('and back', ports.desktop, '127.0.0.1')
    const [second] = (await heard) as [Buffer]
    expect([first.toString(), second.toString()]).toEqual(['hello', 'and back'])
    expect(performance.now() - start).toBeGreaterThan(DELAY_MS - 2)
    expect(relay.passed).toBeGreaterThan(1)
    for (const socket of [phone, desktop]) socket.close()
    await relay.close()
  })
})
