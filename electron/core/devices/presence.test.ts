import { describe, expect, test } from 'vitest'
import { AWAY, EMPTY, isAnnounced, joined, left, reached, troubled, unreached, type Presence } from './presence.ts'

const connecting = joined(EMPTY, false)
const here = reached(connecting)

describe('a phone that comes', () => {
  test('is at the hub, then here', () => {
    expect(connecting).toEqual({ state: 'connecting', wasHere: false, trouble: null })
    expect(here).toEqual({ state: 'here', isAtHub: true, trouble: null })
  })

  test('is here without the hub where its lane alone is proved', () => {
    expect(reached(AWAY)).toEqual({ state: 'here', isAtHub: false, trouble: null })
  })

  test('and comes again while its lane is open stays here', () => {
    expect(joined(left(here, true), true)).toEqual(here)
  })
})

describe('a phone that goes', () => {
  test('leaves the hub first and its lane later: here until then', () => {
    const offHub = left(here, true)
    expect(offHub).toEqual({ state: 'here', isAtHub: false, trouble: null })
    expect(unreached(offHub)).toEqual(AWAY)
  })

  test('loses its lane first: connecting until it leaves the hub', () => {
    const broken = unreached(here)
    expect(broken).toEqual({ state: 'connecting', wasHere: true, trouble: null })
    expect(left(broken, false)).toEqual(AWAY)
  })

  test('loses its lane and makes another: announced all the time', () => {
    const states = [here, unreached(here), reached(unreached(here))]
    expect(states.map(isAnnounced)).toEqual([true, true, true])
  })

  test('has only been at the hub: never announced', () => {
    const states: Presence[] = [connecting, left(connecting, false), joined(AWAY, false)]
    expect(states.map(isAnnounced)).toEqual([false, false, false])
  })

  test('is joined anew at the hub without a lane: announced as before', () => {
    expect(isAnnounced(joined(unreached(here), false))).toBe(true)
    expect(isAnnounced(joined(left(unreached(here), false), false))).toBe(false)
  })

  test('was away already', () => {
    expect([left(AWAY, false), unreached(AWAY)]).toEqual([AWAY, AWAY])
  })
})

describe('a link without a phone', () => {
  test('stays empty until one joins, whatever fails', () => {
    expect([left(EMPTY, false), unreached(EMPTY), troubled(EMPTY, 'no-connection')]).toEqual([EMPTY, EMPTY, EMPTY])
  })
})

describe('trouble', () => {
  const failed = troubled(connecting, 'no-connection')

  test('is shown while the phone connects, and beside a lane', () => {
    expect(failed).toEqual({ ...connecting, trouble: 'no-connection' })
    expect(troubled(here, 'not-allowed')).toEqual({ ...here, trouble: 'not-allowed' })
    expect(unreached(troubled(here, 'no-connection'))).toMatchObject({ state: 'connecting', trouble: 'no-connection' })
  })

  test('is over with the next lane, and the next registration', () => {
    expect([reached(failed), joined(failed, false)]).toEqual([here, connecting])
  })

  test('is forgotten when the phone goes, unless it broke the protocol', () => {
    expect(left(failed, false)).toEqual(AWAY)
    for (const trouble of ['malformed', 'overrun', 'version', 'tampered', 'failed'] as const)
      expect(left(troubled(connecting, trouble), false)).toEqual({ state: 'away', trouble })
  })

  test('that is told late is shown of a phone that is away', () => {
    expect(troubled(AWAY, 'no-connection')).toEqual({ state: 'away', trouble: 'no-connection' })
  })
})
