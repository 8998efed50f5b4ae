import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { TransferView } from './transfer-view.ts'
import { connect, until, type End } from './testing/ends.ts'
import { bytesOf, hexHash, memoryHash, MemorySource } from './testing/quick.ts'
import { nextTask, type LaneOptions } from './testing/lanes.ts'

const LANE: LaneOptions = { maxMessage: 65_536 }
const PHASES = ['queued', 'waiting', 'sending', 'checking'] as const
type Side = 'sender' | 'receiver' | 'both'

/** Nothing is left of any transfer: no open sink, no open source, none that is still moving, no news after an end. */
async function nothingLeft(ends: { phone: End; desktop: End }, sources: readonly MemorySource[]): Promise<void> {
  const { phone, desktop } = ends
  await until('quiet', () => phone.told.moving.length === 0 && desktop.told.moving.length === 0)
  await until('sinks closed', () => [...phone.sinks, ...desktop.sinks].every((sink) => sink.state !== 'open'))
  await until('sources closed', () => sources.every((source) => source.opened === source.closed))
  expect([phone.told.afterEnd, desktop.told.afterEnd]).toEqual([[], []])
}

/** The next file goes through in both directions: neither end keeps a place for what has ended. */
async function stillWorks({ phone, desktop }: { phone: End; desktop: End }): Promise<void> {
  for (const [from, to] of [
    [phone, desktop],
    [desktop, phone],
  ] as const)
    // prettier-ignore
    expect((await to.told.end(from.session.send(new MemorySource('after', bytesOf(5))))).state).toBe('done')
}

describe.each(['sender', 'receiver', 'both'] as const)('E88: cancelled by %s', (side: Side) => {
  test.each(PHASES)('while it is %s', async (phase) => {
    // The receiver takes its time, so that each phase lasts.
    const slowly = async () => {
      for (let i = 0; i < 5; i++) await nextTask()
    }
    let check = (): void => undefined
    const checked = new Promise<void>((resolve) => (check = resolve))
    const hashLate = async (bytes: Uint8Array<ArrayBuffer>) => {
      await checked
      return memoryHash(bytes)
    }
    const ends = connect(LANE, {}, { beforeWrite: slowly, ...(phase === 'checking' && { sha256: hashLate }) })
    const { phone, desktop } = ends
    const sources = [
      new MemorySource('before', bytesOf(phase === 'queued' ? 3 * BLOCK_BYTES : 0)),
      new MemorySource('it', bytesOf(3 * BLOCK_BYTES)),
    ]
    if (phase === 'queued') phone.session.send(sources[0]!)
    const id = phone.session.send(sources[1]!)
    await phone.told.phase(id, phase)
    const known = desktop.told.all.some((view) => view.id === id)
    if (side !== 'receiver' || !known) phone.session.cancel(id)
    if (side !== 'sender' && known) desktop.session.cancel(id)
    // A cancel that is still under way when the last hash is there comes too late.
    for (let i = 0; i < 5; i++) await nextTask()
    check()
    expect(await phone.told.end(id)).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
    await nothingLeft(ends, sources)
    const there = desktop.told.ended.find((view) => view.id === id)
    if (known) expect(there).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
    if (phase === 'queued') {
      // It was offered ahead, so it may have been opened already.
      const states = desktop.sinks.map((sink) => `${sink.name} ${sink.state}`)
      expect(states.filter((state) => state !== 'it discarded')).toEqual(['before finished'])
    }
    await stillWorks(ends)
  })
})

describe('cancelling', () => {
  test('what is unknown or over does nothing', async () => {
    const { phone, desktop } = connect(LANE)
    const id = phone.session.send(new MemorySource('a', bytesOf(10)))
    await desktop.told.end(id)
    await phone.told.end(id)
    for (const end of [phone, desktop]) {
      end.session.cancel(id)
      end.session.cancel('0'.repeat(32))
    }
    await nextTask()
    expect([phone.told.ended, desktop.told.ended].map(([view]) => view?.state)).toEqual(['done', 'done'])
  })

  test('is too late once the file gets its name: then it is there, and both say so', async () => {
    const ends = connect(LANE)
    const { phone, desktop } = ends
    const id = phone.session.send(new MemorySource('a', bytesOf(10)))
    await until('a sink', () => desktop.sinks.length > 0)
    const sink = desktop.sinks[0]!
    const finish = sink.finish.bind(sink)
    sink.finish = () => {
      desktop.session.cancel(id)
      return finish()
    }
    expect((await desktop.told.end(id)).state).toBe('done')
    expect((await phone.told.end(id)).state).toBe('done')
  })

  test('comes through a lane that takes nothing more', async () => {
    const stuck = new Promise<void>(() => undefined)
    let frames = 0
    const pace = () => (++frames > 6 ? stuck : nextTask())
    const { phone } = connect({ ...LANE, pace, highMark: 100_000 })
    const source = new MemorySource('a', bytesOf(4 * BLOCK_BYTES))
    const id = phone.session.send(source)
    await phone.told.phase(id, 'sending')
    for (let i = 0; i < 20; i++) await nextTask()
    phone.session.cancel(id)
    expect((await phone.told.end(id)).state).toBe('cancelled')
    expect(source.closed).toBe(1)
  })

  test('a hundred times leaves no place taken', async () => {
    const ends = connect(LANE)
    const sources = Array.from({ length: 100 }, (_, i) => new MemorySource(`${i}`, bytesOf(BLOCK_BYTES, i)))
    for (const [i, source] of sources.entries()) {
      const id = ends.phone.session.send(source)
      await ends.phone.told.phase(id, PHASES[1 + (i % 2)]!)
      ;(i % 3 === 0 ? ends.phone : ends.desktop).session.cancel(id)
      ends.phone.session.cancel(id)
      await ends.phone.told.end(id)
    }
    await nothingLeft(ends, sources)
    await stillWorks(ends)
  })
})

describe('the lane breaks', () => {
  const outcome = fc.record({
    breakAfter: fc.integer({ min: 1, max: 120 }),
    files: fc.array(fc.integer({ min: 0, max: 2 * BLOCK_BYTES }), { minLength: 1, maxLength: 6 }),
    both: fc.boolean(),
  })

  test('anywhere: every transfer waits, and ends with the session; "done" means whole, nothing is left open', async () => {
    await fc.assert(
      fc.asyncProperty(outcome, async ({ breakAfter, files, both }) => {
        const ends = connect({ ...LANE, breakAfter })
        const { phone, desktop } = ends
        const sources = files.map((size, i) => new MemorySource(`${i}`, bytesOf(size, i)))
        for (const [i, source] of sources.entries()) (both && i % 2 === 1 ? desktop : phone).session.send(source)
        await Promise.race([
          until('the break', () => phone.lane.closed && desktop.lane.closed),
          until('all done', () => phone.told.ended.length === files.length && phone.told.moving.length === 0),
        ])
        for (const view of [...phone.told.ended, ...desktop.told.ended]) expect(view.state).toBe('done')
        if (phone.lane.closed)
          for (const view of [...phone.told.moving, ...desktop.told.moving])
            expect(view).toMatchObject({ phase: 'paused', paused: 'away' })
        for (const end of [phone, desktop]) end.session.end('connection-lost')
        await nothingLeft(ends, sources)
        for (const view of [...phone.told.ended, ...desktop.told.ended]) check(view)
        for (const sink of desktop.sinks) {
          const sent = sources.find(({ name }) => name === sink.name)
          if (sink.state === 'finished') expect(sink.sha256).toBe(hexHash(sent!.bytes))
        }
      }),
      { numRuns: 40 },
    )
  })

  function check(view: TransferView): void {
    if (view.state === 'done') expect(view.bytes).toBe(view.total)
    else expect(view).toMatchObject({ state: 'failed', reason: 'connection-lost' })
  }
})

describe('in any order', () => {
  const action = fc.oneof(
    fc.record({ do: fc.constant('send' as const), desktop: fc.boolean(), size: fc.integer({ min: 0, max: 300_000 }) }),
    fc.record({ do: fc.constant('cancel' as const), desktop: fc.boolean(), which: fc.nat(20) }),
    fc.record({ do: fc.constant('wait' as const), tasks: fc.integer({ min: 0, max: 12 }) }),
  )

  test('sending, cancelling and waiting never leaves anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 40 }), async (actions) => {
        const ends = connect(LANE)
        const sources: MemorySource[] = []
        const ids: string[] = []
        for (const [i, act] of actions.entries()) {
          if (act.do === 'send') {
            const source = new MemorySource(`${i}`, bytesOf(act.size, i))
            sources.push(source)
            ids.push((act.desktop ? ends.desktop : ends.phone).session.send(source))
          } else if (act.do === 'cancel') (act.desktop ? ends.desktop : ends.phone).session.cancel(ids[act.which] ?? '')
          else for (let t = 0; t < act.tasks; t++) await nextTask()
        }
        await nothingLeft(ends, sources)
        await stillWorks(ends)
      }),
      { numRuns: 40 },
    )
  })
})
