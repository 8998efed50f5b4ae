import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '#hub/testing/client.ts'
import { readInto } from './message-socket.ts'

let near: Socket
let far: Socket
let data: number
let came: Buffer[]
const memory = new Uint8Array(1_000)
const onRead = (bytes: number): void => void came.push(Buffer.from(memory.subarray(0, bytes)))

beforeEach(async () => {
  came = []
  data = 0
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  far = connect((server.address() as { port: number }).port, '127.0.0.1')
  near = (await once(server, 'connection'))[0] as Socket
  near.on('data', () => data++)
  server.close()
})
afterEach(() => {
  near.destroy()
  far.destroy()
})

// A Node in which this fails does without, which costs a fifth more: that is to be known.
describe('a socket of a server, in this Node', () => {
  test('reads into the memory that was given, whatever comes', async () => {
    expect(readInto(near, memory, onRead)).toBe(true)
    const sent = randomBytes(100_000)
    far.write(sent)
    await eventually('all', () => Buffer.concat(came).length === sent.length)
    expect(Buffer.compare(Buffer.concat(came), sent)).toBe(0)
    expect([data, came.every(({ length }) => length <= memory.length)]).toEqual([0, true])
  })

  test('goes on after what came before, pauses, resumes, and ends', async () => {
    far.write('before')
    await eventually('data', () => data === 1)
    expect(readInto(near, memory, onRead)).toBe(true)
    near.pause()
    far.write('after')
    // Something else that has to come round, so that what is paused would have been read.
    await once(far.setTimeout(50), 'timeout')
    expect(came).toEqual([])
    near.resume()
    await eventually('after', () => String(Buffer.concat(came)) === 'after')
    const ended = once(near, 'end')
    far.end('last')
    await ended
    expect(String(Buffer.concat(came))).toBe('afterlast')
  })

  test('is given one memory, and not while something waits to be read', async () => {
    near.pause()
    far.write('unread')
    near.read(0)
    await eventually('unread', () => near.readableLength === 6)
    expect(readInto(near, memory, onRead)).toBe(false)
    near.resume()
    await eventually('data', () => data === 1)
    expect(readInto(near, memory, onRead)).toBe(true)
    expect(readInto(near, new Uint8Array(10), onRead)).toBe(false)
  })
})

test('what is no socket of Node, or has other insides, is left as it is', () => {
  expect(readInto(new PassThrough(), memory, onRead)).toBe(false)
  const insides = near as unknown as { _handle: { useUserBuffer?: unknown } }
  const { _handle } = insides
  insides._handle = { ..._handle, useUserBuffer: undefined }
  expect(readInto(near, memory, onRead)).toBe(false)
  insides._handle = _handle
})
