import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkRequest, type RequestRules, type RequestHead } from './http-server.ts'
import { ask, knock, POLLING_PATH, talk, WEBSOCKET_PATH } from '#hub/testing/http.ts'
import { GENERATIONS, WAYS } from '#hub/testing/client.ts'
import { OWN_ADDRESS, setStage, WINDOW_ORIGIN, WINDOW_TOKEN, type Stage } from '#hub/testing/stage.ts'

const RULES: RequestRules = {
  port: 3186,
  ownAddresses: () => ['192.168.1.20', '10.0.0.2', 'fd00::7'],
  localName: 'lanyard-9f86d081.local',
  pageOrigins: new Set(['http://192.168.1.7:3186']),
  allowOrigins: new Set(['http://localhost:8080', 'file://']),
  windowOrigin: WINDOW_ORIGIN,
}
const NOTHING = { site: undefined, mode: undefined, dest: undefined }
const HOST = '192.168.1.20:3186'
const status = (knock: Partial<RequestHead>, rules: Partial<RequestRules> = {}): number => {
  const whole = {
    hosts: [HOST],
    origin: undefined,
    remote: '192.168.1.30',
    url: WEBSOCKET_PATH,
    fetch: NOTHING,
    ...knock,
  }
  const verdict = checkRequest(whole, { ...RULES, ...rules })
  return verdict.ok ? 200 : verdict.status
}

describe('Host', () => {
  test.each([HOST, '10.0.0.2:3186', '127.0.0.1:3186', 'localhost:3186', '[::1]:3186', '[fd00::7]:3186'])(
    '%s is ours',
    (host) => {
      expect(status({ hosts: [host] })).toBe(200)
    },
  )
  test.each([
    '', 'evil.example:3186', 'evil.example', '192.168.1.20', '192.168.1.20:80', '192.168.1.20:31860', '192.168.1.21:3186',
    '192.168.1.20.nip.io:3186', '192.168.1.20.:3186', 'localhost.:3186', '3232235796:3186', '0x7f.1:3186', '127.1:3186',
    '::1:3186', '[::]:3186', '[fd00::8]:3186', 'fd00::7:3186', '[fd00:0::7]:3186', '[FD00::7]:3186', '[fd00::7%25eth0]:3186', '[::ffff:192.168.1.20]:3186', 'a@192.168.1.20:3186', '192.168.1.20:3186@evil.example', ' 192.168.1.20:3186',
    '192.168.1.20:3186,evil.example', '0.0.0.0:3186',
  ])('%j is not', (host) => {
    expect(status({ hosts: [host] })).toBe(421)
  }) // prettier-ignore
  test('the name on the local network is ours for what speaks to the hub, and for no page', () => {
    const hosts = ['lanyard-9f86d081.local:3186']
    for (const url of [WEBSOCKET_PATH, POLLING_PATH, '/lane', `/d/${'a'.repeat(43)}`]) expect(status({ hosts, url })).toBe(200)
    for (const url of ['/', '/index.html', '/assets/x.js', '/again.js']) expect(status({ hosts, url })).toBe(421)
    for (const host of ['lanyard-9f86d081.local', 'lanyard-9f86d081.local:80', 'lanyard-9f86d082.local:3186', 'x.lanyard-9f86d081.local:3186'])
      expect(status({ hosts: [host], url: WEBSOCKET_PATH })).toBe(421)
    expect(status({ hosts }, { localName: null })).toBe(421)
  }) // prettier-ignore
  test('none or two are not', () => {
    expect([status({ hosts: [] }), status({ hosts: [HOST, HOST] })]).toEqual([421, 421])
  })
  test('on port 80 browsers leave the port away', () => {
    expect(status({ hosts: ['192.168.1.20'] }, { port: 80 })).toBe(200)
  })
  test('the addresses of now count', () => {
    expect(status({ hosts: [HOST] }, { ownAddresses: () => ['192.168.1.99'] })).toBe(421)
  })
})

describe('Origin', () => {
  test.each([undefined, `http://${HOST}`, 'http://localhost:8080', 'file://'])('%s may come in', (origin) => {
    expect(status({ origin })).toBe(200)
  })
  test('a page of this hub, loaded from an address that is gone, may speak to the hub, and read nothing else', () => {
    const origin = 'http://192.168.1.7:3186'
    expect([WEBSOCKET_PATH, '/lane'].map((url) => status({ origin, url }))).toEqual([200, 200])
    expect(['/', '/assets/x.js', `/d/${'a'.repeat(43)}`].map((url) => status({ origin, url }))).toEqual([403, 403, 403])
    expect(status({ origin: 'http://192.168.1.8:3186' })).toBe(403)
    expect(status({ origin }, { pageOrigins: new Set() })).toBe(403)
  })
  test.each([
    '', 'null', 'http://evil.example', `https://${HOST}`, 'http://192.168.1.20', 'http://127.0.0.1:3186', `http://${HOST}/`,
    `http://${HOST}, http://${HOST}`, 'http://localhost:8081', 'HTTP://LOCALHOST:8080', `http://${HOST}.evil.example`, '*',
  ])('%j may not', (origin) => {
    expect(status({ origin })).toBe(403)
  }) // prettier-ignore
  test('the window’s own only over loopback', () => {
    expect(status({ origin: WINDOW_ORIGIN })).toBe(403)
    expect(status({ origin: WINDOW_ORIGIN, remote: '127.0.0.1' })).toBe(200)
    expect(status({ origin: WINDOW_ORIGIN, remote: '127.0.0.1' }, { windowOrigin: null })).toBe(403)
  })
})

describe('who asks, as browsers tell it', () => {
  const NAVIGATE = { mode: 'navigate', dest: 'document' }
  const PATHS = [WEBSOCKET_PATH, POLLING_PATH, `${POLLING_PATH}&sid=x`, '/', '/assets/a.js', '/d/x', '/lane']
  test.each(['cross-site', 'same-site', 'anything', '', 'none, cross-site'])('%j gets nothing', (site) => {
    for (const url of PATHS)
      for (const asked of [{ mode: 'no-cors', dest: 'image' }, { mode: 'websocket', dest: 'websocket' }, { mode: undefined, dest: undefined }])
        expect([url, asked, status({ url, fetch: { site, ...asked } })]).toEqual([url, asked, 403])
  }) // prettier-ignore
  test('but a link to the page is followed from anywhere, and only to the page, and into no frame', () => {
    const cross = { site: 'cross-site', ...NAVIGATE }
    for (const url of ['/', '/?from=scanner']) expect(status({ url, fetch: cross })).toBe(200)
    expect(status({ url: '/', fetch: { ...cross, dest: undefined } })).toBe(200)
    for (const url of PATHS.filter((path) => path !== '/'))
      expect([url, status({ url, fetch: cross })]).toEqual([url, 403])
    for (const dest of ['iframe', 'frame', 'object', 'embed', 'image'])
      expect(status({ url: '/', fetch: { ...cross, dest } })).toBe(403)
  })
  test.each(['same-origin', 'none', undefined])('%s may come in', (site) => {
    for (const url of PATHS) expect(status({ url, fetch: { ...NOTHING, site } })).toBe(200)
  })
  test('a page that is let in by its origin is another site', () => {
    const fetch = { site: 'cross-site', mode: 'cors', dest: 'empty' }
    expect(status({ origin: 'http://localhost:8080', fetch })).toBe(200)
    expect(status({ origin: WINDOW_ORIGIN, remote: '127.0.0.1', fetch })).toBe(200)
    expect(status({ fetch })).toBe(403)
  })
})

test.each(['j=0', 'EIO=3&j=1', 'j', 'j=', '%6A=1', 'a=1&j=2'])('JSONP (?%s) has no place here', (query) => {
  expect(status({ url: `/socket.io/?transport=polling&${query}` })).toBe(400)
})

describe('a running hub', () => {
  let stage: Stage
  let host: string
  beforeEach(async () => {
    stage = await setStage({
      open: true,
      allowOrigins: ['http://localhost:8080'],
      windowOrigin: WINDOW_ORIGIN,
      windowToken: WINDOW_TOKEN,
    })
    host = `127.0.0.1:${stage.hub.port}`
  })
  afterEach(() => stage.clear())

  const get = (path: string, headers: Record<string, string> = {}) => ask(stage.hub.port, { path, headers })

  test('asks for every request and every upgrade', async () => {
    for (const path of ['/', POLLING_PATH, '/nowhere']) {
      expect((await get(path, { Host: 'evil.example' })).status).toBe(421)
      expect((await get(path, { Origin: 'http://evil.example' })).status).toBe(403)
      expect((await get(path, { Origin: 'null' })).status).toBe(403)
    }
    expect(await knock(stage.hub.port)).toBe(101)
    expect(await knock(stage.hub.port, { Host: `${OWN_ADDRESS}:${stage.hub.port}` })).toBe(101)
    expect(await knock(stage.hub.port, { Origin: `http://${host}` })).toBe(101)
    expect(await knock(stage.hub.port, { Host: 'evil.example' })).toBe(421)
    expect(await knock(stage.hub.port, { Origin: 'http://evil.example' })).toBe(403)
    expect(await knock(stage.hub.port, { Origin: 'null' })).toBe(403)
    expect(await knock(stage.hub.port, {}, '/elsewhere')).toBe(404)
  })

  test('asks again within a session, which Socket.IO itself would not', async () => {
    const opened = await get(POLLING_PATH)
    const { sid } = JSON.parse(opened.body.toString().slice(1)) as { sid: string }
    expect((await get(`${POLLING_PATH}&sid=${sid}`, { Origin: 'http://evil.example' })).status).toBe(403)
    expect(await knock(stage.hub.port, { Origin: 'http://evil.example' }, `${WEBSOCKET_PATH}&sid=${sid}`)).toBe(403)
  })

  test('closes after a refusal', async () => {
    const answer = await talk(stage.hub.port, 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\nGET / HTTP/1.1\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 421 /)
    expect(answer).toMatch(/connection: close/i)
  })

  test('sends no CORS headers, not even to our own pages', async () => {
    for (const headers of [{}, { Origin: `http://${host}` }]) {
      const { status, headers: got } = await get(POLLING_PATH, headers)
      expect(status).toBe(200)
      expect(Object.keys(got).filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(got['set-cookie']).toBeUndefined()
    }
  })

  test('lets an allowed page of a developer read what it asks', async () => {
    const Origin = 'http://localhost:8080'
    const answer = await get(POLLING_PATH, { Origin })
    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBe(Origin)
    expect(answer.headers['access-control-allow-credentials']).toBe('true')
    const preflight = await ask(stage.hub.port, { method: 'OPTIONS', path: POLLING_PATH, headers: { Origin } })
    expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([204, 'Content-Type'])
    const page = await get('/', { Origin })
    expect(page.headers['access-control-allow-origin']).toBeUndefined()
  })

  test.each(GENERATIONS.flatMap((generation) => WAYS.map((way) => ({ generation, way }))))(
    'a $generation client of an allowed page comes in by $way',
    async ({ generation, way }) => {
      await stage.join({ generation, way, headers: { Origin: 'http://localhost:8080' } })
      const other = stage.attempt({ generation, way, headers: { Origin: 'http://localhost:8081' } })
      await other.until(() => other.life.some((event) => event.includes('error')), 'an error')
      expect(other.news()).toEqual([])
    },
  )

  test.each([
    'GET / HTTP/1.0\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /socket.io/ HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: HOST\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`,
  ])('refuses %j and closes', async (bytes) => {
    const answer = await talk(stage.hub.port, bytes.replace('HOST', host))
    expect(answer === '' || /^HTTP\/1\.1 4\d\d /.test(answer)).toBe(true)
    await stage.join()
  })

  test('unknown sessions, transports and versions are refused', async () => {
    for (const path of [
      `${POLLING_PATH}&sid=nonsense`,
      `${POLLING_PATH}&sid=__proto__`,
      '/socket.io/?EIO=4&transport=carrier-pigeon',
      '/socket.io/?EIO=4&transport=__proto__',
      '/socket.io/',
      '/socket.io/socket.io.js',
    ])
      expect((await get(path)).status).toBe(400)
  })
})
