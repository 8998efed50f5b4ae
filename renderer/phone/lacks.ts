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
  return hasSockets() ? null : 'no-socket'
}

/** A browser that refuses this page its sockets does so before it looks at the address, which none may have. */
function hasSockets(): boolean {
  try {
    new WebSocket('ws://localhost/#none').close()
    return true
  } catch (error) {
    return error instanceof DOMException && error.name === 'SyntaxError'
  }
}
