import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { whoConnects } from './registration.ts'
import { bounded, GENERATIONS, type Client } from '#hub/testing/client.ts'
import { ask, POLLING_PATH } from '#hub/testing/http.ts'
import { setStage, WINDOW_ORIGIN, WINDOW_TOKEN, type Stage } from '#hub/testing/stage.ts'

const PROOF = { token: WINDOW_TOKEN, origin: WINDOW_ORIGIN }

describe('who connects', () => {
  test.each([
    [WINDOW_ORIGIN, '127.0.0.1', { token: WINDOW_TOKEN }, 'window'],
    [WINDOW_ORIGIN, '192.168.1.5', { token: WINDOW_TOKEN }, 'impostor'],
    [WINDOW_ORIGIN, '127.0.0.1', { token: `${WINDOW_TOKEN}x` }, 'impostor'],
    [WINDOW_ORIGIN, '127.0.0.1', { token: '' }, 'impostor'],
    [WINDOW_ORIGIN, '127.0.0.1', { token: [WINDOW_TOKEN] }, 'impostor'],
    [WINDOW_ORIGIN, '127.0.0.1', {}, 'impostor'],
    [WINDOW_ORIGIN, '127.0.0.1', null, 'impostor'],
    [undefined, '127.0.0.1', { token: WINDOW_TOKEN }, 'guest'],
    ['http://127.0.0.1:3186', '127.0.0.1', { token: WINDOW_TOKEN }, 'guest'],
    ['null', '127.0.0.1', { token: WINDOW_TOKEN }, 'guest'],
  ])('origin %s from %s with %j: %s', (origin, remote, auth, who) => {
    expect(whoConnects(origin, remote, auth, PROOF)).toBe(who)
  })
  test('without a window there is none to be', () => {
    expect(whoConnects(WINDOW_ORIGIN, '127.0.0.1', { token: '' }, null)).toBe('guest')
  })
})

describe('a hub with a window', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await setStage({
      windowToken: WINDOW_TOKEN,
      windowOrigin: WINDOW_ORIGIN,
      admit: (uid) => uid === 'hosted',
      askLegacy: () => Promise.resolve(true),
      limits: { endGraceMs: 50 },
    })
  })
  afterEach(() => stage.clear())

  const WEB = { uid: 'hosted', type: 0, v: 2, name: 'Desk', kind: 'desktop' }
  const APP = { uid: 'hosted', type: 1, v: 2, name: 'Phone', kind: 'page' }

  async function hosting(): Promise<Client> {
    const window = await stage.window()
    expect(await window.ask('register', WEB)).toEqual({ ok: true, v: 2 })
    return window
  }

  test('the window and a phone on its link meet', async () => {
    const window = await hosting()
    const phone = await stage.join()
    expect(await phone.ask('register', APP)).toEqual({ ok: true, v: 2 })
    await phone.next('syncfrom')
    expect(await window.next('joined')).toEqual({ v: 2, name: 'Phone', kind: 'page' })
  })

  test.each(GENERATIONS)('a legacy phone of the %s generation as well', async (generation) => {
    const window = await hosting()
    const phone = await stage.join({ generation, way: 'upgrade' })
    phone.send('register', { uid: 'hosted', type: 1 })
    await phone.next('syncfrom')
    phone.send('message', 'hi')
    expect(await window.next('message')).toBe('hi')
  })

  test.each([
    [WEB, 'not-allowed'],
    [{ ...APP, uid: 'another' }, 'unknown-link'],
    [{ ...APP, uid: '__proto__' }, 'unknown-link'],
    [{ ...APP, type: 7 }, 'malformed'],
    [{ ...APP, v: 3 }, 'version'],
  ])('a stranger asks for %j: %s, and nobody notices', async (payload, code) => {
    const window = await hosting()
    const phone = await stage.join()
    await phone.ask('register', APP)
    await phone.next('syncfrom')
    await window.next('joined')

    const stranger = await stage.join()
    expect(await stranger.ask('register', payload)).toEqual({ ok: false, code })
    await stranger.disconnected()
    expect(stranger.news()).toEqual([])
    await window.settle()
    await phone.settle()
    expect([window.news(), phone.news(), stage.hub.links()]).toEqual([[], [], 1])
    // The log tells of it, and gives away neither link nor token.
    expect(stage.log).toEqual([`hub: registration from 127.0.0.1 refused: ${code}`])
  })

  test('without an acknowledgement version 2 hears `ended`, a legacy client `exception`', async () => {
    const stranger = await stage.join()
    stranger.send('register', { ...APP, uid: 'another' })
    expect(await stranger.next('ended')).toEqual({ code: 'unknown-link' })
    await stranger.disconnected()
    for (const generation of GENERATIONS) {
      const old = await stage.join({ generation, way: 'polling' })
      old.send('register', { uid: 'another', type: 1 })
      expect(await old.next('exception')).toBe('unknown-link')
      await old.disconnected()
    }
    expect(stage.hub.links()).toBe(0)
  })

  test('a registered phone that asks for another link keeps its own', async () => {
    const window = await hosting()
    const phone = await stage.join()
    await phone.ask('register', APP)
    await window.next('joined')
    expect(await phone.ask('register', { ...APP, uid: 'another' })).toEqual({ ok: false, code: 'unknown-link' })
    expect(await phone.ask('register', { ...APP, type: 0 })).toEqual({ ok: false, code: 'not-allowed' })
    phone.send('message', 'still here')
    expect(await window.next('message')).toBe('still here')
  })

  test('the window’s origin without its token is refused, and so is any old client of that origin', async () => {
    for (const auth of [{}, { token: 'wrong' }, { token: WINDOW_TOKEN.slice(1) }]) {
      const impostor = stage.attempt({ headers: { origin: WINDOW_ORIGIN }, auth })
      await impostor.until(() => impostor.life.includes('connect_error'), 'connect_error')
      expect(impostor.news()).toEqual([])
    }
    const old = stage.attempt({ generation: 'old', headers: { origin: WINDOW_ORIGIN } })
    await old.until(() => old.life.includes('error'), 'error')
    expect(old.news()).toEqual([])
  })

  test('the token without the origin makes nobody the window', async () => {
    const program = await stage.join({ auth: { token: WINDOW_TOKEN } })
    expect(await program.ask('register', WEB)).toEqual({ ok: false, code: 'not-allowed' })
  })

  test('whoever does not register in time is ended; whoever did stays', async () => {
    await stage.clear()
    stage = await setStage({
      windowToken: WINDOW_TOKEN,
      windowOrigin: WINDOW_ORIGIN,
      admit: () => true,
      askLegacy: () => Promise.resolve(true),
      limits: { registerMs: 100 },
    })
    const [idle, phone] = [await stage.join(), await stage.join({ generation: 'old' })]
    phone.send('register', { uid: 'u', type: 1 })
    await idle.disconnected()
    await phone.settle()
    expect(phone.connected).toBe(true)
  })

  test('a refused client that does not hang up is cut off', async () => {
    const { port } = stage.hub
    const opened = await ask(port, { path: POLLING_PATH })
    const { sid } = JSON.parse(opened.body.toString().slice(1)) as { sid: string }
    const path = `${POLLING_PATH}&sid=${sid}`
    const post = (body: string) => ask(port, { path, method: 'POST', headers: { 'Content-Type': 'text/plain' } }, body)
    await post('40')
    await ask(port, { path })
    await post('42["register",{"uid":"another","type":1}]')
    await bounded('the session to end', (resolve) => {
      const look = async (): Promise<void> => {
        const { status } = await ask(port, { path })
        if (status === 400) resolve(null)
        else setTimeout(() => void look(), 20)
      }
      void look()
    })
  })

  test('a failing `admit` lets nobody in and takes nothing down', async () => {
    await stage.clear()
    stage = await setStage({
      admit: () => {
        throw new Error('store is broken')
      },
    })
    const phone = await stage.join()
    expect(await phone.ask('register', APP)).toEqual({ ok: false, code: 'failed' })
    expect(stage.hub.links()).toBe(0)
    expect(stage.log.join()).toContain('store is broken')
  })
})

test('a hub without a window has nobody in role 0, and by default nobody at all', async () => {
  const stage = await setStage()
  const [web, app] = [await stage.join(), await stage.join()]
  expect(await web.ask('register', { uid: 'u', type: 0, v: 2 })).toEqual({ ok: false, code: 'not-allowed' })
  expect(await app.ask('register', { uid: 'u', type: 1, v: 2 })).toEqual({ ok: false, code: 'unknown-link' })
  await stage.clear()
})
