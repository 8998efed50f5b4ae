import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { LaneChoice } from './lane-choice.ts'
import type { Lane, LaneKind } from './lane.ts'

const laneOf = (kind: LaneKind): Lane => ({
  kind,
  maxMessage: BLOCK_BYTES,
  send: () => undefined,
  ready: () => Promise.resolve(),
  listen: () => undefined,
  close: () => undefined,
})

/** Sends blocks over lanes of so many bytes a millisecond, as credit allows, in a time of its own. */
class Road {
  now = 0
  readonly choice = new LaneChoice(() => this.now)
  readonly sent: { readonly lane: Lane; readonly at: number }[] = []
  readonly #lanes: ReadonlyMap<Lane, number>
  readonly #under: { readonly lane: Lane; readonly at: number; readonly bytes: number }[] = []
  readonly #freeAt = new Map<Lane, number>()

  constructor(...lanes: readonly (readonly [Lane, number])[]) {
    this.#lanes = new Map(lanes)
  }

  run(blocks: number, bytes = BLOCK_BYTES): void {
    for (let i = 0; i < blocks; i++) {
      while (this.#under.reduce((sum, one) => sum + one.bytes, bytes) > CREDIT_BYTES) this.#nextAck()
      const lane = this.choice.pick([...this.#lanes.keys()], bytes)!
      // A lane of no pace is silent: what it was given is never acknowledged.
      const at = Math.max(this.now, this.#freeAt.get(lane) ?? 0) + bytes / this.#lanes.get(lane)!
      this.#freeAt.set(lane, at)
      this.sent.push({ lane, at: this.now })
      this.#under.push({ lane, at, bytes })
    }
  }

  /** All arrives, and nothing is sent for so many milliseconds. */
  rest(ms: number): void {
    while (this.#under.length > 0) this.#nextAck()
    this.now += ms
  }

  #nextAck(): void {
    this.#under.sort((a, b) => (a.at < b.at ? -1 : 1))
    const first = this.#under.shift()!
    this.now = Math.max(this.now, first.at)
    this.choice.acked(first.lane, first.bytes)
  }
}

const MIB_PER_MS = BLOCK_BYTES / 1000

describe('of two lanes', () => {
  test.each([
    ['the first', 40, 15],
    ['the second', 15, 40],
    ['the first, and both are slow', 3, 1],
    ['the second, and both are slow', 1, 3],
    ['the second, and both are very fast', 400, 900],
  ])('%s is faster: it has all bytes after five blocks of each, or a second', (_, one, two) => {
    const [a, b] = [laneOf('webrtc'), laneOf('socket')]
    const road = new Road([a, one * MIB_PER_MS], [b, two * MIB_PER_MS])
    road.run(120)
    const faster = one > two ? a : b
    const slower = road.sent.filter(({ lane }) => lane !== faster)
    expect(slower.length).toBeGreaterThan(0)
    expect(slower.length).toBeLessThanOrEqual(8)
    // While nothing has been acknowledged nothing is known: that bounds a choice on a road that takes seconds for a block.
    if (Math.min(one, two) > 10) expect(slower.at(-1)!.at).toBeLessThan(1_000)
    expect(new Set(road.sent.slice(-80).map(({ lane }) => lane))).toEqual(new Set([faster]))
  })

  test('one says nothing: the other has all that is not stuck there', () => {
    for (const silent of [0, 1]) {
      const lanes = [laneOf('webrtc'), laneOf('socket')] as const
      const road = new Road([lanes[0], silent === 0 ? 0 : 20_000], [lanes[1], silent === 1 ? 0 : 20_000])
      road.run(60)
      expect(road.sent.filter(({ lane }) => lane === lanes[silent]).length).toBeLessThanOrEqual(5)
    }
  })

  test('one has its turn late, as the other was slow to take its blocks: it is waited for', () => {
    const [slow, fast] = [laneOf('webrtc'), laneOf('socket')]
    let now = 0
    const choice = new LaneChoice(() => now)
    const pick = (at: number): Lane | null => {
      now = at
      return choice.pick([slow, fast], BLOCK_BYTES)
    }
    for (const at of [0, 0, 200, 340]) expect(pick(at)).toBe(slow)
    for (const at of [400, 600]) choice.acked(slow, ((now = at), BLOCK_BYTES))
    expect(pick(850)).toBe(fast)
    expect(pick(860)).toBe(fast)
    choice.acked(fast, ((now = 890), BLOCK_BYTES))
    // By now one had to be chosen, and only the slow one was known.
    pick(905)
    choice.acked(fast, ((now = 910), BLOCK_BYTES))
    for (let at = 920; at < 1_000; at += 10) expect(pick(at)).toBe(fast)
    expect(choice.settled([slow, fast])).toBe(fast)
  })

  test('one stands still and then brings several blocks at once: that is not its pace', () => {
    const [fast, stalls] = [laneOf('webrtc'), laneOf('socket')]
    let now = 0
    const choice = new LaneChoice(() => now)
    const acks = (at: number, ...lanes: Lane[]): void => {
      now = at
      for (const lane of lanes) choice.acked(lane, BLOCK_BYTES)
    }
    for (let i = 0; i < 5; i++) expect(choice.pick([fast, stalls], BLOCK_BYTES)).toBe(fast)
    for (let i = 1; i <= 5; i++) acks(i * 50, fast)
    for (let i = 0; i < 2; i++) expect(choice.pick([fast, stalls], BLOCK_BYTES)).toBe(stalls)
    acks(1_300, stalls, stalls)
    choice.pick([fast, stalls], BLOCK_BYTES)
    expect(choice.settled([fast, stalls])).toBe(fast)
  })

  test.each([1, 2, 4])(
    'a small file had the first lane for %i blocks, long ago: the other is tried all the same',
    (blocks) => {
      const [slow, fast] = [laneOf('webrtc'), laneOf('socket')]
      const road = new Road([slow, 10 * MIB_PER_MS], [fast, 100 * MIB_PER_MS])
      road.run(blocks)
      expect(new Set(road.sent.map(({ lane }) => lane))).toEqual(new Set([slow]))
      road.rest(10_000)
      road.run(40)
      expect(road.choice.settled([slow, fast])).toBe(fast)
      expect(road.sent.slice(-25).every(({ lane }) => lane === fast)).toBe(true)
    },
  )

  test('small blocks go over the first and decide nothing', () => {
    const [a, b] = [laneOf('webrtc'), laneOf('socket')]
    const road = new Road([a, 10_000], [b, 100_000])
    road.run(500, 1_000)
    expect(new Set(road.sent.map(({ lane }) => lane))).toEqual(new Set([a]))
    road.run(100)
    expect(road.sent.at(-1)!.lane).toBe(b)
    road.run(3, 1_000)
    expect(road.sent.at(-1)!.lane).toBe(b)
  })

  test('what was found holds for the next lane of that kind; alone, either has all', () => {
    const [a, b] = [laneOf('webrtc'), laneOf('socket')]
    const road = new Road([a, 10_000], [b, 50_000])
    road.run(60)
    expect(road.choice.pick([a], BLOCK_BYTES)).toBe(a)
    const again = laneOf('socket')
    expect(road.choice.pick([a, again], BLOCK_BYTES)).toBe(again)
    expect(road.choice.pick([], BLOCK_BYTES)).toBeNull()
  })

  test('a wish is kept, whatever is faster; without such a lane the other will do', () => {
    const [a, b] = [laneOf('webrtc'), laneOf('socket')]
    for (const wish of ['webrtc', 'socket'] as const) {
      const choice = new LaneChoice(() => 0)
      choice.wish = wish
      const wished = wish === 'webrtc' ? a : b
      for (let i = 0; i < 20; i++) expect(choice.pick([a, b], BLOCK_BYTES)).toBe(wished)
      for (const only of [a, b]) expect(choice.pick([only], BLOCK_BYTES)).toBe(only)
    }
  })
})
