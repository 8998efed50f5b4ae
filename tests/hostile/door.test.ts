import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SHIPPED_LIMITS } from '#hub/limits.ts'
import { isNeighbour } from '#hub/connection-filter.ts'
import { ask, knock, POLLING_PATH, talk } from '#hub/testing/http.ts'
import { OWN_ADDRESS } from '#hub/testing/stage.ts'
import { eventually } from '#hub/testing/client.ts'
import { frame } from '#hub/testing/websocket-frame.ts'
import { Raw, upgradeHead } from './support/raw.ts'
import { endScenes, openScene, pair, scene, stillTalk } from './support/scene.ts'

endScenes()
const EVIL = 'http://evil.example'
const PATHS = ['/', POLLING_PATH, '/nowhere', '/socket.io/socket.io.js']
/** macOS has no other address on loopback. */
const OTHERS = process.platform !== 'darwin'
type Headers = Record<string, string>

/** Status of the answers to requests and upgrades with these headers. */
const answers = async (port: number, headers: Headers): Promise<number[]> => [
  ...(await Promise.all(PATHS.map(async (path) => (await ask(port, { path, headers })).status))),
  await knock(port, headers),
]

test('A1: an upgrade from another site gets 403 before Socket.IO knows of it', async () => {
  const { hub, log } = await openScene()
  expect(await knock(hub.port, { Origin: EVIL })).toBe(403)
  expect(await talk(hub.port, upgradeHead(hub.port, undefined, `Origin: ${EVIL}\r\n`))).not.toContain('sid')
  expect([hub.links(), log]).toEqual([0, []])
})

test('A2: the origin null gets 403, on requests and upgrades', async () => {
  const { hub } = await openScene()
  expect(await answers(hub.port, { Origin: 'null' })).toEqual([403, 403, 403, 403, 403])
})

test('A3: a Host of another name gets 421, on upgrades too', async () => {
  const { hub } = await openScene()
  expect(await answers(hub.port, { Host: `evil.example:${hub.port}` })).toEqual([421, 421, 421, 421, 421])
})

test('A4: only our own names, spelled exactly, pass as Host', async () => {
  const { hub } = await openScene()
  const names = ['192.168.7.7.nip.io', '192.168.7.7.', 'localhost.', '3232237319', '2130706433', '[::ffff:192.168.7.7]', '::1', '[::]', '[0:0:0:0:0:0:0:1]', 'a@192.168.7.7', '127.1', ''] // prettier-ignore
  for (const name of names) {
    const Host = `${name}:${hub.port}`
    expect([name, (await ask(hub.port, { headers: { Host } })).status]).toEqual([name, 421])
    expect([name, await knock(hub.port, { Host })]).toEqual([name, 421])
  }
  const ours = `Host: 127.0.0.1:${hub.port}\r\n`
  expect(await talk(hub.port, `GET / HTTP/1.1\r\n${ours}Host: evil.example\r\n\r\n`)).toMatch(/^HTTP\/1\.1 4/)
  expect(await talk(hub.port, 'GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421/)
  for (const name of ['127.0.0.1', 'localhost', '[::1]', OWN_ADDRESS])
    expect(await knock(hub.port, { Host: `${name}:${hub.port}` })).toBe(101)
})

test('A5: another page gets no CORS header and 403, its preflight as well', async () => {
  const { hub } = await openScene()
  const headers = { Origin: 'http://192.168.7.8', 'Access-Control-Request-Method': 'POST' }
  for (const method of ['GET', 'POST', 'OPTIONS'])
    for (const path of PATHS) {
      const { status, headers: got } = await ask(hub.port, { method, path, headers })
      expect(status).toBe(403)
      expect(Object.keys(got).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
})

test('A6: images and forms of another page change nothing, and there are no cookies', async () => {
  const { hub } = await openScene()
  const friends = await pair(await openScene())
  const opened = await ask(hub.port, { path: POLLING_PATH })
  const { sid } = JSON.parse(opened.body.toString().slice(1)) as { sid: string }
  const path = `${POLLING_PATH}&sid=${sid}`
  // A form names its page; what an image asks for (no Origin) is only ever a GET.
  const form = { Origin: EVIL, 'Content-Type': 'text/plain' }
  for (const body of ['40', '42["register",{"uid":"u","type":1}]'])
    expect((await ask(hub.port, { path, method: 'POST', headers: form }, body)).status).toBe(403)
  for (const at of [...PATHS, '/?uid=u&type=1', '/register?uid=u'])
    expect((await ask(hub.port, { path: at, headers: { Referer: EVIL } })).headers['set-cookie']).toBeUndefined()
  expect(hub.links()).toBe(0)
  await stillTalk(friends)
})

test('A6: what another site makes a browser ask without an Origin gets 403 on every route, and opens nothing', async () => {
  const { hub } = await openScene()
  const lane = '/lane'
  for (const site of ['cross-site', 'same-site'])
    for (const [mode, dest] of [['no-cors', 'image'], ['no-cors', 'script'], ['cors', 'empty'], ['navigate', 'iframe']]) {
      const headers = { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode!, 'Sec-Fetch-Dest': dest! }
      for (const path of [...PATHS, '/d/x', lane])
        expect([path, mode, (await ask(hub.port, { path, headers })).status]).toEqual([path, mode, 403])
      expect([await knock(hub.port, headers), await knock(hub.port, headers, lane)]).toEqual([403, 403])
    }
}) // prettier-ignore

test('A6: a link to the page is followed from anywhere', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lanyard-hostile-'))
  await writeFile(join(dir, 'index.html'), 'page')
  const { hub } = await openScene({ pageDir: dir })
  const headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
  expect((await ask(hub.port, { path: '/', headers })).body.toString()).toBe('page')
  expect((await ask(hub.port, { path: POLLING_PATH, headers })).status).toBe(403)
  await rm(dir, { recursive: true })
})

/** What an image tag does whose browser says nothing of itself: it begins a session, and can never say a word in it. */
const imageTag = async (port: number, localAddress: string): Promise<string> => {
  const { status, body } = await ask(port, { path: POLLING_PATH, localAddress })
  return status === 200 ? (JSON.parse(body.toString().slice(1)) as { sid: string }).sid : ''
}
const isAlive = async (port: number, sid: string): Promise<boolean> =>
  (await ask(port, { path: `${POLLING_PATH}&sid=${sid}`, method: 'POST' }, '40')).status === 200

test.runIf(OTHERS)('A6: image tags that name no Origin shut nobody out, at their own address neither', async () => {
  const stage = await scene({ admit: () => true })
  const { port } = stage.hub
  for (let n = 0; n < 20; n++) expect(await imageTag(port, '127.0.0.2')).not.toBe('')
  const phone = await stage.join({ from: '127.0.0.2' })
  expect(await phone.ask('register', { uid: 'u', type: 1, v: 2 })).toEqual({ ok: true, v: 2 })
  // Nor one of 2018, which comes by polling.
  for (let n = 0; n < 20; n++) await imageTag(port, '127.0.0.2')
  const own = await imageTag(port, '127.0.0.2')
  expect(await isAlive(port, own)).toBe(true)
  for (let n = 0; n < 20; n++) await imageTag(port, '127.0.0.2')
  expect((await ask(port, { path: `${POLLING_PATH}&sid=${own}`, localAddress: '127.0.0.2' })).body.toString()).toContain('Welcome')
}) // prettier-ignore

test('A6: image tags of this computer’s own browser fill no more than their room, and the window comes in', async () => {
  const stage = await scene()
  const { port } = stage.hub
  const sids: string[] = []
  for (let n = 0; n < SHIPPED_LIMITS.guestsFromHere + 40; n++) sids.push(await imageTag(port, '127.0.0.1'))
  expect(sids).not.toContain('')
  const window = await stage.window()
  let alive = 0
  for (const sid of sids) if (await isAlive(port, sid)) alive++
  expect(alive).toBeLessThanOrEqual(SHIPPED_LIMITS.guestsFromHere)
  expect(await window.ask('register', { uid: 'u', type: 0, v: 2 })).toEqual({ ok: true, v: 2 })
})

test('A10: a header bomb gets 431, and the hub lives', async () => {
  const stage = await openScene()
  const { port } = stage.hub
  const many = Array.from({ length: 2000 }, (_, n) => `X-${n}: ${n}\r\n`).join('')
  for (const bomb of [many, `X: ${'x'.repeat(65_536)}\r\n`])
    expect(await talk(port, `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${bomb}\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  await stage.join()
})

test('A11: smuggled and broken requests get 400 and a close', async () => {
  const stage = await openScene()
  const { port } = stage.hub
  const head = `POST ${POLLING_PATH} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`
  for (const rest of [
    'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    'Content-Length: -1\r\n\r\n',
    'Transfer-Encoding: chunked\r\n\r\nzz\r\n',
    'Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n',
  ]) {
    const raw = new Raw(port)
    raw.write(head + rest)
    await raw.closed()
    expect(raw.text).toMatch(/^HTTP\/1\.1 400 /)
  }
  await stage.join()
})

test('A11: one connection gets a bounded number of answers', async () => {
  const { hub } = await openScene({ limits: { requestsPerConnection: 3, keepAliveMs: 200 } })
  const raw = new Raw(hub.port)
  raw.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${hub.port}\r\n\r\n`.repeat(10))
  await raw.hears('HTTP/1.1 503 ')
  expect(raw.text.match(/HTTP\/1\.1 404/g)).toHaveLength(3)
  raw.socket.destroy()
})

test('A12: unknown EIO, JSONP and bad sessions get 400', async () => {
  const { hub } = await openScene()
  const bad = ['EIO=5', 'EIO=2', 'EIO=', 'EIO=__proto__', 'EIO=4&EIO=3', 'x=1', 'EIO=3&j=0', 'EIO=4&sid=nonsense', 'EIO=4&sid=__proto__', 'EIO=4&sid=a&sid=b'] // prettier-ignore
  for (const query of bad) {
    const polling = await ask(hub.port, { path: `/socket.io/?transport=polling&${query}` })
    expect([query, polling.status]).toEqual([query, 400])
    expect([query, await knock(hub.port, {}, `/socket.io/?transport=websocket&${query}`)]).toEqual([query, 400])
  }
})

test('A12: a session that has its websocket is not taken over by another', async () => {
  const stage = await openScene()
  const friends = await pair(stage)
  // The victim's own session id, which nobody else knows.
  const raw = new Raw(stage.hub.port)
  raw.write(upgradeHead(stage.hub.port))
  await raw.hears('"sid"')
  const sid = /"sid":"([^"]+)"/.exec(raw.text)?.[1] ?? ''
  const path = `${POLLING_PATH}&sid=${sid}`
  expect((await ask(stage.hub.port, { path })).status).toBe(400)
  expect((await ask(stage.hub.port, { path, method: 'POST' }, '41')).status).toBe(400)
  const thief = new Raw(stage.hub.port)
  thief.write(upgradeHead(stage.hub.port, `EIO=4&transport=websocket&sid=${sid}`))
  // It hears nothing of the session, and the session goes on.
  await eventually('an answer', () => thief.text.includes('HTTP/1.1') || thief.isClosed)
  expect(thief.text).not.toContain('"sid"')
  expect(raw.isClosed).toBe(false)
  thief.socket.destroy()
  raw.socket.destroy()
  await stillTalk(friends)
})

test('A20: paths lead nowhere but to the files of the page', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lanyard-hostile-'))
  await writeFile(join(dir, 'index.html'), 'page')
  const { hub } = await scene({ pageDir: dir })
  for (const path of [
    '/../../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e%5c',
    '/%00',
    '//',
    '//etc/passwd',
    '/..\\..\\x',
    `/${'x'.repeat(10_000)}`,
    '/__proto__',
    '/index.html/..',
  ])
    // prettier-ignore
    expect([path, (await ask(hub.port, { path })).status]).toEqual([path, 404])
  expect((await ask(hub.port, { path: '/' })).body.toString()).toBe('page')
  await rm(dir, { recursive: true })
})

test('A21: other protocols are closed quickly, and do not fill the log', async () => {
  const { hub, log } = await openScene()
  const TLS = Buffer.from('16030100c8010000c40303', 'hex')
  const SMB = Buffer.from('00000054ff534d4272000000001801c8', 'hex')
  for (const bytes of [TLS, SMB, Buffer.from([0, 255, 254, 1, 2, 3]), 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']) {
    const raw = new Raw(hub.port)
    raw.write(bytes)
    await raw.closed()
  }
  expect(log).toEqual([])
})

test('A22: peers from afar are refused at accept', async () => {
  // No packet of such an address reaches loopback, so this is the rule by itself; tests/network asks a running app.
  const isNear = (address: string): boolean => isNeighbour(address, () => [])
  expect(['8.8.8.8', '2001:db8::1', '100.64.1.1', '172.32.0.1'].filter(isNear)).toEqual([])
  expect(isNeighbour('100.64.1.1', () => ['100.64.0.0/10'])).toBe(true)
})

test('A23: addresses that headers claim are ignored', async () => {
  const { hub, log } = await scene()
  const claims = { 'X-Forwarded-For': '10.9.9.9', Forwarded: 'for=10.9.9.9;host=127.0.0.1', 'X-Real-IP': '10.9.9.9' }
  const forwarded = { ...claims, Host: 'evil.example', 'X-Forwarded-Host': `127.0.0.1:${hub.port}` }
  expect(await answers(hub.port, forwarded)).toEqual([421, 421, 421, 421, 421])
  const raw = new Raw(hub.port)
  raw.write(upgradeHead(hub.port, undefined, 'X-Forwarded-For: 10.9.9.9\r\n'))
  await raw.hears('"sid"')
  raw.write(frame('40'))
  await raw.hears('Welcome')
  raw.write(frame('42["register",{"uid":"u","type":1}]'))
  await eventually('the refusal', () => log.length > 0)
  expect(log.join()).not.toContain('10.9.9.9')
  expect(log.join()).toContain('127.0.0.1')
  raw.socket.destroy()
})

test('A24: a port that is taken: the next one, and it says which', async () => {
  const first = await openScene()
  const second = await openScene({ port: first.hub.port })
  expect(second.hub.port).toBeGreaterThan(first.hub.port)
  expect(await knock(second.hub.port, { Host: `127.0.0.1:${second.hub.port}` })).toBe(101)
  expect(await knock(second.hub.port, { Host: `127.0.0.1:${first.hub.port}` })).toBe(421)
})

test('A25: compression is not negotiated', async () => {
  const { hub } = await openScene()
  const raw = new Raw(hub.port)
  raw.write(upgradeHead(hub.port, undefined, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'))
  await raw.hears('"sid"')
  expect(raw.text).not.toMatch(/sec-websocket-extensions/i)
  raw.socket.destroy()
})

test('A26: no page may put ours into a frame', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'lanyard-hostile-'))
  await writeFile(join(dir, 'index.html'), 'page')
  const { hub } = await openScene({ pageDir: dir })
  for (const path of ['/', '/nowhere']) {
    const { headers } = await ask(hub.port, { path })
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers['x-frame-options']).toBe('DENY')
  }
  await rm(dir, { recursive: true })
})
