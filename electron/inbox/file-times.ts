import type { BigIntStats, Stats } from 'node:fs'

/**
 * Times of files, in milliseconds since 1970. Many systems have a number for "none", and it travels as a date: 0 of Windows
 * (1601), of FAT and zip (1979), of old Macs (1904), of spreadsheets and network time (1899, 1900), the last second of 32
 * bits, or seconds that were taken for milliseconds, which fall into the first weeks of 1970. These are not known.
 */

/** No file is older, whatever was scanned into it. */
const EARLIEST_MS = Date.UTC(1800, 0, 1)
/** What FAT, exFAT and zip end at. */
const LATEST_MS = Date.UTC(2108, 0, 1) - 1
/** As many milliseconds as there are seconds in 32 bits, on either side of 1970. */
const SECONDS_MAX = 0xffff_ffff
const NONE = [
  Date.UTC(1904, 0, 1),
  Date.UTC(1899, 11, 30),
  Date.UTC(1900, 0, 1),
  Date.UTC(1979, 10, 30),
  SECONDS_MAX * 1_000,
]
/** Most of them are midnight of the clock on the wall, wherever that hangs. */
const ZONE_MS = 14 * 3_600_000
const isNone = (ms: number): boolean => NONE.some((none) => Math.abs(ms - none) <= ZONE_MS)

/** Returns the time, if it can be one; null = not known. */
export function knownTime(ms: number): number | null {
  const isTime = Number.isInteger(ms) && ms >= EARLIEST_MS && ms <= LATEST_MS
  return isTime && Math.abs(ms) > SECONDS_MAX && !isNone(ms) ? ms : null
}

const NS_PER_S = 1_000_000_000n

/**
 * Returns when a file of this disk was changed; 0 = not known. To the nearest millisecond, and the same for either kind of
 * numbers: systems write a time in steps of their own, and below the millisecond it is not the one that was given.
 */
export function timeOf(info: Pick<Stats, 'mtimeMs'> | Pick<BigIntStats, 'mtimeNs'>): number {
  return knownTime(Math.round('mtimeNs' in info ? asStats(info.mtimeNs) : info.mtimeMs)) ?? 0
}

/** Converts as Node does for numbers that are not BigInt. */
function asStats(ns: bigint): number {
  const seconds = (ns - (((ns % NS_PER_S) + NS_PER_S) % NS_PER_S)) / NS_PER_S
  return Number(seconds) * 1_000 + Number(ns - seconds * NS_PER_S) / 1_000_000
}

/** Milliseconds: FAT counts in steps of two seconds. */
const STEP_MS = 2_000

/** Returns whether two times are one on some disk. */
export const isSameTime = (a: number, b: number): boolean => Math.abs(a - b) <= STEP_MS

/** Every disk has times from here on, as they are; others get one of their own, or none. */
const EVERYWHERE_FROM_MS = Date.UTC(1980, 0, 2)
const EVERYWHERE_TO_MS = 0x7fff_ffff * 1_000

export const isKeptEverywhere = (ms: number): boolean => ms >= EVERYWHERE_FROM_MS && ms <= EVERYWHERE_TO_MS
