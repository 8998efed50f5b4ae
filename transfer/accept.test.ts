import { describe, expect, test } from 'vitest'
import type { OfferFile } from '#protocol/frames.ts'
import { OFFERS_MAX } from '#protocol/limits.ts'
import { connect, until } from './testing/ends.ts'
import { bytesOf, MemorySource } from './testing/quick.ts'

/** A desktop whose person is asked for each file. */
function asking() {
  const asked = new Map<string, (yes: boolean) => void>()
  const mayTake = (offer: OfferFile) => new Promise<boolean>((answer) => asked.set(offer.name, answer))
  const ends = connect({}, {}, { mayTake })
  const send = (name: string) => ends.phone.session.send(new MemorySource(name, bytesOf(1_000)))
  return { ...ends, asked, send }
}

describe('a person is asked', () => {
  test('about a whole batch at once; nothing is opened or sent before the answer', async () => {
    const { phone, desktop, asked, send } = asking()
    const names = Array.from({ length: 214 }, (_, i) => `${i}`)
    const ids = names.map(send)
    await until('all asked', () => asked.size === names.length)
    expect([...asked.keys()]).toEqual(names)
    expect([desktop.sinks, phone.lane.sent.filter((frame) => typeof frame !== 'string')]).toEqual([[], []])
    for (const answer of asked.values()) answer(true)
    for (const id of ids) expect((await phone.told.end(id)).state).toBe('done')
  })

  test('takes some: those come, in whatever order; the others end with a reason on both sides', async () => {
    const { phone, desktop, asked, send } = asking()
    const [a, b, c] = ['a', 'b', 'c'].map(send) as [string, string, string]
    await until('all asked', () => asked.size === 3)
    asked.get('c')?.(true)
    expect(await phone.told.end(c)).toMatchObject({ state: 'done' })
    asked.get('a')?.(false)
    asked.get('b')?.(true)
    expect(await phone.told.end(a)).toMatchObject({ state: 'failed', reason: 'not-allowed' })
    expect(await desktop.told.end(a)).toMatchObject({ state: 'cancelled', reason: 'not-allowed' })
    expect(await phone.told.end(b)).toMatchObject({ state: 'done' })
    expect(desktop.sinks.map(({ name }) => name)).toEqual(['c', 'b'])
  })

  test('the sender cancels while they think', async () => {
    const { phone, desktop, asked, send } = asking()
    const id = send('a')
    await until('asked', () => asked.size === 1)
    phone.session.cancel(id)
    expect(await desktop.told.end(id)).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
    asked.get('a')?.(true)
    expect(desktop.sinks).toEqual([])
  })

  test('the connection is lost while they think', async () => {
    const { desktop, asked, send } = asking()
    const id = send('a')
    await until('asked', () => asked.size === 1)
    desktop.session.end('peer-left')
    expect(await desktop.told.end(id)).toMatchObject({ state: 'failed', reason: 'peer-left' })
    asked.get('a')?.(true)
    expect(desktop.sinks).toEqual([])
  })

  test('about no more than the limit at a time; the next follow as these end', async () => {
    const { phone, desktop, asked, send } = asking()
    for (let i = 0; i < OFFERS_MAX + 10; i++) send(`${i}`)
    await until('asked', () => asked.size === OFFERS_MAX)
    for (let i = 0; i < 10; i++) asked.get(`${i}`)?.(false)
    await until('the rest is asked', () => asked.size === OFFERS_MAX + 10)
    expect([phone.broken, desktop.broken]).toEqual([[], []])
  })
})
