const LACKS = [
  /** Random numbers for keys. */
  'no-random',
  /** A way to speak to the hub. */
  'no-socket',
  /** Neither direct connections nor workers: no way for files. */
  'no-way',
] as const

/** What this page can't do without. The rest of what browsers have is made up for, or left out. */
export type Lack = (typeof LACKS)[number]

export const isLack = (why: string): why is Lack => LACKS.some((lack) => lack === why)

/** What is missing from the beginning. */
export function lackOf(): Lack | null {
  try {
    crypto.getRandomValues(new Uint8Array(1))
  } catch {
    return 'no-random'
  }
  return typeof WebSocket === 'undefined' ? 'no-socket' : null
}
