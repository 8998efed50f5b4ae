/** What stands in the place of what was blacked out, by its kind. */
type Mark = '[link]' | '[address]' | '[path]' | '[secret]' | '[name]'

/** Shorter names would black out parts of ordinary words. */
const NAME_CHARS_MIN = 3
/** Names that are known at once: more than there are phones. */
const NAMES_MAX = 512

const PATTERNS: readonly (readonly [RegExp, Mark])[] = [
  // First what contains the others.
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>“”‘’)]*/giu, '[link]'],
  // What is quoted is a name or what somebody has said; to the last quote of the line, as a name may hold one.
  [/“.*”|".*"|‘.*’|(?<![\p{L}\p{N}])'.*'(?![\p{L}\p{N}])|«.*»|`.*`/gu, '[name]'],
  // Nobody can tell where a path with spaces ends.
  [/(?<![\p{L}\p{N}])(?:[a-z]:[\\/]|\\\\|~[\\/]|\.{0,2}\/)\S.*/giu, '[path]'],
  [/\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5,}\b/giu, '[address]'],
  [/(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:\/\d{1,2})?(?![\w.])/gu, '[address]'],
  [/(?<![\p{L}\p{N}:])(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){7})[0-9a-f:]+(?:%[\w.-]+)?(?![\p{L}\p{N}])/giu, '[address]'],
  [/[^\s@<>]+@[^\s@<>]+/gu, '[address]'],
  [/(?<![\w.-])(?:[a-z0-9-]+\.)+(?:local|lan|home|localdomain|internal)\b\.?/giu, '[address]'],
  [/(?<![\w-])(?=[\w+/-]*\d)(?=[\w+/-]*[a-z])[\w+/-]{16,}={0,2}(?![\w-])/giu, '[secret]'],
]

/** A place in the program, as a stack has it: its file is ours, its folder is not. */
const PLACE = /\([^()]*[\\/]([\w.-]+\.[cm]?js:\d+:\d+)\)|(?<= )[^\s()]*[\\/]([\w.-]+\.[cm]?js:\d+:\d+)$/gu

/**
 * Blacks out of a line what must not leave this computer: links, addresses, paths, secrets and names. Rather too much than
 * too little: a line tells what went wrong, not whose.
 */
export class Redactor {
  readonly #names = new Set<string>()
  #pattern: RegExp | null = null

  /** `names`: of this computer and its user, and folders. */
  constructor(names: readonly string[] = []) {
    for (const name of names) this.hide(name)
  }

  /** Blacks this name out from now on, wherever it stands. */
  hide(name: string): void {
    const trimmed = name.trim()
    if (trimmed.length < NAME_CHARS_MIN || this.#names.has(trimmed)) return
    this.#names.add(trimmed)
    const [oldest] = this.#names
    if (this.#names.size > NAMES_MAX && oldest !== undefined) this.#names.delete(oldest)
    this.#pattern = null
  }

  redact(text: string): string {
    return text
      .split('\n')
      .map((line) => this.#line(line))
      .join('\n')
  }

  #line(text: string): string {
    let line = text
    // Names first: one may hold what looks like a piece of a path.
    if (this.#names.size > 0) line = line.replace((this.#pattern ??= anyOf(this.#names)), '[name]')
    line = line.replace(PLACE, '($1$2)')
    for (const [pattern, mark] of PATTERNS) line = line.replace(pattern, mark)
    return line
  }
}

/** Finds the longest first, so that no rest of a longer name stays. */
function anyOf(names: ReadonlySet<string>): RegExp {
  const longest = [...names].sort((a, b) => b.length - a.length)
  return new RegExp(longest.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'giu')
}
