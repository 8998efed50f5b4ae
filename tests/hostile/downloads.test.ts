import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Offered } from '#hub/download.ts'
import type { HubOptions } from '#hub/hub.ts'
import { SHIPPED_LIMITS } from '#hub/limits.ts'
import { eventually } from '#hub/testing/client.ts'
import { ask, knock } from '#hub/testing/http.ts'
import { bodyOf, bytesAt, endless, fetchFile, synthetic, type FetchOptions } from '#hub/testing/served.ts'
import { Raw } from './support/raw.ts'
import { endScenes, openScene, pair, scene, stillTalk } from './support/scene.ts'

endScenes()
const MIB = 2 ** 20
const GIB = 2 ** 30

/** macOS has no other address on loopback. */
const OTHERS = process.platform !== 'darwin'
const [BAD, GOOD] = ['127.0.0.2', '127.0.0.3']

async function offering(size: number, more: Partial<Offered> = {}, options: HubOptions = {}) {
  const stage = await scene(options)
  const { offered, fate } = synthetic(size, more)
  const { path } = stage.hub.downloads.offer(offered)
  const { hub } = stage
  const get = (fetchOptions?: FetchOptions) => fetchFile(hub.port, path, fetchOptions)
  return { stage, hub, port: hub.port, path, fate, get }
}

/** A download that is under way and will not be over by itself. */
async function running(port: number, path: string) {
  let bytes = 0
  const slowly: FetchOptions['onData'] = (_part, soFar, res) => {
    bytes = soFar
    res.pause()
    setTimeout(() => res.resume(), 20)
    return true
  }
  const over = fetchFile(port, path, { onData: slowly, hash: false })
  await eventually('the first bytes', () => bytes > 0)
  return { over }
}

test('A17: range bombs get the file once, or nothing', async () => {
  const { get, fate } = await offering(MIB)
  const bombs: [string, number, number][] = [
    [`bytes=${Array.from({ length: 1000 }, (_, n) => `${n}-`).join()}`, 200, MIB],
    [`bytes=${Array.from({ length: 1000 }, () => '0-').join()}`, 200, MIB],
    ['bytes=0-10,5-15,0-', 200, MIB],
    ['bytes=-0', 416, 0],
    ['bytes=9e99-', 200, MIB],
    [`bytes=${'9'.repeat(99)}-`, 416, 0],
    [`bytes=${MIB}-`, 416, 0],
    ['bytes=5-4', 200, MIB],
    [`bytes=-${'9'.repeat(99)}`, 206, MIB],
    [`bytes=${MIB - 1}-${'9'.repeat(99)}`, 206, 1],
  ]
  for (const [Range, status, bytes] of bombs) {
    const got = await get({ headers: { Range } })
    expect([Range.slice(0, 30), got.status, got.bytes]).toEqual([Range.slice(0, 30), status, bytes])
    expect(got.headers['content-type']).toBe('application/octet-stream')
    if (status === 416) expect(got.headers['content-range']).toBe(`bytes */${MIB}`)
  }
  // What Node joins of two headers is a bomb as well; a header that is too long never gets here.
  const twice = (await get({ headers: { Range: ['bytes=0-1', 'bytes=3-4'] as unknown as string } })).status
  expect([200, 206]).toContain(twice)
  expect((await get({ headers: { Range: `bytes=${'0-1,'.repeat(10_000)}` } })).status).toBe(431)
  await eventually('all closed', () => fate.opened === fate.closed)
})

test('A17: a hundred ranges at once are two', async () => {
  // Nobody reads on after the first bytes, so that none of them is over before the last one has asked.
  const { port, path, fate } = await offering(GIB, endless(GIB), { limits: { downloadStallMs: 600_000 } })
  const statuses: number[] = []
  const raws = Array.from({ length: 100 }, () => new Raw(port))
  for (const { socket } of raws) socket.once('data', () => socket.pause())
  for (const raw of raws) raw.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nRange: bytes=0-\r\n\r\n`)
  await eventually('all answers', () => raws.every((raw) => raw.text.length > 0))
  for (const raw of raws) {
    statuses.push(Number(/^HTTP\/1\.1 (\d+)/.exec(raw.text)?.[1]))
    raw.socket.destroy()
  }
  expect(statuses.filter((status) => status === 206)).toHaveLength(2)
  expect(statuses.filter((status) => status === 503)).toHaveLength(98)
  expect(fate.said).toEqual([])
})

test('A18: what is not there, whatever the guess, is one and the same 404', async () => {
  const { port, path } = await offering(10, {}, { limits: { wrongDownloads: 100 } })
  const { hub } = await scene()
  const gone = hub.downloads.offer(synthetic(10).offered)
  gone.revoke()
  const token = path.slice(3)
  const guesses = [
    `/d/${randomBytes(32).toString('base64url')}`,
    gone.path,
    '/d/', '/d/x', '/d/../d', '/d/__proto__', '/d/constructor',
    `/d/${token.slice(1)}`, `/d/${token}A`, `/d/${token}/`, `/d/${token}?x`, `/d/${token}=`, `/d/%2e/${token}`, `/d//${token}`,
    `/d/${token.slice(0, 42)}!`, `/d/${token.slice(0, 42)}%41`, `/d/${token.toLowerCase()}a`, `/d/${'x'.repeat(8000)}`, '/d/%00',
  ] // prettier-ignore
  const answers = []
  for (const guess of guesses) {
    const { date, ...headers } = (await ask(port, { path: guess })).headers
    const { status, body } = await ask(port, { path: guess })
    expect(date).toBeDefined()
    answers.push(JSON.stringify([status, body.toString(), headers]))
  }
  expect(new Set(answers).size).toBe(1)
  expect(answers[0]).toContain('[404,"Not found\\n"')
  expect(answers[0]).not.toContain('disposition')
})

test('A18: a token is 256 random bits, and never the same', async () => {
  const { downloads } = (await scene()).hub
  const paths = Array.from({ length: 500 }, () => downloads.offer(synthetic(1).offered).path)
  expect(new Set(paths).size).toBe(500)
  for (const path of paths) expect(Buffer.from(path.slice(3), 'base64url')).toHaveLength(32)
  // Every one of the 43 places takes many values: no part of it is a counter or a clock.
  for (let at = 3; at < 45; at++) expect(new Set(paths.map((path) => path[at])).size).toBeGreaterThan(32)
})

test.runIf(OTHERS)(
  'A18: who guesses is told so after a while, and shuts out nobody who has the right token, behind the same address neither',
  async () => {
    const { stage, port, path, get } = await offering(MIB, endless(64 * MIB))
    const friends = await pair(await openScene())
    const { over } = await running(port, path)
    const { wrongDownloads } = SHIPPED_LIMITS
    const statuses: number[] = []
    for (let n = 0; n < wrongDownloads + 50; n++) {
      const guess = `/d/${randomBytes(32).toString('base64url')}`
      statuses.push((await fetchFile(port, guess, { from: BAD })).status)
    }
    expect(statuses.slice(0, wrongDownloads)).toEqual(Array.from({ length: wrongDownloads }, () => 404))
    expect(statuses.slice(wrongDownloads)).toEqual(Array.from({ length: 50 }, () => 429))
    const refused = await fetchFile(port, '/d/x', { from: BAD })
    expect([refused.status, Number(refused.headers['retry-after'])]).toEqual([
      429,
      SHIPPED_LIMITS.refuseDownloadsMs / 1000,
    ])
    // The right one is there all the while, from that very address as well, and a download that is running goes on.
    expect((await get({ from: BAD, headers: { Range: 'bytes=0-0' } })).status).toBe(206)
    expect((await get({ from: GOOD, headers: { Range: 'bytes=0-0' } })).status).toBe(206)
    expect((await ask(port, { path: '/', localAddress: BAD })).status).toBe(404)
    await stage.hub.close()
    expect((await over).bytes).toBeGreaterThan(0)
    await stillTalk(friends)
  },
)

test.runIf(OTHERS)('A18: the address may ask again after a while', async () => {
  const { port, get } = await offering(1, {}, { limits: { wrongDownloads: 2, refuseDownloadsMs: 200 } })
  const miss = async (): Promise<number> => (await fetchFile(port, '/d/x', { from: BAD })).status
  expect([await miss(), await miss(), await miss()]).toEqual([404, 404, 429])
  let status = 429
  while (status === 429) {
    await new Promise((resolve) => setTimeout(resolve, 220))
    status = await miss()
  }
  expect([status, (await get({ from: BAD })).status]).toEqual([404, 200])
})

/** Tries with longer and longer times until the machine has kept up with one, and everything within was right. */
async function atSomePace(holds: (idleMs: number) => Promise<boolean>): Promise<void> {
  for (let idleMs = 100; idleMs <= 12_800; idleMs *= 2) if (await holds(idleMs)) return
  throw new Error('not even slowly')
}

test('A19: some time after its last byte it can’t be had any more', async () => {
  await atSomePace(async (downloadIdleMs) => {
    const { get, fate, hub } = await offering(4, {}, { limits: { downloadIdleMs } })
    // Every byte that is served begins the time anew: together these take twice as long.
    for (let n = 0; n < 4; n++) {
      await new Promise((resolve) => setTimeout(resolve, downloadIdleMs / 2))
      if ((await get({ headers: { Range: 'bytes=0-1' } })).status !== 206) return false
    }
    await eventually('the end', () => fate.said.length > 0)
    expect([fate.said, hub.downloads.size]).toEqual([['gone timeout'], 0])
    expect((await get()).status).toBe(404)
    return true
  })
})

test('A19: what was fetched is gone after the same time, without another word', async () => {
  await atSomePace(async (downloadIdleMs) => {
    const { get, fate, hub } = await offering(4, {}, { limits: { downloadIdleMs } })
    const first = await get()
    if (first.status !== 200 || !first.isWhole) return false
    await eventually('the end', () => hub.downloads.size === 0)
    expect(fate.said).toEqual(['done'])
    expect((await get()).status).toBe(404)
    return true
  })
})

test('A19: revoking a device cuts what is running, at once and for good, and nobody else’s', async () => {
  const { port, path, hub, fate, get } = await offering(0, endless(GIB))
  const other = synthetic(0, { ...endless(GIB), deviceId: 'tablet' })
  const others = hub.downloads.offer(other.offered)
  const unused = synthetic(5)
  const { path: unusedPath } = hub.downloads.offer(unused.offered)
  const [first, second, friend] = [await running(port, path), await running(port, path), await running(port, others.path)] // prettier-ignore

  hub.downloads.revokeDevice('phone')
  const statuses = [(await get()).status, (await fetchFile(port, unusedPath)).status]
  expect([statuses, fate.said, unused.fate.said]).toEqual([[404, 404], ['gone revoked'], ['gone revoked']])
  for (const { over } of [first, second]) {
    const { isWhole, bytes } = await over
    expect([isWhole, bytes < GIB]).toEqual([false, true])
  }
  const served = other.fate.progress.length
  await eventually('more of the other', () => other.fate.progress.length > served)
  expect(other.fate.said).toEqual([])
  others.revoke()
  expect((await friend.over).isWhole).toBe(false)
})

test('A19: revoked while its file was being opened: not a byte', async () => {
  let opened: (() => void) | undefined
  const wait = new Promise<void>((resolve) => (opened = resolve))
  let reads = 0
  const source = { read: async (at: number, length: number) => (reads++, bytesAt(at, length)), close: async () => {} }
  let isAsked = false
  const open = async () => {
    isAsked = true
    await wait
    return source
  }
  const { get, hub } = await offering(10, { open })
  const answer = get()
  await eventually('the request', () => isAsked)
  hub.downloads.revokeDevice('phone')
  opened?.()
  expect([(await answer).bytes, reads]).toEqual([0, 0])
})

test('A20: below /d/ and beside it paths lead nowhere', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lanyard-hostile-'))
  await writeFile(join(dir, 'index.html'), 'page')
  const { port, path } = await offering(10, {}, { pageDir: dir })
  for (const bad of [
    '/d/../../etc/passwd', '/d/..%2f..%2fetc/passwd', '/d/%2e%2e%5c', '/d/%00', '//d/', `/${path}`, `/x/..${path}`, `/.${path}`,
    `/d/${'x'.repeat(10_000)}`, path.toUpperCase(), `${path}/../..`, `${path}%00`, `/D${path.slice(2)}`, `http://127.0.0.1${path}`,
  ])
    expect([bad, (await ask(port, { path: bad })).status]).toEqual([bad, 404]) // prettier-ignore
  expect((await ask(port, { path: '/' })).body.toString()).toBe('page')
  await rm(dir, { recursive: true })
})

test('A1, A3: the same door is before downloads', async () => {
  const { port, path, fate } = await offering(10)
  const status = async (headers: Record<string, string>) => (await ask(port, { path, headers })).status
  expect(await status({ Origin: 'http://evil.example' })).toBe(403)
  expect(await status({ Origin: 'null' })).toBe(403)
  expect(await status({ Host: `evil.example:${port}` })).toBe(421)
  expect(await knock(port, {}, path)).toBe(404)
  expect(fate.opened).toBe(0)
  const { headers } = await ask(port, { path, headers: { Origin: `http://127.0.0.1:${port}` } })
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test('E83: around 2 and 4 GiB every byte is where it belongs', async () => {
  for (const size of [4 * GIB - 1, 4 * GIB, 4 * GIB + 1, 12 * GIB + 1]) {
    const { port, path, get } = await offering(size)
    expect((await get({ method: 'HEAD' })).headers['content-length']).toBe(String(size))
    const last = await get({ headers: { Range: 'bytes=-1' } })
    expect(last.headers['content-range']).toBe(`bytes ${size - 1}-${size - 1}/${size}`)
    for (const at of [2 * GIB - 3, 4 * GIB - 8, size - 7]) {
      const to = Math.min(at + 5, size - 1)
      const body = await bodyOf(port, path, { headers: { Range: `bytes=${at}-${to}` } })
      expect([size, at, body]).toEqual([size, at, Buffer.from(bytesAt(at, to + 1 - at))])
    }
    expect((await get({ headers: { Range: `bytes=${size}-` } })).status).toBe(416)
  }
})

test('E85: nothing that is offered is shown, whatever it is called', async () => {
  for (const name of ['page.html', 'evil.svg', 'x.xhtml', 'script.js', 'a.pdf']) {
    const { get } = await offering(10, { name })
    const { headers } = await get()
    expect(headers['content-type']).toBe('application/octet-stream')
    expect(headers['content-disposition']).toMatch(/^attachment; /)
    expect(headers['content-security-policy']).toMatch(/^sandbox;/)
    expect(headers['x-content-type-options']).toBe('nosniff')
  }
})
