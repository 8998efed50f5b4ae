import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { Client, type Generation } from '#hub/testing/client.ts'
import { must, type Check } from './checks.ts'

/** The hub under test, which serves any uid to anybody in either role (`npm run hub -- --open`), and the clients of the checks. */
export class HubStage {
  readonly url: string
  readonly #clients: Client[] = []

  constructor(url: string) {
    this.url = url
  }

  async join(generation: Generation = 'old'): Promise<Client> {
    const client = new Client(this.url, { generation })
    this.#clients.push(client)
    await client.next('welcome')
    return client
  }

  /** A web and an app under a fresh uid, both registered; their news are read. */
  async pair(generation: Generation = 'old') {
    const uid = randomBytes(8).toString('hex')
    const [web, app] = [await this.join(generation), await this.join(generation)]
    web.send('register', { uid, type: 0 })
    await web.settle()
    app.send('register', { uid, type: 1 })
    await app.next('syncfrom')
    await web.settle()
    for (const one of [web, app]) one.news()
    return { uid, web, app }
  }

  close(): void {
    for (const client of this.#clients) client.close()
  }
}

/** Sends `payload` and checks what the peer hears of it; undefined = nothing. */
async function passes(from: Client, to: Client, event: string, payload: unknown, expected: unknown): Promise<void> {
  from.send(event, payload)
  await from.settle()
  await to.settle()
  const heard = to.news().filter((one) => one.event === event)
  const shown = JSON.stringify(payload)
  if (expected === undefined) must(heard.length === 0, `${event} ${shown} is passed on`)
  else must(isDeepStrictEqual(heard.at(-1)?.payload, expected), `${event} ${shown} arrives as ${JSON.stringify(heard)}`)
}

const eachGeneration = async (run: (generation: Generation) => Promise<void>): Promise<void> => {
  for (const generation of ['old', 'new'] as const) await run(generation)
}

/** Section 3.1: the eleven events, by clients of 2018 and of today. */
export const HUB_CHECKS: readonly Check<HubStage>[] = [
  {
    name: 'welcome',
    section: '3.1',
    about: 'says `welcome` once, with the id of the socket',
    run: (stage) =>
      eachGeneration(async (generation) => {
        const client = new Client(stage.url, { generation })
        try {
          const { message, id } = (await client.next('welcome')) as { message?: unknown; id?: unknown }
          must(message === 'Welcome!' && id === client.id, '`welcome` is not {message: "Welcome!", id}')
          await client.settle()
          must(!client.news().some(({ event }) => event === 'welcome'), '`welcome` comes twice')
        } finally {
          client.close()
        }
      }),
  },
  {
    name: 'syncfrom',
    section: '3.1',
    about: 'says `syncfrom` to the app whenever a registration leaves both places held, and to nobody else',
    run: (stage) =>
      eachGeneration(async (generation) => {
        const { uid, web, app } = await stage.pair(generation)
        web.send('register', { uid, type: 0 })
        await app.next('syncfrom')
        app.send('register', { uid, type: 1 })
        await app.next('syncfrom')
        await web.settle()
        must(!web.news().some(({ event }) => event === 'syncfrom'), 'the web hears `syncfrom`')
      }),
  },
  {
    name: 'syncto',
    section: '3.1',
    about: 'passes `syncto` from the app to the web, and not back',
    run: async (stage) => {
      const { web, app } = await stage.pair()
      await passes(app, web, 'syncto', [{ id: 1, title: '一' }], [{ id: 1, title: '一' }])
      await passes(web, app, 'syncto', [], undefined)
    },
  },
  {
    name: 'message',
    section: '3.1',
    about: 'passes `message` on as it is, both ways and between generations',
    run: async (stage) => {
      const { web, app } = await stage.pair()
      const offer = { type: 'offer', sdp: 'v=0\r\n', own: { field: [1] } }
      await passes(app, web, 'message', offer, offer)
      await passes(web, app, 'message', { type: 'answer', sdp: 'v=0\r\n' }, { type: 'answer', sdp: 'v=0\r\n' })
      const candidate = {
        type: 'candidate',
        label: 0,
        id: '0',
        candidate: 'candidate:1 1 udp 1 192.168.1.2 5000 typ host',
      }
      await passes(app, web, 'message', candidate, candidate)
      await passes(web, app, 'message', 'bye', 'bye')
    },
  },
  {
    name: 'export',
    section: '3.1',
    about: 'passes `export` on, both ways',
    run: async (stage) => {
      const { web, app } = await stage.pair()
      await passes(web, app, 'export', ['a', 'b'], ['a', 'b'])
      await passes(app, web, 'export', [], [])
    },
  },
  {
    name: 'transfile',
    section: '3.1',
    about: 'passes size and name of `transfile` on and nothing else, and drops what is neither',
    run: async (stage) => {
      const { web, app } = await stage.pair()
      await passes(app, web, 'transfile', { size: 5, name: 'a.txt', path: '/etc' }, { size: 5, name: 'a.txt' })
      for (const wrong of [{ size: -1, name: 'a' }, { size: 1.5, name: 'a' }, { size: 5 }, null, 'a'])
        await passes(app, web, 'transfile', wrong, undefined)
    },
  },
  {
    name: 'ctrlSendSpeed',
    section: '3.1',
    about: 'passes the newest `ctrlSendSpeed` on, and drops what is no number',
    run: async (stage) => {
      const { web, app } = await stage.pair()
      for (let bytes = 0; bytes < 500; bytes++) web.send('ctrlSendSpeed', bytes)
      for (let newest: unknown = null; newest !== 499;) newest = await app.next('ctrlSendSpeed')
      await passes(web, app, 'ctrlSendSpeed', 'many', undefined)
    },
  },
  {
    name: 'exception',
    section: '3.1',
    about: 'passes a text of at most 4096 characters on as `exception`',
    run: async (stage) => {
      const { web, app } = await stage.pair()
      await passes(app, web, 'exception', 'the disk is full', 'the disk is full')
      await passes(app, web, 'exception', 'x'.repeat(4097), undefined)
      await passes(app, web, 'exception', { text: 'x' }, undefined)
    },
  },
  {
    name: 'ipaddr',
    section: '3.1',
    about: 'answers `ipaddr` by one text for each IPv4 address, before `register` too',
    run: async (stage) => {
      const client = await stage.join()
      client.send('ipaddr')
      const address = await client.next('ipaddr')
      must(typeof address === 'string' && /^\d+(\.\d+){3}$/.test(address), `\`ipaddr\` is ${JSON.stringify(address)}`)
    },
  },
  {
    name: 'byebye',
    section: '3.1',
    about: 'says `byebye` once to the one that is left',
    run: (stage) =>
      eachGeneration(async (generation) => {
        const { web, app } = await stage.pair(generation)
        app.close()
        await web.next('byebye')
        await web.settle()
        must(!web.news().some(({ event }) => event === 'byebye'), '`byebye` comes twice')
      }),
  },
  {
    name: 'register',
    section: '3.1',
    about: 'hears nobody before `register`, and takes hostile uids for what they are: texts',
    run: async (stage) => {
      const { uid, web } = await stage.pair()
      const stranger = await stage.join()
      await passes(stranger, web, 'message', { type: 'offer', sdp: uid }, undefined)
      for (const name of ['__proto__', 'constructor', 'toString']) {
        const [one, other] = [await stage.join(), await stage.join()]
        one.send('register', { uid: name, type: 0 })
        await one.settle()
        other.send('register', { uid: name, type: '1' })
        await other.next('syncfrom')
      }
    },
  },
  {
    name: 'newest-wins',
    section: '3.1',
    about: 'gives a place to the newest of its role, ends the one before, and tells the peer nothing',
    run: async (stage) => {
      const { uid, web, app } = await stage.pair()
      const newer = await stage.join()
      newer.send('register', { uid, type: 1 })
      await newer.next('syncfrom')
      await app.disconnected()
      await web.settle()
      must(!web.news().some(({ event }) => event === 'byebye'), 'the web hears `byebye`')
      await passes(web, newer, 'message', 'bye', 'bye')
    },
  },
  {
    name: 'order',
    section: '3.1',
    about: "keeps the order of a sender's events, whatever they are",
    run: async (stage) => {
      const { web, app } = await stage.pair()
      const sent = ['message', 'export', 'exception', 'message', 'transfile', 'syncto', 'message']
      const payloads: Record<string, unknown> = { transfile: { size: 1, name: 'a' }, exception: 'x', message: 'bye' }
      for (const event of sent) app.send(event, payloads[event] ?? [])
      await app.settle()
      await web.settle()
      const heard = web.news().flatMap(({ event }) => (event === 'ipaddr' ? [] : event))
      must(isDeepStrictEqual(heard, sent), `it arrives as ${heard.join(', ')}`)
    },
  },
]
