import { describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { LaneChoice } from './lane-choice.ts'
import type { Lane } from './lane.ts'
import { laneOf } from './testing/lane-world.ts'

/** What it does over time is in lane-simulation.test.ts. */

/** A choice between lanes, in a time of its own. */
function choiceOf(...lanes: Lane[]) {
  const clock = { now: 0 }
  const led: string[] = []
  const choice = new LaneChoice(
    () => lanes,
    { onLead: () => led.push(choice.leader?.kind ?? ''), onGave: () => undefined },
    () => clock.now,
  )
  /** Sends so many blocks over the lane, one after the other. */
  const deliver = (lane: Lane, blocks: number, ms: number): void => {
    for (let i = 0; i < blocks; i++) {
      choice.gave(lane, BLOCK_BYTES)
      clock.now += ms
      choice.acked(lane, BLOCK_BYTES)
    }
  }
  return { choice, clock, lanes, led, deliver }
}

const wanting = (choice: LaneChoice, lanes: readonly Lane[], bytes = BLOCK_BYTES): Lane[] =>
  lanes.filter((lane) => choice.wants(lane, bytes, 100))

describe('which lane leads', () => {
  test('the one that is there; of two of which nothing is known the socket; of those that are open what was found', () => {
    const [direct, socket] = [laneOf('webrtc'), laneOf('socket')]
    const { choice, lanes, deliver } = choiceOf()
    expect([choice.leader, choice.ranked]).toEqual([null, []])
    lanes.push(direct)
    expect(choice.leader).toBe(direct)
    lanes.push(socket)
    expect(choice.ranked).toEqual([socket, direct])
    lanes.pop()
    deliver(direct, 3, 100)
    lanes.push(socket)
    expect(choice.ranked).toEqual([direct, socket])
    lanes.splice(0, 1)
    expect(choice.leader).toBe(socket)
    const again = laneOf('webrtc')
    lanes.push(again)
    expect(choice.leader).toBe(again)
  })

  test('a wish is kept whatever is faster, and nothing is tried; without such a lane the other will do', () => {
    const [direct, socket] = [laneOf('webrtc'), laneOf('socket')]
    const { choice, clock, lanes, deliver } = choiceOf(direct, socket)
    choice.wish = 'webrtc'
    deliver(direct, 20, 500)
    clock.now += 60_000
    for (const left of [0, 100]) expect(choice.wants(socket, BLOCK_BYTES, left)).toBe(false)
    expect(wanting(choice, lanes)).toEqual([direct])
    lanes.splice(0, 1)
    expect(wanting(choice, lanes)).toEqual([socket])
  })
})

describe('a look at the other lane', () => {
  test('is had at once by a socket that has just opened, and is one block', () => {
    const [direct, socket] = [laneOf('webrtc'), laneOf('socket')]
    const { choice, lanes, deliver } = choiceOf(direct)
    deliver(direct, 4, 200)
    lanes.push(socket)
    choice.gave(direct, BLOCK_BYTES)
    expect(wanting(choice, lanes)).toEqual([direct, socket])
    choice.gave(socket, BLOCK_BYTES)
    expect(choice.wants(socket, BLOCK_BYTES, 100)).toBe(false)
  })

  test('that comes back while the leading lane stands still begins a race; who wins it leads, and it is told', () => {
    const [direct, socket] = [laneOf('webrtc'), laneOf('socket')]
    const { choice, clock, lanes, led, deliver } = choiceOf(direct)
    deliver(direct, 8, 50)
    lanes.push(socket)
    choice.gave(direct, BLOCK_BYTES)
    clock.now += 800
    choice.gave(socket, BLOCK_BYTES)
    clock.now += 40
    choice.acked(socket, BLOCK_BYTES)
    expect([wanting(choice, lanes), choice.leader]).toEqual([[direct, socket], direct])
    deliver(socket, 3, 40)
    expect([choice.leader, led]).toEqual([socket, ['socket']])
  })

  test('costs nothing where the leading lane has delivered clearly more meanwhile', () => {
    const [direct, socket] = [laneOf('webrtc'), laneOf('socket')]
    const { choice, lanes, led, deliver } = choiceOf(direct)
    deliver(direct, 8, 50)
    lanes.push(socket)
    choice.gave(socket, BLOCK_BYTES)
    deliver(direct, 10, 50)
    expect(choice.wants(socket, BLOCK_BYTES, 100)).toBe(false)
    choice.acked(socket, BLOCK_BYTES)
    expect([choice.leader, led, choice.wants(socket, BLOCK_BYTES, 100)]).toEqual([direct, [], false])
  })

  describe('in the first file after a rest', () => {
    const rested = (...lanes: [Lane, Lane]) => {
      const [direct, socket] = lanes
      const stage = choiceOf(direct)
      stage.deliver(direct, 30, 50)
      stage.lanes.push(socket)
      stage.choice.gave(socket, BLOCK_BYTES)
      stage.deliver(direct, 10, 50)
      stage.choice.acked(socket, BLOCK_BYTES)
      stage.deliver(direct, 5, 50)
      expect(stage.choice.wants(socket, BLOCK_BYTES, 100)).toBe(false)
      stage.clock.now += 20_000
      return { ...stage, isLookedAt: (left: number) => stage.choice.wants(socket, BLOCK_BYTES, left) }
    }

    test('is had early where the leading lane is not what it was before', () => {
      const [direct, socket] = [laneOf('webrtc'), laneOf('socket')]
      const { deliver, isLookedAt } = rested(direct, socket)
      deliver(direct, 3, 150)
      expect(isLookedAt(4)).toBe(false)
      deliver(direct, 1, 150)
      expect(isLookedAt(4)).toBe(true)
    })

    test('is had late where it is, and not by a file that is nearly over', () => {
      const [direct, socket] = [laneOf('webrtc'), laneOf('socket')]
      const { deliver, isLookedAt } = rested(direct, socket)
      deliver(direct, 12, 50)
      expect(isLookedAt(100)).toBe(false)
      deliver(direct, 10, 50)
      expect([isLookedAt(4), isLookedAt(100)]).toEqual([false, true])
    })
  })

  test('is not had near the end of the last file, unless the leading lane stands still', () => {
    const [direct, socket] = [laneOf('webrtc'), laneOf('socket')]
    const { choice, clock, lanes, deliver } = choiceOf(direct)
    deliver(direct, 8, 50)
    lanes.push(socket)
    choice.gave(direct, BLOCK_BYTES)
    expect([choice.wants(socket, BLOCK_BYTES, 1), choice.wants(socket, BLOCK_BYTES, Infinity)]).toEqual([false, true])
    clock.now += 800
    expect(choice.wants(socket, BLOCK_BYTES, 0)).toBe(true)
  })

  test('is not had with small blocks, which go where the large ones go and say nothing', () => {
    const [direct, socket] = [laneOf('webrtc'), laneOf('socket')]
    const { choice, lanes, deliver } = choiceOf(direct)
    deliver(direct, 3, 100)
    lanes.push(socket)
    expect(wanting(choice, lanes, 1_000)).toEqual([direct])
    for (let i = 0; i < 100; i++) choice.gave(direct, 1_000)
    expect(choice.wants(direct, 1_000, 0)).toBe(true)
  })
})

test('a lane has so much on its way as it delivers in a moment: few blocks while it is slow', () => {
  const held = (msForBlock: number): number => {
    const [only] = [laneOf('webrtc')]
    const { choice, deliver } = choiceOf(only)
    deliver(only, 10, msForBlock)
    let blocks = 0
    while (choice.wants(only, BLOCK_BYTES, 100)) {
      choice.gave(only, BLOCK_BYTES)
      blocks++
    }
    return blocks
  }
  expect([held(1_000), held(200), held(10)]).toEqual([3, 6, 6])
})
