import { SKIPPED_CHARS_MAX, SKIPPED_NAMES_MAX } from '#protocol/limits.ts'

/** Says what of a folder or a batch can't be sent, beside its files: links, devices, what can't be read. */
export interface LeftOut {
  readonly skipped: number
  /** Some of their names. */
  readonly skippedNames?: readonly string[]
}

/** Returns what a person is told, here and on the other side, of things that can't be sent. */
export function leftOut(names: readonly string[], count = names.length): LeftOut {
  if (count === 0) return { skipped: 0 }
  const told = names.slice(0, SKIPPED_NAMES_MAX).map((name) => [...name].slice(0, SKIPPED_CHARS_MAX / 2).join(''))
  return { skipped: count, skippedNames: told }
}

/** Returns both as one. */
export const together = (one: LeftOut, other: LeftOut): LeftOut =>
  leftOut([...(one.skippedNames ?? []), ...(other.skippedNames ?? [])], one.skipped + other.skipped)

/** Says the same as a frame has it: nothing where there is nothing. */
export interface Said {
  readonly skipped?: number
  readonly skippedNames?: string[]
}

/** Returns what a frame or a view says of it; of a frame, the same without the rest of it. */
export const saidOf = ({ skipped, skippedNames }: Heard): Said =>
  skipped === undefined || skipped === 0 ? {} : { skipped, ...(skippedNames && { skippedNames: [...skippedNames] }) }

interface Heard {
  readonly skipped?: number | undefined
  readonly skippedNames?: readonly string[] | undefined
}
