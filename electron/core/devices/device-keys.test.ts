import { beforeEach, describe, expect, test } from 'vitest'
import { bytesFrom } from '#protocol/base64url.ts'
import type { Credentials } from '#protocol/frames.ts'
import type { CalendarState, Remembered } from '#store/devices.ts'
import type { Unsent } from '#store/unsent.ts'
import { hubOn, dataFor } from '#core/testing/hub.ts'
import { Desk } from '#core/core.ts'
import type { DeskOptions } from '#core/core-options.ts'
import { recallPhones, recallUnsent } from '#core/late.ts'
import { DeviceKeys } from './device-keys.ts'
import type { DeskEvent } from '#core/app-events.ts'
import { Network } from './network.ts'
import { LINK_LIFE_MS } from './links.ts'
import { FakeWindow, SESSION } from '#core/testing/window.ts'
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
  let calendar: CalendarState | undefined
  const run = (remembered: readonly Remembered[] = [], options: Partial<DeskOptions> = {}): Desk => {
    const desk = new Desk({
      inbox: '',
      data: dataFor(''),
      name: 'Desk',
      network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
      token: '',
      sendFirst: [],
      remembered,
      save: (kept) => {
        saved = kept.devices
        calendar = kept.calendar
        return Promise.resolve()
      },
      onEvent: (event) => events.push(event),
      onChange: () => undefined,
      ...options,
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
    const old = saved.map((one) => ({ ...one, seen: Date.now() - REMEMBER_MS }))
    expect(run(old).state().devices).toEqual([])
    const remembered = saved.map((one) => ({ ...one, seen: 0, until: Date.now() + 60_000 }))
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

  describe('whoever goes off the list by itself is cut off too: at the hub, its channel, its downloads', () => {
    const cutOff: string[] = []
    const downloads = {
      offer: () => ({ path: '', revoke: () => undefined }),
      revokeDevice: (id: string) => cutOff.push(id),
    }
    const begin = (remembered: readonly Remembered[] = [], options: Partial<DeskOptions> = {}): Desk => {
      expelled.length = cutOff.length = 0
      const desk = run(remembered, options)
      desk.start({ ...hubOn(3186), expel: (...end) => expelled.push(end), downloads })
      return desk
    }

    test('a phone that has just come with a code that is too old now', () => {
      let unset = 0
      const desk = begin([], { clocks: { unset: () => unset } })
      const { id, uid } = desk.links.current
      const window: FakeWindow = new FakeWindow(() => device!)
      const device = desk.attach(id, window)
      device!.proved(SESSION)
      window.say({ t: 'registered' })
      unset = LINK_LIFE_MS
      desk.renewLink()
      expect([expelled, cutOff]).toEqual([[[uid, 'unknown-link']], [id]])
      // What the window has on its way of it comes to nothing.
      window.join()
      expect([device!.session, desk.state().devices, saved]).toEqual([null, [], []])
    })

    test('the one unseen for longest of too many', () => {
      const { saved: oldest } = (join(run()), { saved: saved[0]! })
      const phones = Array.from({ length: 65 }, (_, i) => ({
        ...oldest,
        id: i.toString(16).padStart(16, '0'),
        uid: `uid-${i}`,
        kind: 'app' as const,
        lastSeen: Date.now() - 1_000_000 + i,
        seen: Date.now() - 1_000_000 + i,
      }))
      const desk = begin(phones)
      const window: FakeWindow = new FakeWindow(() => device!)
      const device = desk.attach(phones[0]!.id, window)
      join(desk)
      expect([expelled, cutOff]).toEqual([[['uid-0', 'unknown-link']], [phones[0]!.id]])
      expect(saved.map(({ id }) => id)).not.toContain(phones[0]!.id)
      window.join()
      expect(device!.session).toBeNull()
      expect(desk.state().devices.map(({ id }) => id)).not.toContain(phones[0]!.id)
    })
  })

  test('a browser that is remembered gets another key; proof of the one before removes it', async () => {
    const desk = run()
    const { id } = join(desk)
    const { uid, key: first } = saved[0]!
    const keeps: Credentials[] = []
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

  describe('and clocks', () => {
    const YEAR_MS = 365 * 86_400_000
    const HOUR_MS = 3_600_000
    let wall = 0
    let unset = 0
    beforeEach(() => {
      wall = Date.UTC(2026, 5, 1)
      unset = 0
      saved = []
      expelled.length = 0
      calendar = undefined
    })
    const clocks = { wall: () => wall, unset: () => unset }
    const pass = (ms: number): void => {
      wall += ms
      unset += ms
    }
    /** A browser that its person wants remembered, away or here. */
    const remembered = (desk: Desk, isAway: boolean): string => {
      const { id, window } = join(desk)
      desk.trust.remember(desk.deviceOf(id)!, true, () => undefined)
      if (isAway) {
        window.say({ t: 'left' })
        window.say({ t: 'lane-closed' })
      }
      return id
    }
    const listed = (desk: Desk): string[] => desk.state().devices.map(({ id }) => id)
    /** A key of that phone opens the door. */
    const isLetIn = (desk: Desk, id: string): boolean => {
      const { uid, next } = saved.find((one) => one.id === id)!
      return desk.trust.keyring.find(uid, bytesFrom(next!.kid)) !== null
    }

    test.each([YEAR_MS, 10 * YEAR_MS, -10 * YEAR_MS, REMEMBER_MS + HOUR_MS])(
      'B42: a clock that jumps by %i ms, on and back, revokes no remembered browser, here or away',
      (jump) => {
        const desk = run([], { clocks })
        const ids = [remembered(desk, false), remembered(desk, true)]
        for (const step of [jump, -jump]) {
          wall += step
          for (let i = 0; i < 5; i++) {
            pass(1_000)
            desk.renewLink()
          }
          expect([listed(desk), ids.map((id) => isLetIn(desk, id))]).toEqual([ids, [true, true]])
        }
        expect(expelled).toEqual([])
      },
    )

    test.each([YEAR_MS, -YEAR_MS])('B42: nor does one that is %i ms off when the program starts', (jump) => {
      const id = remembered(run([], { clocks }), true)
      wall += jump
      unset = 0
      const desk = run(saved, { clocks, calendar })
      pass(60_000)
      desk.renewLink()
      expect([listed(desk), isLetIn(desk, id)]).toEqual([[id], true])
      wall -= jump
      pass(2 * HOUR_MS)
      desk.renewLink()
      expect([listed(desk), isLetIn(desk, id)]).toEqual([[id], true])
    })

    test('B42: one that was remembered while the clock was ten years back is, when it is right again', () => {
      wall -= 10 * YEAR_MS
      const desk = run([], { clocks })
      const id = remembered(desk, true)
      wall += 10 * YEAR_MS
      pass(5 * HOUR_MS)
      desk.renewLink()
      expect(listed(desk)).toEqual([id])
      unset = 0
      expect(listed(run(saved, { clocks, calendar }))).toEqual([id])
    })

    test('after thirty days it can’t come back, here it hears of it, and it is kept should the clock have been wrong', () => {
      const desk = run([], { clocks })
      const [here, away] = [remembered(desk, false), remembered(desk, true)]
      const { uid } = saved.find(({ id }) => id === away)!
      pass(REMEMBER_MS - 1)
      desk.renewLink()
      expect(listed(desk)).toEqual([here, away])
      pass(1)
      desk.renewLink()
      expect([listed(desk), desk.links.hosts(uid), isLetIn(desk, away)]).toEqual([[], false, false])
      expect(expelled).toContainEqual([expect.any(String), 'revoked'])
      expect(saved.map(({ id }) => id)).toEqual([away])
      unset = 0
      expect(listed(run(saved, { clocks, calendar }))).toEqual([])
      // Not for ever.
      unset = 0
      const last = run(saved, { clocks, calendar })
      pass(REMEMBER_MS)
      last.renewLink()
      last.trust.rename('nobody', '')
      void last.trust.save()
      expect(saved).toEqual([])
    })

    test('a long pause with a wrong clock takes a phone off the list, and the right clock puts it back', () => {
      const id = remembered(run([], { clocks }), true)
      wall += YEAR_MS
      unset = 0
      const desk = run(saved, { clocks, calendar })
      pass(2 * HOUR_MS)
      desk.renewLink()
      expect([listed(desk), saved.map((one) => one.id)]).toEqual([[], [id]])
      wall -= YEAR_MS
      desk.renewLink()
      expect([listed(desk), isLetIn(desk, id)]).toEqual([[id], true])
    })
  })

  describe('and a disk that tells of its phones only later', () => {
    test('they join those that were paired meanwhile, with what waits for them', async () => {
      const first = run()
      const { id } = join(first)
      const earlier = saved
      let unsent: readonly Unsent[] = []
      let knowsAll = false
      const things: Unsent[] = [{ device: id, id: 'a'.repeat(32), text: 'at seven' }]
      const desk = run([], {
        knowsAllPhones: () => knowsAll,
        unsent: things,
        saveUnsent: (now) => {
          unsent = now
          return Promise.resolve()
        },
      })
      const { id: other } = join(desk)
      await desk.unsent.flush()
      // Nobody knows yet that nothing waits for it.
      expect(desk.unsent.textsFor(id)).toHaveLength(1)
      knowsAll = true
      recallPhones(desk, { devices: earlier })
      expect(desk.state().devices.map((device) => device.id)).toEqual([other, id])
      expect(desk.deviceOf(id)!.view().unheard).toBe(1)
      expect(saved.map((one) => one.id).sort()).toEqual([id, other].sort())
      recallPhones(desk, { devices: earlier })
      expect(desk.state().devices).toHaveLength(2)
      recallUnsent(desk, [...things, { device: id, id: 'b'.repeat(32), text: 'bring the key' }])
      expect(desk.deviceOf(id)!.view().unheard).toBe(2)
      await desk.unsent.flush()
      expect(unsent).toHaveLength(2)
    })
  })
})
