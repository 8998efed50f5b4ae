import * as v from 'valibot'
import { TIME_MS_MAX } from './limits.ts'

/** A moment in ms since 1970; 0 = not known, which is what a number that no clock has becomes. */
export const toTime = (ms: number): number => (Math.abs(ms) <= TIME_MS_MAX ? Math.round(ms) : 0)

/** A moment as it travels. One that no clock has is no reason to refuse what it belongs to. */
export const Time = v.pipe(v.number(), v.safeInteger(), v.transform(toTime))
