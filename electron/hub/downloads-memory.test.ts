import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { endless, synthetic } from '#hub/testing/served.ts'
import { setStage, type Stage } from '#hub/testing/stage.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const SIZE = 5 * GIB
const GROWTH_MAX = 100 * MIB

let stage: Stage
afterEach(() => stage.clear())

/** Reads to the end and keeps nothing. Bytes, head included. */
async function drink(port: number, path: string, look: () => void): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
  let bytes = 0
  socket.on('data', (part) => {
    bytes += part.length
    look()
  })
  await once(socket, 'close')
  return bytes
}

test(
  'E83: memory stays flat while gigabytes are fetched as fast as they can be had',
  { timeout: 120_000 },
  async () => {
    stage = await setStage()
    const { port, downloads } = stage.hub
    const offer = (size: number) => downloads.offer(synthetic(0, endless(size)).offered)
    // What a first download brings into memory for good is not what this is about.
    await drink(port, offer(128 * MIB).path, () => {})
    const before = process.memoryUsage.rss()
    let peak = before
    let looks = 0
    const bytes = await drink(port, offer(SIZE).path, () => {
      if (looks++ % 500 === 0) peak = Math.max(peak, process.memoryUsage.rss())
    })
    expect(bytes).toBeGreaterThan(SIZE)
    expect(peak - before).toBeLessThan(GROWTH_MAX)
  },
)
