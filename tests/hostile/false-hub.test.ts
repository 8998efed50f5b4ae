import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bounded } from '#hub/testing/client.ts'
import { toBase64Url } from '#protocol/base64url.ts'
import type { Reason } from '#protocol/errors.ts'
import { linkSecret } from '#peer/signaling.ts'
import { Signaling } from '#peer/signaling.ts'
import { asPage } from '#hub/testing/page-globals.ts'
import { sceneWithLinks } from './support/prover.ts'
import { endScenes } from './support/scene.ts'

asPage()
endScenes()

// What announces itself by mDNS with our name may be anybody: a peer goes by the hub's proof alone.
const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

type Refused = Reason | `${Reason}, proved`

interface Prove {
  readonly mac: string
}
/** What the false hub says to `register` and to `prove`. */
interface Lies {
  readonly register: unknown
  readonly prove: (said: Prove) => unknown
}

async function falseHub({ register, prove }: Lies): Promise<string> {
  const server = createServer()
  const io = new Server(server)
  io.on('connection', (socket) => {
    const lie = (): void => {
      socket.emit('joined', { v: 2, name: 'Your computer', kind: 'desktop' })
      socket.emit('message', 'bye')
      socket.emit('message', { type: 'refusal', code: 'revoked' })
      socket.emit('byebye', {})
      socket.emit('syncfrom')
    }
    socket.emit('welcome', { message: 'Welcome!', id: socket.id })
    socket.on('register', (_: unknown, answer: (reply: unknown) => void) => {
      lie()
      answer(register)
      lie()
    })
    socket.on('prove', (said: Prove, answer: (reply: unknown) => void) => {
      lie()
      answer(prove(said))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endings.push(() => io.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What a phone has heard of a hub before it was let in, or refused. */
const heard: string[] = []
beforeEach(() => {
  heard.length = 0
})

/** The phone page's own signaling meets it; resolves with `registered`, or with why not, and whether that is proved. */
function meet(url: string, uid: string, key: Uint8Array): Promise<'registered' | Refused> {
  return bounded('an outcome', (resolve) => {
    const hears = (what: string) => (): void => {
      heard.push(what)
    }
    const events = {
      onJoined: hears('joined'),
      onLeft: hears('left'),
      onMessage: hears('message'),
      onOther: (event: string): void => {
        if (event !== 'welcome') heard.push(event)
      },
      onOffline: hears('offline'),
    }
    const secret = () => linkSecret(key)
    const options = { url, uid, role: 1, name: 'P', kind: 'page', secret } as const
    const onRegistered = (): void => {
      resolve('registered')
    }
    const onRefused = (code: Reason, isProved: boolean): void => {
      resolve(isProved ? `${code}, proved` : code)
    }
    const signaling = new Signaling(options, { ...events, onRegistered, onRefused })
    endings.push(() => {
      signaling.close()
    })
  })
}

const random = (): string => toBase64Url(randomBytes(32))

test('B44: the computer’s own hub proves the key, and the phone goes on', async () => {
  const { stage, links } = await sceneWithLinks()
  const { uid, key } = links.current
  expect(await meet(stage.hub.loopbackUrl, uid, key)).toBe('registered')
})

test.each<[string, Lies]>([
  ['makes up a proof', { register: { ok: true, v: 2, challenge: random() }, prove: () => ({ ok: true, mac: random() }) }],
  ['sends the phone’s own proof back', { register: { ok: true, v: 2, challenge: random() }, prove: ({ mac }) => ({ ok: true, mac }) }],
  ['asks for no proof', { register: { ok: true, v: 2 }, prove: () => ({ ok: true, mac: random() }) }],
])('B44: another computer that answers at our name and %s is refused', async (_, lies) => {
  expect(await meet(await falseHub(lies), 'AAECAwQFBgcICQoLDA0ODw', randomBytes(32))).toBe('tampered')
  expect(heard).toEqual([])
}) // prettier-ignore

test.each(['unknown-link', 'revoked', 'replaced'] as const)('what another computer says at once, such as %s, is not proved', async (code) => {
  const url = await falseHub({ register: { ok: false, code }, prove: () => null })
  expect(await meet(url, 'AAECAwQFBgcICQoLDA0ODw', randomBytes(32))).toBe(code)
  const late = await falseHub({ register: { ok: true, v: 2, challenge: random() }, prove: () => ({ ok: false, code }) })
  expect(await meet(late, 'AAECAwQFBgcICQoLDA0ODw', randomBytes(32))).toBe(code)
  expect(heard).toEqual([])
}) // prettier-ignore
