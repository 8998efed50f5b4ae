import { expect, test } from 'vitest'
import type { HandOut } from './sender.ts'
import { connect, until } from './testing/ends.ts'
import { bytesOf, MemorySource } from './testing/quick.ts'
import { MemoryLane } from './testing/lanes.ts'

/** A page that can hold nothing, and a desktop whose hub gives files out. */
function fetching() {
  const given: Parameters<HandOut>[1][] = []
  const handOut: HandOut = (_, events) => {
    given.push(events)
    return { path: `/d/${'a'.repeat(43)}`, stop: () => undefined }
  }
  const ends = connect({}, { ports: { mustFetch: () => true } }, { ports: { handOut } })
  const id = ends.desktop.session.send(new MemorySource('film', bytesOf(1_000)))
  /** The lane is lost, `meanwhile` happens, and there is another. */
  const without = async (meanwhile: () => void): Promise<void> => {
    ends.phone.lane.close()
    await until('closed', () => ends.desktop.lane.closed)
    meanwhile()
    const [a, b] = MemoryLane.pair()
    ends.phone.join(a)
    ends.desktop.join(b)
  }
  return { ...ends, id, given, without }
}

test('a download that was taken whole while there was no lane has ended well on both sides', async () => {
  const { phone, desktop, id, given, without } = fetching()
  await until('offered there', () => phone.told.last(id)?.at !== undefined)
  await without(() => given[0]?.over())
  for (const end of [phone, desktop]) expect(await end.told.end(id)).toMatchObject({ state: 'done', proof: 'browser' })
  // Once more for nothing: the page has heard it.
  await without(() => undefined)
  await until('back', () => phone.peers.length === 3)
  expect([phone.broken, desktop.broken, phone.told.afterEnd]).toEqual([[], [], []])
})

test('one that was called off while there was no lane is cancelled on both sides', async () => {
  const { phone, desktop, id, without } = fetching()
  await until('offered there', () => phone.told.last(id)?.at !== undefined)
  await without(() => {
    desktop.session.cancel(id)
  })
  for (const end of [phone, desktop]) expect((await end.told.end(id)).state).toBe('cancelled')
})
