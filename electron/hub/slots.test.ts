import fc from 'fast-check'
import { expect, test } from 'vitest'
import { otherRole, type Role } from '#protocol/hub-events.ts'
import { Slots, type Place } from '#hub/slots.ts'

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

test('places, holders and peers always tell the same story', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const slots = new Slots<Someone>()
      const truth = new Map<Someone, Place>()
      for (const { who, uid, role, leaves } of steps) {
        const before = slots.holder({ uid, role })
        if (before !== undefined) truth.delete(before)
        if (before !== undefined) slots.release(before)
        truth.delete(who)
        slots.release(who)
        if (!leaves) truth.set(who, { uid, role })
        if (!leaves) slots.hold(who, { uid, role })
      }
      expect(slots.count).toBe(new Set([...truth.values()].map(({ uid }) => uid)).size)
      for (const who of PEOPLE) {
        const place = truth.get(who)
        const peer = [...truth].find(([, at]) => at.uid === place?.uid && at.role === otherRole(place.role))?.[0]
        expect(slots.placeOf(who)).toEqual(place)
        expect(slots.peerOf(who)).toBe(peer)
      }
      for (const who of PEOPLE) slots.release(who)
      expect(slots.count).toBe(0)
    }),
  )
})
