import { describe, expect, test } from 'vitest'
import { bytesFrom } from '#protocol/base64url.ts'
import type { Keep } from '#protocol/frames.ts'
import type { Remembered } from '#store/devices.ts'
import { hubOn, dataFor } from './testing/hub.ts'
import { Desk } from './desk.ts'
import { DeviceKeys } from './device-keys.ts'
import type { DeskEvent } from './events.ts'
import { Network } from './network.ts'
import { FakeWindow, SESSION } from './testing/window.ts'
import { REMEMBER_MS } from './trust.ts'

describe('the keys of a phone', () => {
  test('the old one is good until the new one is used; then it is known as dead', () => {
    const keys = new DeviceKeys()
    const first = keys.current
    const second = keys.replace()
    expect(keys.replace()).toBe(second)
    expect([keys.use(first.kid), keys.use(second.kid), keys.use(first.kid)]).toEqual([true, true, false])
    expect([keys.current, keys.next, keys.dead]).toEqual([second, null, [first]])
    expect(keys.find(first.kid)).toBe(first.key)
    expect(keys.find(new Uint8Array(16))).toBeNull()
  })

  test('not more than sixteen dead ones are kept', () => {
    const keys = new DeviceKeys()
    const first = keys.current
    for (let i = 0; i < 20; i++) keys.use(keys.replace().kid)
    expect([keys.dead.length, keys.find(first.kid)]).toEqual([16, null])
  })
})

describe('a desk with a memory', () => {
  let saved: readonly Remembered[] = []
  const events: DeskEvent[] = []
  const expelled: unknown[] = []
  const run = (remembered: readonly Remembered[] = []): Desk => {
    const desk = new Desk({
      inbox: '',
      data: dataFor(''),
      name: 'Desk',
      network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
      token: '',
      sendFirst: [],
      remembered,
      save: (devices) => {
        saved = devices
        return Promise.resolve()
      },
      onEvent: (event) => events.push(event),
      onChange: () => undefined,
    })
    desk.start({ ...hubOn(3186), expel: (...end) => expelled.push(end) })
    return desk
  }
  /** A phone's page joins the link on the screen. */
  const join = (desk: Desk): { id: string; window: FakeWindow } => {
    const { id } = desk.links.current
    const window: FakeWindow = new FakeWindow(() => device!)
    const device = desk.attach(id, window)
    window.join()
    return { id, window }
  }

  test('its phone is there after a restart, away, and its key opens the door again', () => {
    const { id } = join(run())
    expect(saved).toHaveLength(1)
    const desk = run(saved)
    expect(desk.state().devices).toMatchObject([{ id, state: 'away', name: 'Pixel', kind: 'page' }])
    const { uid, key } = saved[0]!
    expect(desk.trust.keyring.find(uid, bytesFrom(key.kid))).toEqual(bytesFrom(key.key))
    expect(desk.trust.keyring.proved(uid, bytesFrom(key.kid), SESSION)).toBeNull()
    expect(desk.links.mayBeLegacy(uid)).toBe(false)
  })

  test('thirty days later an idle tab is forgotten', () => {
    join(run())
    const old = saved.map((one) => ({ ...one, lastSeen: Date.now() - REMEMBER_MS }))
    expect(run(old).state().devices).toEqual([])
    const remembered = saved.map((one) => ({ ...one, lastSeen: 0, until: Date.now() + 60_000 }))
    expect(run(remembered).state().devices).toHaveLength(1)
    expect(run(saved.map((one) => ({ ...one, until: Date.now() - 1 }))).state().devices).toEqual([])
  })

  test('a new name and the switch are kept; an empty name is the phone’s own again', () => {
    const desk = run()
    const { id } = join(desk)
    desk.trust.rename(id, '  Anna’s\u202E phone ')
    desk.setAutoAccept(id, false)
    desk.setClipboard(id, true)
    expect(saved).toMatchObject([{ label: 'Anna’s phone', name: 'Pixel', autoAccept: false, clipboard: true }])
    expect(run(saved).state().devices).toMatchObject([{ name: 'Anna’s phone', autoAccept: false, clipboard: true }])
    desk.trust.rename(id, '')
    expect(desk.state().devices[0]?.name).toBe('Pixel')
  })

  test('a removed phone is cut off, and nothing of it stays', () => {
    const desk = run()
    const { id, window } = join(desk)
    const { uid, key } = saved[0]!
    desk.trust.revoke(id)
    expect([saved, desk.state().devices, desk.links.hosts(uid)]).toEqual([[], [], false])
    expect(desk.trust.keyring.find(uid, bytesFrom(key.kid))).toBeNull()
    expect(window.posted.at(-1)).toEqual({ t: 'close-lane' })
    expect(expelled.at(-1)).toEqual([uid, 'revoked'])
    expect(events.at(-1)).toMatchObject({ event: 'revoked', why: 'person' })
    desk.trust.revoke(id)
    desk.trust.revoke('nobody')
  })

  test('a browser that is remembered gets another key; proof of the one before removes it', async () => {
    const desk = run()
    const { id } = join(desk)
    const { uid, key: first } = saved[0]!
    const keeps: Keep[] = []
    const device = desk.attach(id, new FakeWindow(() => device!))
    desk.trust.remember(device!, true, (keep) => keeps.push(keep))
    await expect.poll(() => keeps.length).toBe(1)
    expect(saved[0]?.until).toBeGreaterThan(Date.now() + REMEMBER_MS - 60_000)
    expect(desk.trust.keyring.proved(uid, bytesFrom(first.kid), SESSION)).toBeNull()
    expect(desk.trust.keyring.proved(uid, bytesFrom(keeps[0]!.id), SESSION)).toBeNull()
    expect(desk.trust.keyring.proved(uid, bytesFrom(first.kid), SESSION)).toBe('revoked')
    expect(desk.state().devices).toEqual([])
    expect(events.at(-1)).toMatchObject({ event: 'revoked', why: 'copied' })
    expect(desk.trust.keyring.proved(uid, bytesFrom(keeps[0]!.id), SESSION)).toBe('unknown-link')
  })
})
