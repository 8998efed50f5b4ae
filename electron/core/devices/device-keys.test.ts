import { beforeEach, describe, expect, test } from 'vitest'
import { bytesFrom } from '#protocol/base64url.ts'
import type { Credentials } from '#protocol/frames.ts'
import type { CalendarState, Remembered } from '#store/device-store.ts'
import type { Unsent } from '#store/unsent.ts'
import { hubOn, dataFor } from '#core/testing/hub.ts'
import { Core } from '#core/core.ts'
import type { CoreOptions } from '#core/core-options.ts'
import { DeviceKeys } from './pairing-links.ts'
import type { AppEvent } from '#core/app-events.ts'
import { Network } from './shown-link.ts'
import { LINK_LIFE_MS } from './pairing-links.ts'
import { FakeWindow, SESSION } from '#core/testing/window.ts'
import { REMEMBER_MS } from './paired-devices.ts'

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

interface More extends Partial<CoreOptions> {
  /** The calendar of the run before. */
  readonly before?: CalendarState | undefined
  readonly knowsAll?: () => boolean
}

describe('a core with a memory', () => {
  let saved: readonly Remembered[] = []
  const events: AppEvent[] = []
  const expelled: unknown[] = []
  let calendar: CalendarState | undefined
  const run = (
    remembered: readonly Remembered[] = [],
    { before, knowsAll = () => true, ...options }: More = {},
  ): Core => {
    const core = new Core({
      inbox: '',
      data: dataFor(''),
      name: 'Desk',
      network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
      token: '',
      phones: {
        earlier: { devices: remembered, calendar: before },
        save: (kept) => {
          saved = kept.devices
          calendar = kept.calendar
          return Promise.resolve()
        },
        knowsAll,
      },
      onEvent: (event) => events.push(event),
      onChange: () => undefined,
      ...options,
    })
    core.start({ ...hubOn(3186), expel: (...end) => expelled.push(end) })
    return core
  }
  /** A phone's page joins the link on the screen. */
  const join = (core: Core): { id: string; window: FakeWindow } => {
    const { id } = core.links.current
    const window: FakeWindow = new FakeWindow(() => device!)
    const device = core.attach(id, window)
    window.join()
    return { id, window }
  }

  test('its phone is there after a restart, away, and its key opens the door again', () => {
    const { id } = join(run())
    expect(saved).toHaveLength(1)
    const core = run(saved)
    expect(core.state().devices).toMatchObject([{ id, state: 'away', name: 'Pixel', kind: 'page' }])
    const { uid, key } = saved[0]!
    expect(core.pairedDevices.keyring.find(uid, bytesFrom(key.kid))).toEqual(bytesFrom(key.key))
    expect(core.pairedDevices.keyring.proved(uid, bytesFrom(key.kid), SESSION)).toBeNull()
    expect(core.links.mayBeLegacy(uid)).toBe(false)
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
    const core = run()
    const { id } = join(core)
    core.pairedDevices.rename(id, '  Anna’s\u202E phone ')
    core.setAutoAccept(id, false)
    core.setClipboard(id, true)
    expect(saved).toMatchObject([{ label: 'Anna’s phone', name: 'Pixel', autoAccept: false, clipboard: true }])
    expect(run(saved).state().devices).toMatchObject([{ name: 'Anna’s phone', autoAccept: false, clipboard: true }])
    core.pairedDevices.rename(id, '')
    expect(core.state().devices[0]?.name).toBe('Pixel')
  })

  test('a removed phone is cut off, and nothing of it stays', () => {
    const core = run()
    const { id, window } = join(core)
    const { uid, key } = saved[0]!
    core.pairedDevices.revoke(id)
    expect([saved, core.state().devices, core.links.hosts(uid)]).toEqual([[], [], false])
    expect(core.pairedDevices.keyring.find(uid, bytesFrom(key.kid))).toBeNull()
    expect(window.posted.at(-1)).toEqual({ t: 'close-lane' })
    expect(expelled.at(-1)).toEqual([uid, 'revoked'])
    expect(events.at(-1)).toMatchObject({ event: 'revoked', why: 'person' })
    core.pairedDevices.revoke(id)
    core.pairedDevices.revoke('nobody')
  })

  describe('whoever goes off the list by itself is cut off too: at the hub, its channel, its downloads', () => {
    const cutOff: string[] = []
    const downloads = {
      offer: () => ({ path: '', revoke: () => undefined }),
      revokeDevice: (id: string) => cutOff.push(id),
    }
    const begin = (remembered: readonly Remembered[] = [], options: More = {}): Core => {
      expelled.length = cutOff.length = 0
      const core = run(remembered, options)
      core.start({ ...hubOn(3186), expel: (...end) => expelled.push(end), downloads })
      return core
    }

    test('a phone that has just come with a code that is too old now', () => {
      let unset = 0
      const core = begin([], { clocks: { unset: () => unset } })
      const { id, uid } = core.links.current
      const window: FakeWindow = new FakeWindow(() => device!)
      const device = core.attach(id, window)
      device!.proved(SESSION)
      window.say({ t: 'registered' })
      unset = LINK_LIFE_MS
      core.renewLink()
      expect([expelled, cutOff]).toEqual([[[uid, 'unknown-link']], [id]])
      // What the window has on its way of it comes to nothing.
      window.join()
      expect([device!.session, core.state().devices, saved]).toEqual([null, [], []])
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
      const core = begin(phones)
      const window: FakeWindow = new FakeWindow(() => device!)
      const device = core.attach(phones[0]!.id, window)
      join(core)
      expect([expelled, cutOff]).toEqual([[['uid-0', 'unknown-link']], [phones[0]!.id]])
      expect(saved.map(({ id }) => id)).not.toContain(phones[0]!.id)
      window.join()
      expect(device!.session).toBeNull()
      expect(core.state().devices.map(({ id }) => id)).not.toContain(phones[0]!.id)
    })
  })

  test('a browser that is remembered gets another key; proof of the one before removes it', async () => {
    const core = run()
    const { id } = join(core)
    const { uid, key: first } = saved[0]!
    const keeps: Credentials[] = []
    const device = core.attach(id, new FakeWindow(() => device!))
    core.pairedDevices.remember(device!, true, (keep) => keeps.push(keep))
    await expect.poll(() => keeps.length).toBe(1)
    expect(saved[0]?.until).toBeGreaterThan(Date.now() + REMEMBER_MS - 60_000)
    expect(core.pairedDevices.keyring.proved(uid, bytesFrom(first.kid), SESSION)).toBeNull()
    expect(core.pairedDevices.keyring.proved(uid, bytesFrom(keeps[0]!.id), SESSION)).toBeNull()
    expect(core.pairedDevices.keyring.proved(uid, bytesFrom(first.kid), SESSION)).toBe('revoked')
    expect(core.state().devices).toEqual([])
    expect(events.at(-1)).toMatchObject({ event: 'revoked', why: 'copied' })
    expect(core.pairedDevices.keyring.proved(uid, bytesFrom(keeps[0]!.id), SESSION)).toBe('unknown-link')
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
    const remembered = (core: Core, isAway: boolean): string => {
      const { id, window } = join(core)
      core.pairedDevices.remember(core.deviceOf(id)!, true, () => undefined)
      if (isAway) {
        window.say({ t: 'left' })
        window.say({ t: 'lane-closed' })
      }
      return id
    }
    const listed = (core: Core): string[] => core.state().devices.map(({ id }) => id)
    /** A key of that phone opens the door. */
    const isLetIn = (core: Core, id: string): boolean => {
      const { uid, next } = saved.find((one) => one.id === id)!
      return core.pairedDevices.keyring.find(uid, bytesFrom(next!.kid)) !== null
    }

    test.each([YEAR_MS, 10 * YEAR_MS, -10 * YEAR_MS, REMEMBER_MS + HOUR_MS])(
      'B42: a clock that jumps by %i ms, on and back, revokes no remembered browser, here or away',
      (jump) => {
        const core = run([], { clocks })
        const ids = [remembered(core, false), remembered(core, true)]
        for (const step of [jump, -jump]) {
          wall += step
          for (let i = 0; i < 5; i++) {
            pass(1_000)
            core.renewLink()
          }
          expect([listed(core), ids.map((id) => isLetIn(core, id))]).toEqual([ids, [true, true]])
        }
        expect(expelled).toEqual([])
      },
    )

    test.each([YEAR_MS, -YEAR_MS])('B42: nor does one that is %i ms off when the program starts', (jump) => {
      const id = remembered(run([], { clocks }), true)
      wall += jump
      unset = 0
      const core = run(saved, { clocks, before: calendar })
      pass(60_000)
      core.renewLink()
      expect([listed(core), isLetIn(core, id)]).toEqual([[id], true])
      wall -= jump
      pass(2 * HOUR_MS)
      core.renewLink()
      expect([listed(core), isLetIn(core, id)]).toEqual([[id], true])
    })

    test('B42: one that was remembered while the clock was ten years back is, when it is right again', () => {
      wall -= 10 * YEAR_MS
      const core = run([], { clocks })
      const id = remembered(core, true)
      wall += 10 * YEAR_MS
      pass(5 * HOUR_MS)
      core.renewLink()
      expect(listed(core)).toEqual([id])
      unset = 0
      expect(listed(run(saved, { clocks, before: calendar }))).toEqual([id])
    })

    test('after thirty days it can’t come back, here it hears of it, and it is kept should the clock have been wrong', () => {
      const core = run([], { clocks })
      const [here, away] = [remembered(core, false), remembered(core, true)]
      const { uid } = saved.find(({ id }) => id === away)!
      pass(REMEMBER_MS - 1)
      core.renewLink()
      expect(listed(core)).toEqual([here, away])
      pass(1)
      core.renewLink()
      expect([listed(core), core.links.hosts(uid), isLetIn(core, away)]).toEqual([[], false, false])
      expect(expelled).toContainEqual([expect.any(String), 'revoked'])
      expect(saved.map(({ id }) => id)).toEqual([away])
      unset = 0
      expect(listed(run(saved, { clocks, before: calendar }))).toEqual([])
      // Not for ever.
      unset = 0
      const last = run(saved, { clocks, before: calendar })
      pass(REMEMBER_MS)
      last.renewLink()
      last.pairedDevices.rename('nobody', '')
      void last.pairedDevices.save()
      expect(saved).toEqual([])
    })

    test('a long pause with a wrong clock takes a phone off the list, and the right clock puts it back', () => {
      const id = remembered(run([], { clocks }), true)
      wall += YEAR_MS
      unset = 0
      const core = run(saved, { clocks, before: calendar })
      pass(2 * HOUR_MS)
      core.renewLink()
      expect([listed(core), saved.map((one) => one.id)]).toEqual([[], [id]])
      wall -= YEAR_MS
      core.renewLink()
      expect([listed(core), isLetIn(core, id)]).toEqual([[id], true])
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
      const core = run([], {
        knowsAll: () => knowsAll,
        unsent: {
          earlier: things,
          save: (now) => {
            unsent = now
            return Promise.resolve()
          },
        },
      })
      const { id: other } = join(core)
      await core.resendQueue.flush()
      // Nobody knows yet that nothing waits for it.
      expect(core.resendQueue.textsFor(id)).toHaveLength(1)
      knowsAll = true
      core.recallPhones({ devices: earlier })
      expect(core.state().devices.map((device) => device.id)).toEqual([other, id])
      expect(core.deviceOf(id)!.view().unheard).toBe(1)
      expect(saved.map((one) => one.id).sort()).toEqual([id, other].sort())
      core.recallPhones({ devices: earlier })
      expect(core.state().devices).toHaveLength(2)
      core.recallUnsent([...things, { device: id, id: 'b'.repeat(32), text: 'bring the key' }])
      expect(core.deviceOf(id)!.view().unheard).toBe(2)
      await core.resendQueue.flush()
      expect(unsent).toHaveLength(2)
    })
  })
})
