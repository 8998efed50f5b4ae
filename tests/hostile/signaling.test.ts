import { expect, test } from 'vitest'
import { cleanDeviceName } from '#protocol/text.ts'
import { SHIPPED_LIMITS } from '#hub/limits.ts'
import { GENERATIONS, type Client } from '#hub/testing/client.ts'
import { WINDOW_TOKEN } from '#hub/testing/stage.ts'
import { frame } from '#hub/testing/websocket-frame.ts'
import { rawClient } from './support/raw.ts'
import { endScenes, openScene, pair, scene, stillTalk } from './support/scene.ts'

endScenes()
const EVENTS = ['syncto', 'message', 'export', 'transfile', 'ctrlSendSpeed', 'exception']
const polluted = (): unknown => (({}) as { polluted?: unknown }).polluted
const told = (client: Client): string[] => client.news().map(({ event }) => event)

test('B27: registrations that are none are refused, and who sent them is ended', async () => {
  const stage = await scene({ admit: () => true })
  const nonsense = [
    undefined, null, 0, 'u', [], {}, { uid: 'u' }, { type: 1 }, [{ uid: 'u', type: 1 }], { uid: ['u'], type: 1 },
    { uid: 'u', type: [1] }, { uid: NaN, type: 1 }, { uid: 'u', type: NaN }, { uid: { length: 3 }, type: 1 }, { uid: true, type: 1 },
    { uid: 'u', type: 1.5 }, { uid: 'u', type: 1, v: 2, name: 7 }, { uid: 'u', type: 1, v: 2, kind: 'legacy' },
    // What an app of 2018 gets goes to who registers as one, and waits for a person's yes.
    { uid: 'u', type: 1, v: 2, kind: 'legacy' },
  ] // prettier-ignore
  for (const payload of nonsense) {
    const client = await stage.join()
    expect([payload, await client.ask('register', payload)]).toEqual([payload, { ok: false, code: 'malformed' }])
    await client.disconnected()
  }
  expect(stage.hub.links()).toBe(0)
})

test('B27: a registration of 10 MB ends its sender before it is read', async () => {
  const stage = await scene({ admit: () => true })
  const large = await stage.join()
  large.send('register', { uid: 'x'.repeat(10_000_000), type: 1 })
  await large.disconnected()
  expect(stage.hub.links()).toBe(0)
})

test('B28: hostile keys reach nothing', async () => {
  const stage = await scene({ admit: (uid) => uid === 'hosted', askLegacy: () => Promise.resolve(true) })
  for (const text of [
    '{"__proto__":{"uid":"hosted","type":1,"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}},"uid":"hosted"}',
    '{"uid":"hosted","type":1,"type":7}',
    '{"uid":"__proto__","type":1}',
    '{"uid":"hosted","type":"prototype"}',
  ]) {
    const client = await stage.join()
    client.raw(`2["register",${text}]`)
    await client.disconnected()
  }
  expect([polluted(), stage.hub.links()]).toEqual([undefined, 0])
  const right = await stage.join()
  right.raw('2["register",{"uid":"hosted","type":1,"__proto__":{"polluted":true}}]')
  await right.settle()
  expect([polluted(), stage.hub.links()]).toEqual([undefined, 1])
})

test('B29: an event before register is not heard', async () => {
  const stage = await openScene()
  const friends = await pair(stage)
  const outsider = await stage.join()
  for (const event of EVENTS) outsider.send(event, 1)
  await outsider.settle()
  await stillTalk(friends)
  expect([outsider.news(), told(friends.app), told(friends.web)]).toEqual([[], [], []])
})

test('B29: the same uid again is idempotent, another one leaves the first', async () => {
  const stage = await openScene()
  const { web, app } = await pair(stage, 'first')
  app.send('register', { uid: 'first', type: 1 })
  await app.next('syncfrom')
  await web.settle()
  expect([told(web), stage.hub.links()]).toEqual([[], 1])
  app.send('register', { uid: 'second', type: 1 })
  await web.next('byebye')
  app.send('message', 'to nobody')
  await app.settle()
  await web.settle()
  expect(told(web)).toEqual([])
})

test('B29: a second socket replaces the first only when it is let in', async () => {
  let isOpen = true
  const stage = await scene({ admit: () => isOpen })
  const first = await stage.join()
  await first.ask('register', { uid: 'u', type: 1, v: 2 })
  isOpen = false
  const stranger = await stage.join()
  expect(await stranger.ask('register', { uid: 'u', type: 1, v: 2 })).toEqual({ ok: false, code: 'unknown-link' })
  await first.settle()
  expect([first.connected, told(first), stage.hub.links()]).toEqual([true, [], 1])
  isOpen = true
  const second = await stage.join()
  expect(await second.ask('register', { uid: 'u', type: 1, v: 2 })).toEqual({ ok: true, v: 2 })
  expect(await first.next('ended')).toEqual({ code: 'replaced' })
})

test('B31: odd uids are refused or are texts like any other', async () => {
  const stage = await openScene()
  for (const uid of ['', 'x'.repeat(257), 'x'.repeat(65_536)]) {
    const client = await stage.join()
    client.send('register', { uid, type: 1 })
    await client.settle()
    expect(stage.hub.links()).toBe(0)
  }
  for (const uid of ['😀', '../../etc/passwd', 'a\u0000b', '__proto__', 'constructor', ' '])
    await stillTalk(await pair(stage, uid))
  expect(polluted()).toBeUndefined()
})

test.each(GENERATIONS)('B31: role 0 belongs to the window, whatever a %s client says', async (generation) => {
  const stage = await scene({ admit: () => true })
  const window = await stage.window()
  expect(await window.ask('register', { uid: 'u', type: 0, v: 2 })).toEqual({ ok: true, v: 2 })
  for (const type of [0, '0']) {
    const thief = await stage.join({ generation, auth: { token: WINDOW_TOKEN } })
    thief.send('register', { uid: 'u', type })
    await thief.disconnected()
  }
  await window.settle()
  expect([window.connected, told(window)]).toEqual([true, []])
})

test('B37: a uid in a later message changes nothing: the socket says who it is', async () => {
  const stage = await openScene()
  const [mine, other] = [await pair(stage, 'mine'), await pair(stage, 'other')]
  mine.app.send('message', { uid: 'other', type: 0, id: other.app.id, to: other.web.id })
  mine.app.raw('2["message","x",{"uid":"other"}]')
  await mine.app.settle()
  await other.web.settle()
  await mine.web.settle()
  expect([told(other.web), told(mine.web)]).toEqual([[], ['message', 'message']])
  await stillTalk(other)
})

test('B43: a name is cleaned, and one beyond all bounds refused', async () => {
  const stage = await openScene()
  const web = await stage.join()
  await web.ask('register', { uid: 'u', type: 0, v: 2 })
  const name = `<img src=x onerror=alert(1)>\u202Egpj.exe\n${'x'.repeat(200)}`
  const app = await stage.join()
  expect(await app.ask('register', { uid: 'u', type: 1, v: 2, name })).toEqual({ ok: true, v: 2 })
  const shown = cleanDeviceName(((await web.next('joined')) as { name: string }).name)
  expect([...shown].length).toBeLessThanOrEqual(40)
  expect(shown).not.toMatch(/[\n\u202E]/)
  const long = { uid: 'u', type: 1, v: 2, name: 'x'.repeat(10_000) }
  expect(await (await stage.join()).ask('register', long)).toEqual({ ok: false, code: 'malformed' })
})

test('C48: the relay passes large and odd descriptions on untouched, and lives', async () => {
  const stage = await openScene()
  const { web, app } = await pair(stage)
  const offer = { type: 'offer', sdp: `v=0\r\n${'a=x\r\n'.repeat(200_000)}\u0000` }
  app.send('message', offer)
  expect(await web.next('message')).toEqual(offer)
})

test('C48: 10,000 candidates at once are more than anybody needs', async () => {
  const stage = await openScene()
  const { web, app } = await pair(stage)
  for (let n = 0; n < 10_000; n++) app.send('message', { type: 'candidate', label: 0, id: '0', candidate: `c${n}` })
  await app.disconnected()
  await web.next('byebye')
})

test('C51: nothing reaches a link that the sender does not belong to', async () => {
  const stage = await openScene()
  const [mine, other] = [await pair(stage, 'mine'), await pair(stage, 'other')]
  for (const event of EVENTS) mine.app.send(event, event === 'ctrlSendSpeed' ? 1 : 'x')
  await mine.app.settle()
  await other.web.settle()
  await other.app.settle()
  expect([told(other.web), told(other.app)]).toEqual([[], []])
})

test('nothing secret gets into the log', async () => {
  const stage = await scene({ admit: (uid) => uid === 'secretHosted', limits: { packetsBurst: 20, endGraceMs: 50 } })
  const secrets = ['secretHosted', 'secretOther', 'secretName', 'secretPayload', 'secretToken', WINDOW_TOKEN]
  const phone = await stage.join()
  await phone.ask('register', { uid: 'secretHosted', type: 1, v: 2, name: 'secretName' })
  phone.send('transfile', { size: -1, name: 'secretPayload', secretPayload: 1 })
  for (const payload of [
    { uid: 'secretOther', type: 1 },
    { uid: 'secretOther', type: 'secretPayload' },
    { uid: ['secretOther'], type: 1, secretPayload: 1 },
  ]) {
    const stranger = await stage.join({ auth: { token: 'secretToken' } })
    stranger.send('register', payload)
    await stranger.disconnected()
  }
  const raw = await rawClient(stage.hub.port)
  raw.write(frame(`42["register","secretPayload${'x'.repeat(20_000)}"]`))
  for (let n = 0; n < 50; n++) raw.write(frame('42["secretPayload"]'))
  await raw.closed()
  const impostor = stage.attempt({ headers: { origin: 'app://local' }, auth: { token: 'secretToken' } })
  await impostor.until(() => impostor.life.includes('connect_error'), 'connect_error')
  const log = stage.log.join('\n')
  expect(log).toContain('refused')
  expect(log).toContain('dropped')
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([])
  expect(log).not.toContain(phone.id!)
})

test('B41: a phone that is removed and does not hang up is off within a second', async () => {
  const limits = { expelGraceMs: 50, endGraceMs: 60_000 }
  const stage = await scene({ admit: () => true, limits })
  const window = await stage.window()
  await window.ask('register', { uid: 'u', type: 0, v: 2 })
  // Raw: it hears the goodbye and stays.
  const raw = await rawClient(stage.hub.port)
  raw.write(frame('421["register",{"uid":"u","type":1,"v":2}]'))
  await raw.hears('"ok":true')
  await window.next('joined')
  stage.hub.expel('u', 'revoked')
  raw.write(frame('42["message","last words"]'))
  await raw.hears('revoked')
  await raw.closed()
  await window.next('byebye')
  expect([told(window), stage.hub.links()]).toEqual([[], 1])
  expect(SHIPPED_LIMITS.expelGraceMs).toBeLessThan(1000)
})
