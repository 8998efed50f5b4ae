import type { Locale } from '#messages/runtime'
import { TIME_MS_MAX } from '#protocol/limits.ts'

/** Numbers for people, in their language. Decimal units (1 MB = 1,000,000 bytes), as phones and most systems count. */

const formats = new Map<string, Pick<Intl.NumberFormat, 'format'>>()

/** Where the browser has no units, or no numbers of any language. */
const plain = (name: string, digits: number): Pick<Intl.NumberFormat, 'format'> => ({
  format: (amount) => `${Number(amount).toFixed(digits)} ${name.replace('-per-', '/')}`,
})

function unit(
  locale: Locale,
  name: string,
  display: 'short' | 'long' | 'narrow',
  digits: number,
): Pick<Intl.NumberFormat, 'format'> {
  const key = `${locale} ${name} ${digits}`
  const known = formats.get(key)
  if (known !== undefined) return known
  const made = numbers(locale, name, display, digits)
  formats.set(key, made)
  return made
}

/** What is counted somewhere else may be no number at all: it is shown as none, and never costs the row it is in. */
const finite = (value: number): number => (Number.isFinite(value) ? value : 0)

function numbers(
  locale: Locale,
  unit: string,
  unitDisplay: 'short' | 'long' | 'narrow',
  digits: number,
): Pick<Intl.NumberFormat, 'format'> {
  try {
    return new Intl.NumberFormat(locale, {
      style: 'unit',
      unit,
      unitDisplay,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    })
  } catch {
    return plain(unit, digits)
  }
}

export const formatNumber = (value: number, locale: Locale): string => finite(value).toLocaleString(locale)

const STEPS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** Three digits or so: 999 bytes, 9.8 kB, 12 kB, 1.4 GB. */
function scaled(value: number): { amount: number; step: (typeof STEPS)[number]; digits: number } {
  let amount = Math.max(0, finite(value))
  let at = 0
  // 999.5 and more would read 1000 of the smaller unit.
  while (amount >= 999.5 && at < STEPS.length - 1) {
    amount /= 1000
    at++
  }
  const digits = at === 0 || amount >= 99.95 || (at === 1 && amount >= 9.95) ? 0 : 1
  return { amount, step: STEPS[at] ?? 'byte', digits }
}

export function formatBytes(bytes: number, locale: Locale): string {
  const { amount, step, digits } = scaled(bytes)
  return unit(locale, step, step === 'byte' ? 'long' : 'short', digits).format(amount)
}

export function formatSpeed(bytesPerSecond: number, locale: Locale): string {
  const { amount, step, digits } = scaled(bytesPerSecond)
  // "12 byte/s" is what English has for the short form.
  const display = step === 'byte' ? 'narrow' : 'short'
  return unit(locale, `${step}-per-second`, display, digits).format(amount)
}

const MINUTE = 60
const HOUR = 60 * MINUTE

/** Rounded so that it does not twitch: seconds below a minute, then minutes, then hours and minutes. */
export function formatDuration(seconds: number, locale: Locale): string {
  const part = (name: 'second' | 'minute' | 'hour', amount: number): string =>
    unit(locale, name, 'short', 0).format(amount)
  const exact = Math.max(1, Math.ceil(finite(seconds)))
  const whole = exact <= 10 ? exact : Math.ceil(exact / 5) * 5
  if (whole < MINUTE) return part('second', whole)
  if (whole < HOUR) return part('minute', Math.ceil(whole / MINUTE))
  const minutes = Math.ceil(whole / MINUTE)
  const rest = minutes % 60
  const hours = part('hour', Math.floor(minutes / 60))
  return rest === 0 ? hours : `${hours} ${part('minute', rest)}`
}

/** Day and time in ms since 1970; '' for what no clock has. */
export const formatTime = (ms: number, locale: Locale): string =>
  Math.abs(ms) <= TIME_MS_MAX
    ? new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(ms)
    : ''

/** 0 to 100, whole; 100 only when everything is through. An empty file is through at once. */
export function percent(bytes: number, total: number): number {
  if (total <= 0) return 100
  return Math.min(100, Math.max(0, Math.floor(finite(bytes / total) * 100)))
}
