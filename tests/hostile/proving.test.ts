import { randomBytes } from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { LINK_LIFE_MS, PairingLinks } from '#core/devices/pairing-links.ts'
import { GENERATIONS } from '#hub/testing/client.ts'
import { parseFragment, parseLink, formatLink } from '#protocol/pairing.ts'
import { Prover, sceneWithLinks } from './support/prover.ts'
import { endScenes } from './support/scene.ts'

endScenes()
afterEach(() => {
  vi.useRealTimers()
})

const WRONG = { ok: false, code: 'unknown-link' }
const RIGHT = { ok: true, mac: expect.stringMatching(/^[\w-]{43}$/) as string }

test('B30: the uid of a paired device without its key gets nobody in, and the device goes on', async () => {
  const { stage, links } = await sceneWithLinks({ askLegacy: () => Promise.resolve(true) })
  const { id, uid, key } = links.current
  const window = await stage.window()
  await window.ask('register', { uid, type: 0, v: 2 })
  const real = await Prover.begin(stage, { uid, key })
  expect(await real.prove()).toEqual(RIGHT)
  links.use(id)
  await window.next('joined')

  const strangers: unknown[] = [
    await (await stage.join()).ask('register', { uid, type: 1, v: 2 }),
    await Prover.join(stage, { uid, key: randomBytes(32) }),
    await Prover.join(stage, { uid, key }),
    await Prover.join(stage, { uid, key: randomBytes(32), kid: links.of(uid)?.device?.current.kid ?? randomBytes(16) }),
  ]
  expect(strangers).toEqual([WRONG, WRONG, WRONG, WRONG])
  for (const generation of GENERATIONS) {
    const old = await stage.join({ generation })
    old.send('register', { uid, type: 1 })
    expect(await old.next('exception')).toBe('not-allowed')
  }
  real.client.send('message', 'mine')
  // Nothing came in between: nobody left, nobody joined, nobody was heard.
  await window.settle()
  expect(window.news()).toEqual([{ event: 'message', payload: 'mine' }])
  expect([real.client.connected, stage.hub.links()]).toEqual([true, 1])
})

test('B32: a registration that was listened to is worth nothing in another connection', async () => {
  const { stage, links } = await sceneWithLinks()
  const { uid, key } = links.current
  const heard = await Prover.begin(stage, { uid, key })
  const { client } = heard.proofs()
  expect(await heard.prove(client)).toEqual(RIGHT)
  // The same words, nonce included: the hub's own nonce and the connection's id are others.
  const again = await Prover.begin(stage, { uid, key, nonce: heard.nonce })
  expect(again.reply).not.toEqual(heard.reply)
  expect(await again.prove(client)).toEqual(WRONG)
  // Even with this hub's nonce, the proof of another connection is none.
  const other = await Prover.begin(stage, { uid, key })
  expect(await other.prove(other.proofs(heard.client.id ?? '').client)).toEqual(WRONG)
})

test('B33: the hub’s own proof, sent back to it, is none', async () => {
  const { stage, links } = await sceneWithLinks()
  const { uid, key } = links.current
  const mirror = await Prover.begin(stage, { uid, key })
  expect(await mirror.prove(mirror.proofs().hub)).toEqual(WRONG)
})

test('B34: an old, a used and a foreign code get one answer, which tells nothing', async () => {
  let now = 0
  const { stage, links } = await sceneWithLinks({}, () => now)
  const foreign = new PairingLinks().current
  const [old, used] = [links.current, links.renew()]
  links.use(used.id)
  const fresh = links.renew()
  const outcomes = async (): Promise<unknown[]> =>
    Promise.all([old, used, foreign, { uid: old.uid, key: randomBytes(32) }].map((link) => Prover.join(stage, link)))
  expect(await outcomes()).toEqual([RIGHT, WRONG, WRONG, WRONG])
  now = LINK_LIFE_MS
  expect(await outcomes()).toEqual([WRONG, WRONG, WRONG, WRONG])
  expect(await Prover.join(stage, fresh)).toEqual(WRONG)
  // All four are asked for a proof first: who asks for one that there is not learns no sooner.
  for (const link of [old, used, foreign]) expect((await Prover.begin(stage, link)).isChallenged).toBe(true)
})

test('B34: a code that grows old between challenge and proof is old', async () => {
  let now = 0
  const { stage, links } = await sceneWithLinks({}, () => now)
  const slow = await Prover.begin(stage, links.current)
  now = LINK_LIFE_MS
  expect(await slow.prove()).toEqual(WRONG)
})

test('B34: a link that was cut anywhere is none', () => {
  const whole = formatLink({ address: '192.168.1.20', port: 3186, ...new PairingLinks().current })
  const fragment = whole.split('/').at(-1) ?? ''
  expect([parseLink(whole), parseFragment(fragment)]).not.toContain(null)
  for (let length = 0; length < whole.length; length++) expect(parseLink(whole.slice(0, length))).toBeNull()
  for (let length = 0; length < fragment.length; length++) expect(parseFragment(fragment.slice(0, length))).toBeNull()
  const [version, uid = '', key = '', flags] = fragment.split('.')
  for (const [u, k] of [
    [uid.slice(0, -2), key],
    [uid, key.slice(0, -3)],
    [uid, ''],
    ['', key],
  ])
    expect(parseFragment([version, u, k, flags].join('.'))).toBeNull()
})

test('B38: a device that has proved a key cannot come back as an app of 2018', async () => {
  const asked: string[] = []
  const askLegacy = ({ address }: { address: string }): Promise<boolean> => {
    asked.push(address)
    return Promise.resolve(true)
  }
  const { stage, links } = await sceneWithLinks({ askLegacy })
  const { id, uid } = links.current
  links.use(id)
  for (const generation of GENERATIONS) {
    const old = await stage.join({ generation })
    old.send('register', { uid, type: 1 })
    expect(await old.next('exception')).toBe('not-allowed')
    await old.disconnected()
  }
  expect([asked, stage.hub.links()]).toEqual([[], 0])
})

test('B42: the clock jumps by ten years, on and back, while a phone joins, and nothing comes of it', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const jump = (years: number): void => {
    vi.setSystemTime(Date.now() + years * 365 * 86_400_000)
  }
  const { stage, links } = await sceneWithLinks()
  const { uid, key } = links.current
  jump(10)
  expect(links.isOld).toBe(false)
  // The new client takes a clock that jumps for sleep, and would connect anew; that is not what is asked here.
  const phone = await Prover.begin(stage, { uid, key, generation: 'old' })
  jump(-20)
  expect(await phone.prove()).toEqual(RIGHT)
  expect(links.use(links.current.id)).not.toBeNull()
})
