import type { KeptTest, TestStep } from '#electron/app-state.ts'
import type { Words } from '#messages/words.ts'
import { m } from '#messages'

/** Bytes a second from which a connection is good for something: a photo at once, a film in minutes, what a cable does. */
export const NEEDS = [
  { bytes: 1_000_000, name: m.test_photos, good: m.test_good_photos },
  { bytes: 5_000_000, name: m.test_films, good: m.test_good_films },
  { bytes: 50_000_000, name: m.test_cable, good: m.test_good_cable },
] as const satisfies readonly { readonly bytes: number; readonly name: Words; readonly good: Words }[]

/** The picture's ends in bytes a second. Each tenfold is as wide as the others. */
const FROM = 100_000
const TO = 200_000_000

/** Returns where a pace is in the picture, in percent of its width. */
export function placeOf(bytesPerSecond: number): number {
  const place = Math.log(Math.max(FROM, bytesPerSecond) / FROM) / Math.log(TO / FROM)
  return Math.round(Math.min(1, place) * 1_000) / 10
}

/** The slower way of the faster lane, in bytes a second: what a person can rely on. */
export const paceOf = ({ lanes }: KeptTest): number => Math.max(0, ...lanes.map((one) => Math.min(one.out, one.in)))

/** What the connection is good for, in one sentence. */
export function goodFor(test: KeptTest): string {
  const reached = NEEDS.filter(({ bytes }) => paceOf(test) >= bytes).at(-1)
  return reached === undefined ? m.test_good_little() : reached.good()
}

const DOES = {
  'round-trip': m.test_step_trip,
  out: m.test_step_out,
  in: m.test_step_in,
} satisfies Record<TestStep['what'], Words>

/** What is measured just now. */
export const stepText = ({ what }: TestStep): string => DOES[what]()
