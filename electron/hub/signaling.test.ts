import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually, GENERATIONS, WAYS, type Client, type ClientOptions } from '#hub/testing/client.ts'
import { OWN_ADDRESS, setStage, type Stage } from '#hub/testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage({ open: true })
})
afterEach(() => stage.clear())

interface Pair {
  web: Client
  app: Client
}

/** Two clients at the two ends of a link; the app has been told to begin. */
async function pair(uid: unknown = 'u', web: ClientOptions = {}, app: ClientOptions = {}): Promise<Pair> {
  const ends = { web: await stage.join(web), app: await stage.join(app) }
  ends.web.send('register', { uid, type: 0 })
  await ends.web.settle()
  ends.app.send('register', { uid, type: 1 })
  await ends.app.next('syncfrom')
  return ends
}

/** What the client hears because of something that `by` did before. */
async function hears(client: Client, by: Client): Promise<[string, unknown][]> {
  await by.settle()
  await client.settle()
  return client.news().map(({ event, payload }) => [event, payload])
}

const mixes = GENERATIONS.flatMap((web) => GENERATIONS.map((app) => ({ web, app })))
const roads = mixes.flatMap((mix) => WAYS.map((way) => ({ ...mix, way })))

describe.each(roads)('web $web, app $app, by $way', ({ web: webGeneration, app: appGeneration, way }) => {
  const ends = () => pair('u', { generation: webGeneration, way }, { generation: appGeneration, way })

  test('all events of the base pass, in order, and untouched', async () => {
    const { web, app } = await ends()
    app.send('syncto', [{ id: 1, title: 'a' }, null, 'text', { deep: [[]] }])
    app.send('message', { type: 'offer', sdp: 'v=0\r\n', more: true })
    app.send('message', { type: 'candidate', label: 0, id: '0', candidate: 'candidate:1 1 udp 1 10.0.0.2 9 typ host' })
    app.send('message', 'bye')
    app.send('transfile', { size: 5, name: 'a.txt' })
    app.send('exception', 'oh')
    expect(await hears(web, app)).toEqual([
      ['syncto', [{ id: 1, title: 'a' }, null, 'text', { deep: [[]] }]],
      ['message', { type: 'offer', sdp: 'v=0\r\n', more: true }],
      ['message', { type: 'candidate', label: 0, id: '0', candidate: 'candidate:1 1 udp 1 10.0.0.2 9 typ host' }],
      ['message', 'bye'],
      ['transfile', { size: 5, name: 'a.txt' }],
      ['exception', 'oh'],
    ])
    web.send('message', { type: 'answer', sdp: 'v=0' })
    web.send('export', ['1', 2])
    web.send('export', [])
    web.send('ctrlSendSpeed', 5)
    expect(await hears(app, web)).toEqual([
      ['message', { type: 'answer', sdp: 'v=0' }],
      ['export', ['1', 2]],
      ['export', []],
      ['ctrlSendSpeed', 5],
    ])
  })

  test('byebye once, to the one left, and the records go', async () => {
    const { web, app } = await ends()
    expect(stage.hub.links()).toBe(1)
    app.close()
    await web.next('byebye')
    await web.settle()
    expect(web.news()).toEqual([])
    expect(stage.hub.links()).toBe(1)
    web.close()
    await eventually('no record', () => stage.hub.links() === 0)
  })

  test('the newest registration of a role wins', async () => {
    const { web, app } = await ends()
    const again = await stage.join({ generation: appGeneration, way })
    again.send('register', { uid: 'u', type: 1 })
    await again.next('syncfrom')
    await app.disconnected()
    again.send('message', 'from the new one')
    expect(await hears(web, again)).toEqual([['message', 'from the new one']])
    web.send('message', 'to the new one')
    expect(await again.next('message')).toBe('to the new one')
  })

  test('binary payloads pass', async () => {
    const { web, app } = await ends()
    app.send('message', { bytes: Buffer.from([1, 2, 255]) })
    const got = (await web.next('message')) as { bytes: Uint8Array }
    expect([...new Uint8Array(got.bytes)]).toEqual([1, 2, 255])
  })
})

describe('welcome and addresses', () => {
  test.each(GENERATIONS)('a %s client hears its own id once', async (generation) => {
    const client = stage.attempt({ generation })
    const welcome = await client.next('welcome')
    expect(welcome).toEqual({ message: 'Welcome!', id: client.id })
    await client.settle()
    expect(client.news()).toEqual([])
  })

  test('ipaddr is answered before and after register, to the asker only', async () => {
    const { web, app } = await pair()
    const outsider = await stage.join()
    for (const client of [web, app, outsider]) {
      client.send('ipaddr')
      expect(await client.next('ipaddr')).toBe(OWN_ADDRESS)
    }
    expect([await hears(web, app), await hears(app, web)]).toEqual([[], []])
  })

  test('a polling client does upgrade', async () => {
    for (const generation of GENERATIONS) {
      const client = await stage.join({ generation, way: 'upgrade' })
      await eventually('websocket', () => client.transport === 'websocket')
      await client.settle()
    }
  })
})

describe('registration', () => {
  test('syncfrom goes to the app whichever comes last, and to nobody else', async () => {
    const [web, app] = [await stage.join(), await stage.join()]
    app.send('register', { uid: 'u', type: 1 })
    await app.settle()
    expect(app.news()).toEqual([])
    web.send('register', { uid: 'u', type: 0 })
    expect(await hears(web, web)).toEqual([])
    expect(await hears(app, app)).toEqual([['syncfrom', undefined]])
  })

  test('the same registration again says syncfrom again and disturbs nobody', async () => {
    const { web, app } = await pair()
    for (const [client, type] of [
      [web, 0],
      [app, 1],
    ] as const) {
      client.send('register', { uid: 'u', type })
      expect(await hears(app, client)).toEqual([['syncfrom', undefined]])
      expect(await hears(web, client)).toEqual([])
    }
    expect(stage.hub.links()).toBe(1)
  })

  test('another uid leaves the first, whose peer gets byebye', async () => {
    const { web, app } = await pair()
    app.send('register', { uid: 'other', type: 1 })
    await web.next('byebye')
    expect(stage.hub.links()).toBe(2)
    app.send('message', 'lost')
    expect(await hears(web, app)).toEqual([])
  })

  test('a client may change its role, and is never its own peer', async () => {
    const client = await stage.join()
    client.send('register', { uid: 'u', type: 0 })
    client.send('register', { uid: 'u', type: 1 })
    client.send('message', 'echo?')
    await client.settle()
    expect(client.news()).toEqual([])
    expect(stage.hub.links()).toBe(1)
  })

  test("taking the peer's role replaces the peer, without byebye", async () => {
    const { web, app } = await pair()
    web.send('register', { uid: 'u', type: 1 })
    await app.disconnected()
    expect(app.news()).toEqual([])
    await web.settle()
    expect(web.news()).toEqual([])
    expect(stage.hub.links()).toBe(1)
  })

  test("roles may be texts, and a uid may be a number: it is the number's text", async () => {
    const [web, app] = [await stage.join(), await stage.join()]
    web.send('register', { uid: 7, type: '0' })
    await web.settle()
    app.send('register', { uid: '7', type: '1' })
    await app.next('syncfrom')
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', ' ', '😀', '../../x', 'a\u0000b'])(
    'uid %j is a text like any other',
    async (uid) => {
      const { web, app } = await pair(uid)
      app.send('message', 'hi')
      expect(await web.next('message')).toBe('hi')
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    },
  )

  test('nonsense changes nothing, and the same client can do it right afterwards', async () => {
    const client = await stage.join()
    const nonsense: unknown[] = [
      undefined, null, 0, 'u', [], {}, { uid: 'u' }, { type: 1 }, { uid: 'u', type: 2 }, { uid: 'u', type: -1 },
      { uid: 'u', type: true }, { uid: 'u', type: null }, { uid: '', type: 1 }, { uid: 'x'.repeat(257), type: 1 },
      { uid: 'x'.repeat(65_536), type: 1 }, { uid: null, type: 1 }, { uid: NaN, type: 1 }, { uid: {}, type: 1 },
      { uid: ['u'], type: 1 }, { uid: { toString: 'x' }, type: 1 }, { uid: Buffer.from('u'), type: 1 },
      { uid: 'u', type: [1] }, JSON.parse('{"__proto__":{"uid":"u","type":1,"polluted":true}}'), [{ uid: 'u', type: 1 }],
    ] // prettier-ignore
    for (const payload of nonsense) client.send('register', payload)
    client.send('register')
    await client.settle()
    expect(stage.hub.links()).toBe(0)
    expect(client.news()).toEqual([])
    client.send('register', { uid: 'u', type: 1 })
    await client.settle()
    expect(stage.hub.links()).toBe(1)
  })

  test('nonsense from a registered client leaves its place alone', async () => {
    const { web, app } = await pair()
    app.send('register', { uid: 'u', type: 9 })
    app.send('message', 'still here')
    expect(await hears(web, app)).toEqual([['message', 'still here']])
  })
})

describe('replacement', () => {
  test('the peer hears no byebye, and a late disconnect clears nothing', async () => {
    const { web, app } = await pair()
    const again = await stage.join()
    again.send('register', { uid: 'u', type: 1 })
    await app.disconnected()
    app.close()
    expect(await hears(web, again)).toEqual([])
    again.send('message', 'mine')
    expect(await web.next('message')).toBe('mine')
    expect(stage.hub.links()).toBe(1)
  })

  test('the replaced client does not come back by itself, in either generation', async () => {
    for (const generation of GENERATIONS) {
      const app = await stage.join({ generation, reconnection: true, way: 'upgrade' })
      app.send('register', { uid: generation, type: 1 })
      await app.settle()
      const again = await stage.join()
      again.send('register', { uid: generation, type: 1 })
      await app.disconnected()
      await again.settle()
      // These clients come back after 50 ms at most.
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(app.life).toEqual(['connect', 'disconnect'])
      expect(again.connected).toBe(true)
    }
  })

  test('what a replaced client still sends is not heard', async () => {
    const { web, app } = await pair()
    const again = await stage.join()
    again.send('register', { uid: 'u', type: 1 })
    for (let i = 0; i < 20; i++) app.send('message', i)
    await again.next('syncfrom')
    await app.disconnected()
    app.send('message', 'late')
    again.send('message', 'end')
    const heard = await hears(web, again)
    expect(heard.at(-1)).toEqual(['message', 'end'])
    expect(heard.map(([, payload]) => payload)).not.toContain('late')
  })

  test('many in a row: the last one stands', async () => {
    const web = await stage.join()
    web.send('register', { uid: 'u', type: 0 })
    await web.settle()
    const apps: Client[] = []
    for (let i = 0; i < 10; i++) {
      const app = await stage.join()
      app.send('register', { uid: 'u', type: 1 })
      await app.next('syncfrom')
      apps.push(app)
    }
    for (const app of apps.slice(0, -1)) await app.disconnected()
    expect(await hears(web, web)).toEqual([])
    apps.at(-1)?.close()
    await web.next('byebye')
    await web.settle()
    expect(web.news()).toEqual([])
  })
})

describe('who is heard', () => {
  const EVENTS = [
    'syncto',
    'message',
    'export',
    'transfile',
    'ctrlSendSpeed',
    'exception',
    'byebye',
    'syncfrom',
    'joined',
    'ended',
  ]

  test('nobody without a place', async () => {
    const { web, app } = await pair()
    const outsider = await stage.join()
    for (const event of EVENTS) outsider.send(event, 1)
    expect([await hears(web, outsider), await hears(app, outsider), await hears(outsider, outsider)]).toEqual([
      [],
      [],
      [],
    ])
  })

  test('absent peers: nothing is kept, nothing comes back, nothing throws', async () => {
    const app = await stage.join()
    app.send('register', { uid: 'u', type: 1 })
    app.send('message', 'into the void')
    app.send('ctrlSendSpeed', 1)
    app.send('transfile', { size: 1, name: 'x' })
    await app.settle()
    expect(app.news()).toEqual([])
    const web = await stage.join()
    web.send('register', { uid: 'u', type: 0 })
    await app.next('syncfrom')
    expect(await hears(web, app)).toEqual([])
  })

  test('syncto is the app’s alone; clients cannot speak as the hub', async () => {
    const { web, app } = await pair()
    web.send('syncto', [1])
    for (const event of ['byebye', 'syncfrom', 'joined', 'ended', 'welcome']) web.send(event, 1)
    expect(await hears(app, web)).toEqual([])
  })

  test('two pairs at once do not meet', async () => {
    const [one, two] = [await pair('one'), await pair('two')]
    one.app.send('message', 1)
    two.app.send('message', 2)
    expect(await hears(one.web, one.app)).toEqual([['message', 1]])
    expect(await hears(two.web, two.app)).toEqual([['message', 2]])
    one.app.close()
    await one.web.next('byebye')
    expect(await hears(two.web, one.web)).toEqual([])
    expect(stage.hub.links()).toBe(2)
  })
})

describe('payloads', () => {
  test('transfile is rebuilt of its two fields', async () => {
    const { web, app } = await pair()
    app.send('transfile', { size: 0, name: '报告 (1).pdf', path: '/etc', extra: 1 })
    expect(await web.next('transfile')).toEqual({ size: 0, name: '报告 (1).pdf' })
  })

  test.each([
    ['transfile', [null, 1, 'x', [], {}, { size: -1, name: 'x' }, { size: 1.5, name: 'x' }, { size: '1', name: 'x' }, { size: 1 }, { size: 2 ** 53, name: 'x' }, { size: 1, name: 'x'.repeat(5000) }, { size: 1, name: 1 }]],
    ['ctrlSendSpeed', [null, '1', -1, [], {}, [1]]],
    ['exception', [null, 1, {}, [], 'x'.repeat(5000)]],
  ])('a malformed %s is dropped', async (event, payloads) => {
    const { web, app } = await pair()
    for (const payload of payloads) app.send(event, payload)
    app.send(event)
    app.send('message', 'end')
    expect(await hears(web, app)).toEqual([['message', 'end']])
    expect(stage.log.length).toBeLessThanOrEqual(1)
  }) // prettier-ignore

  test.each(GENERATIONS)('a %s client’s acknowledgement is no payload', async (generation) => {
    const { web, app } = await pair('u', {}, { generation })
    const ack = (): void => {
      throw new Error('nobody answers')
    }
    app.send('message', 'x', ack)
    app.send('export', ack)
    expect(await hears(web, app)).toEqual([
      ['message', 'x'],
      ['export', undefined],
    ])
  })

  test('hostile JSON passes as it is and reaches nothing', async () => {
    const { web, app } = await pair()
    const hostile = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}'
    app.send('message', JSON.parse(hostile))
    expect(JSON.stringify(await web.next('message'))).toBe(hostile)
    app.send(
      'message',
      JSON.parse(`{"type":"candidate","label":0,"id":"0","candidate":"c","__proto__":{"polluted":true}}`),
    )
    await web.next('message')
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  test.each([1000, 1_000_000])('JSON nested %i deep ends nobody but its sender', async (depth) => {
    const { app } = await pair()
    const other = await pair('other')
    app.raw(`2["message",${'['.repeat(depth)}${']'.repeat(depth)}]`)
    app.raw(`2["register",${'['.repeat(depth)}${']'.repeat(depth)}]`)
    await app.settle()
    other.app.send('message', 'alive')
    expect(await other.web.next('message')).toBe('alive')
  })

  test('unknown events are ignored', async () => {
    const { web, app } = await pair()
    for (const event of ['__proto__', 'constructor', 'toString', 'x', '', 7]) app.raw(`2${JSON.stringify([event, 1])}`)
    app.send('message', 'end')
    expect(await hears(web, app)).toEqual([['message', 'end']])
  })

  test.each([
    '2["disconnect",1]',
    '2["error",1]',
    '2["newListener",1]',
    '2[{"a":1}]',
    '2[]',
    '2',
    '9',
    '51-["message"]',
    '2["message"',
    '',
  ])('packet %j hurts its sender at most', async (packet) => {
    const [{ app }, other] = [await pair(), await pair('other')]
    app.raw(packet)
    other.app.send('message', 'alive')
    expect(await other.web.next('message')).toBe('alive')
  })

  test('a list of some megabytes passes; beyond the limit only its sender is ended', async () => {
    const { web, app } = await pair()
    const list = Array.from({ length: 30_000 }, (_, id) => ({ id, title: 'x'.repeat(100) }))
    app.send('syncto', list)
    expect(((await web.next('syncto')) as unknown[]).length).toBe(30_000)
    app.send('syncto', 'x'.repeat(9 * 1024 * 1024))
    await app.disconnected()
    await web.next('byebye')
  })
})

describe('ctrlSendSpeed', () => {
  test.each(mixes)(
    'the last always comes, between $web and $app',
    async ({ web: webGeneration, app: appGeneration }) => {
      const { web, app } = await pair('u', { generation: webGeneration }, { generation: appGeneration })
      for (let bytes = 1; bytes <= 5000; bytes++) web.send('ctrlSendSpeed', bytes)
      const heard = (await hears(app, web)).map(([, bytes]) => bytes as number)
      await eventually('the last number', () => {
        heard.push(...app.news().map(({ payload }) => payload as number))
        return heard.at(-1) === 5000
      })
      expect(heard).toEqual([...new Set(heard)].sort((a, b) => a - b))
    },
  )

  test('it keeps its place among other events', async () => {
    const { web, app } = await pair()
    // All at once: 200 messages that count, half of what may come so.
    for (let round = 0; round < 100; round++) {
      web.send('ctrlSendSpeed', round)
      web.send('message', round)
      web.send('ctrlSendSpeed', round + 0.5)
      web.send('export', [round])
    }
    const heard = await hears(app, web)
    expect(heard).toEqual(
      Array.from({ length: 100 }, (_, round) => [
        ['ctrlSendSpeed', round],
        ['message', round],
        ['ctrlSendSpeed', round + 0.5],
        ['export', [round]],
      ]).flat(),
    )
  })

  test('the last comes before byebye, and a later peer gets no old one', async () => {
    const { web, app } = await pair()
    web.send('ctrlSendSpeed', 1)
    web.close()
    await app.next('byebye')
    const again = await stage.join()
    again.send('register', { uid: 'u', type: 0 })
    expect(await hears(app, again)).toEqual([['syncfrom', undefined]])
  })
})
