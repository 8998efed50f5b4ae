import fc from 'fast-check'
import { expect, test } from 'vitest'
import { otherRole, type Role } from '#protocol/hub-events.ts'
import { Seats, type Seat } from './seats.ts'

interface Someone {
  readonly n: number
}
const PEOPLE: readonly Someone[] = Array.from({ length: 5 }, (_, n) => ({ n }))

const step = fc.record({
  who: fc.constantFrom(...PEOPLE),
  uid: fc.constantFrom('a', '__proto__', 'constructor'),
  role: fc.constantFrom<Role>(0, 1),
  leaves: fc.boolean(),
})

test('seats, holders and peers always tell the same story', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const seats = new Seats<Someone>()
      const truth = new Map<Someone, Seat>()
      for (const { who, uid, role, leaves } of steps) {
        const before = seats.holder({ uid, role })
        if (before !== undefined) truth.delete(before)
        if (before !== undefined) seats.release(before)
        truth.delete(who)
        seats.release(who)
        if (!leaves) truth.set(who, { uid, role })
        if (!leaves) seats.hold(who, { uid, role })
      }
      expect(seats.count).toBe(new Set([...truth.values()].map(({ uid }) => uid)).size)
      for (const who of PEOPLE) {
        const seat = truth.get(who)
        const peer = [...truth].find(([, at]) => at.uid === seat?.uid && at.role === otherRole(seat.role))?.[0]
        expect(seats.seatOf(who)).toEqual(seat)
        expect(seats.peerOf(who)).toBe(peer)
      }
      for (const who of PEOPLE) seats.release(who)
      expect(seats.count).toBe(0)
    }),
  )
})
