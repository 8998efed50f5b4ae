import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { plainFile } from '#inbox/testing/plain-file.ts'
import { Downloads } from './downloads.ts'
import { SHIPPED_LIMITS } from './limits.ts'
import { eventually } from '#hub/testing/client.ts'
import { talk } from '#hub/testing/http.ts'
import { setStage, type Stage } from '#hub/testing/stage.ts'
import { bodyOf, bytesAt, fetchFile, sha256, synthetic, type FetchOptions } from '#hub/testing/served.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Offered } from './download.ts'
import type { HubOptions } from './hub.ts'
import { sparse } from '#hub/testing/sparse.ts'

const MIB = 1_048_576
const stages: Stage[] = []
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.clear()
})

async function offering(size: number, more: Partial<Offered> = {}, options: HubOptions = {}) {
  const stage = await setStage(options)
  stages.push(stage)
  const { offered, fate } = synthetic(size, more)
  const { path, revoke } = stage.hub.downloads.offer(offered)
  const fetch = (fetchOptions: FetchOptions = {}) => fetchFile(stage.hub.port, path, fetchOptions)
  return { stage, hub: stage.hub, port: stage.hub.port, path, revoke, fate, fetch }
}

describe('a file by plain http', () => {
  test('comes with all that a browser needs to save and to go on, and nothing that lets it be shown', async () => {
    const { fetch, path } = await offering(100, { name: 'größe.html' })
    expect(path).toMatch(/^\/d\/[\w-]{43}$/)
    const got = await fetch()
    expect([got.status, got.bytes, got.sha256]).toEqual([200, 100, sha256(bytesAt(0, 100))])
    expect(got.headers).toMatchObject({
      'content-length': '100',
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="gr__e.html"; filename*=UTF-8''gr%C3%B6%C3%9Fe.html`,
      'accept-ranges': 'bytes',
      etag: '"a1b2"',
      'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
      'cache-control': 'no-store',
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(Object.keys(got.headers)).not.toContain('set-cookie')
  })

  test.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 5])('of %d bytes is exact, and done once', async (size) => {
    const { fetch, fate } = await offering(size)
    expect(await fetch()).toMatchObject({ status: 200, bytes: size, sha256: sha256(bytesAt(0, size)), isWhole: true })
    await eventually('the last word', () => fate.said.length > 0)
    await fetch()
    expect(fate.said).toEqual(['done'])
    if (size > 0) expect(fate.progress.at(-1)).toBe(size)
    await eventually('all closed', () => fate.closed === fate.opened)
  })

  test('HEAD tells the same and sends nothing', async () => {
    const { fetch, fate } = await offering(5 * 2 ** 30)
    const got = await fetch({ method: 'HEAD', headers: { Range: 'bytes=0-5' } })
    expect([got.status, got.bytes, got.headers['content-length']]).toEqual([200, 0, String(5 * 2 ** 30)])
    expect(fate).toMatchObject({ opened: 0, said: [] })
  })

  test('other methods are refused, whether it is there or not', async () => {
    const { fetch, port } = await offering(1)
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const [here, nowhere] = [await fetch({ method }), await fetchFile(port, '/d/x', { method })]
      expect([here.status, nowhere.status, here.headers.allow]).toEqual([405, 405, 'GET, HEAD'])
    }
  })

  test('a range is exact, and what was fetched in pieces is done with the last one', async () => {
    const size = 2 * MIB + 7
    const { fetch, port, path, fate } = await offering(size)
    const range = await fetch({ headers: { Range: `bytes=${MIB - 1}-${MIB}` } })
    expect([range.status, range.headers['content-range'], range.headers['content-length']]).toEqual([206, `bytes ${MIB - 1}-${MIB}/${size}`, '2']) // prettier-ignore
    expect(await bodyOf(port, path, { headers: { Range: 'bytes=-3' } })).toEqual(Buffer.from(bytesAt(size - 3, 3)))
    await fetch({ headers: { Range: `bytes=0-${MIB}` } })
    expect(fate.said).toEqual([])
    await fetch({ headers: { Range: `bytes=${MIB}-` } })
    await eventually('the last word', () => fate.said.length > 0)
    expect([fate.said, fate.progress.at(-1)]).toEqual([['done'], size])
  })

  test('preconditions are answered without the file', async () => {
    const { fetch, fate } = await offering(100)
    const status = async (headers: Record<string, string>) => (await fetch({ headers })).status
    expect(await status({ 'If-None-Match': '"a1b2"' })).toBe(304)
    expect(await status({ 'If-Match': '"other"' })).toBe(412)
    expect(fate.opened).toBe(0)
    expect(await status({ 'If-Match': '"a1b2"', Range: 'bytes=0-' })).toBe(206)
    expect(await status({ 'If-Range': '"a1b2"', Range: 'bytes=0-' })).toBe(206)
    expect(await status({ 'If-Range': 'Fri, 02 Jan 2026 03:04:05 GMT', Range: 'bytes=0-' })).toBe(206)
    expect(await status({ 'If-Range': '"older"', Range: 'bytes=5-' })).toBe(200)
  })

  test('taken back: it is not there any more, and whoever took it back is not told', async () => {
    const { fetch, revoke, fate, hub } = await offering(100)
    revoke()
    expect([(await fetch()).status, fate.said, hub.downloads.size]).toEqual([404, [], 0])
  })

  test('it may outlive a hub', async () => {
    const downloads = new Downloads(SHIPPED_LIMITS)
    const { hub, path } = await offering(100, {}, { downloads })
    await hub.close()
    const { port } = await offering(1, {}, { downloads })
    expect((await fetchFile(port, path)).bytes).toBe(100)
  })
})

describe('a cut download', () => {
  const size = 300 * MIB + 123
  let dir = ''
  afterEach(() => rm(dir, { recursive: true, force: true }))

  test('goes on where it was, and is the same file', async () => {
    dir = await mkdtemp(join(tmpdir(), 'lanyard-download-'))
    const hash = await sparse(join(dir, 'film.mp4'), size)
    const { fetch, fate } = await offering(0, await plainFile(join(dir, 'film.mp4')))
    const whole = createHash('sha256')
    let have = 0
    const take = (until: number) => (part: Buffer) => {
      const wanted = part.subarray(0, Math.max(0, until - have))
      whole.update(wanted)
      have += wanted.length
      return have < until
    }
    const first = await fetch({ hash: false, onData: take(Math.floor(size / 2)) })
    expect([first.status, first.isWhole]).toEqual([200, false])
    const again = { 'If-Range': first.headers.etag!, Range: `bytes=${have}-` }
    const second = await fetch({ hash: false, headers: again, onData: take(Infinity) })
    expect([second.status, second.isWhole, have]).toEqual([206, true, size])
    expect(whole.digest('hex')).toBe(hash)
    await eventually('the last word', () => fate.said.length > 0)
    expect(fate.said).toEqual(['done'])
    await eventually('both files closed', () => fate.opened === fate.closed)
  })
})

describe('the hub’s limits on requests', () => {
  const limits = {
    headersMs: 100,
    requestMs: 100,
    keepAliveMs: 50,
    timeoutCheckMs: 20,
    requestsPerConnection: 1,
    // Slow is not stalled: what the system takes at once from a reader of this speed takes half as long.
    downloadStallMs: 1000,
  }

  test('do not end a download that takes long', async () => {
    const { fetch, fate } = await offering(40 * MIB, {}, { limits })
    const since = performance.now()
    const pause = (_part: Buffer, _soFar: number, res: { pause(): unknown; resume(): unknown }) => {
      res.pause()
      setTimeout(() => res.resume(), 3)
      return true
    }
    expect(await fetch({ onData: pause, hash: false })).toMatchObject({ bytes: 40 * MIB, isWhole: true })
    // Or the limits would not have been met.
    expect(performance.now() - since).toBeGreaterThan(4 * limits.requestMs)
    await eventually('the last word', () => fate.said.includes('done'))
  })
})

describe('a reader that takes nothing', () => {
  test('is cut, and may go on with a range', async () => {
    const { fetch, fate, port, path } = await offering(64 * MIB, {}, { limits: { downloadStallMs: 150 } })
    let res: { resume(): unknown } | undefined
    const stall = (_part: Buffer, _soFar: number, got: { pause(): unknown; resume(): unknown }) => {
      if (res === undefined) got.pause()
      res = got
      return true
    }
    const stalled = fetch({ hash: false, onData: stall })
    await eventually('the cut', () => fate.opened === 1 && fate.closed === 1)
    res?.resume()
    const { isWhole, bytes } = await stalled
    expect([isWhole, bytes > 0, bytes < 64 * MIB]).toEqual([false, true, true])
    const rest = await fetchFile(port, path, { hash: false, headers: { Range: `bytes=${bytes}-` } })
    expect([rest.status, bytes + rest.bytes]).toEqual([206, 64 * MIB])
  })

  test('a source that is slow is no such reader', async () => {
    const wait = () => new Promise((resolve) => setTimeout(resolve, 400))
    const read = (at: number, length: number) => wait().then(() => bytesAt(at, length))
    const open = async () => ({ read, close: async () => {} })
    const { fetch } = await offering(2 * MIB, { open }, { limits: { downloadStallMs: 50 } })
    expect(await fetch()).toMatchObject({ bytes: 2 * MIB, isWhole: true })
  })
})

describe('two at a time', () => {
  test('ranges side by side are exact; a third has to wait', async () => {
    const size = 40 * MIB
    const { fetch, fate, port, path } = await offering(size)
    const halves = [`bytes=0-${size / 2 - 1}`, `bytes=${size / 2}-`]
    const held: (() => void)[] = []
    const hold = (_part: Buffer, soFar: number, res: { pause(): unknown; resume(): unknown }) => {
      if (soFar < MIB) {
        res.pause()
        held.push(() => res.resume())
      }
      return true
    }
    const both = halves.map((Range) => fetch({ headers: { Range }, onData: hold }))
    await eventually('both running', () => held.length === 2)
    const third = await fetchFile(port, path, { headers: { Range: 'bytes=0-0' } })
    expect([third.status, third.headers['retry-after']]).toEqual([503, '2'])
    expect(third.headers).not.toHaveProperty('content-disposition')
    const timer = setInterval(() => held.splice(0).forEach((go) => go()), 1)
    const got = await Promise.all(both)
    clearInterval(timer)
    expect(got.map((half) => half.sha256)).toEqual([sha256(bytesAt(0, size / 2)), sha256(bytesAt(size / 2, size / 2))])
    await eventually('the last word', () => fate.said.includes('done'))
    expect((await fetch({ headers: { Range: 'bytes=0-0' } })).status).toBe(206)
  })

  test('one behind another on the same connection is sent away, or it could be held for ever', async () => {
    const { port, path } = await offering(MIB)
    const get = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
    const answer = await talk(port, get + get, / 503 [^]*\r\n\r\n/)
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503'])
  })

  test('one after the other on the same connection is nothing special', async () => {
    const { port, path } = await offering(MIB)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const statuses = []
    for (let n = 0; n < 3; n++) statuses.push((await fetchFile(port, path, { agent })).status)
    agent.destroy()
    expect(statuses).toEqual([200, 200, 200])
  })
})

describe('a file that is another now', () => {
  test('ends the connection in the middle of an answer, and the offer', async () => {
    let isOther = false
    const read = async (at: number, length: number) => bytesAt(at, length)
    const check = async () => {
      if (isOther) throw new TransferError('source-changed')
    }
    const open = async () => ({ read, check, close: async () => {} })
    const { fetch, fate } = await offering(64 * MIB, { open })
    const got = await fetch({ hash: false, onData: () => (isOther = true) })
    expect([got.status, got.isWhole, got.bytes < 64 * MIB]).toEqual([200, false, true])
    expect(fate.said).toEqual(['gone source-changed'])
    expect((await fetch()).status).toBe(404)
  })

  test('a read that is too short ends it as well', async () => {
    const open = async () => ({ read: async () => bytesAt(0, 10), close: async () => {} })
    const { fetch, fate } = await offering(64, { open })
    const got = await fetch()
    expect([got.status, fate.said]).toEqual([0, ['gone source-changed']])
  })

  test('one that can’t be read just now can be tried again', async () => {
    let tries = 0
    const open = async () => {
      if (tries++ === 0) throw new Error('EIO')
      return { read: async (at: number, length: number) => bytesAt(at, length), close: async () => {} }
    }
    const { fetch, fate } = await offering(64, { open })
    const failed = await fetch()
    expect([failed.status, failed.headers['content-disposition'], fate.said]).toEqual([500, undefined, []])
    expect((await fetch()).status).toBe(200)
  })
})

test('an address whose ten minutes passed while the computer slept is none, though no timer has gone off', () => {
  let now = 0
  const downloads = new Downloads(SHIPPED_LIMITS, () => now)
  const { offered, fate } = synthetic(100)
  const { path: url } = downloads.offer(offered)
  const statusOf = (method: string): number => {
    let status = 200
    const res = {
      setHeader: () => undefined,
      removeHeader: () => undefined,
      writeHead: (code: number) => {
        status = code
        return res
      },
      end: () => res,
    }
    downloads.serve({ method, url, headers: {} } as never, res as never, '10.0.0.2')
    return status
  }
  expect(statusOf('HEAD')).toBe(200)
  now = SHIPPED_LIMITS.downloadIdleMs
  expect([statusOf('HEAD'), downloads.size]).toEqual([404, 0])
  expect(JSON.stringify(fate)).toContain('timeout')
})
