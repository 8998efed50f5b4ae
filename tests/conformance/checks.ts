/** One thing that an implementation must do, and where the text says so. */
export interface Check<On> {
  /** For `--only`, and the report. */
  readonly name: string
  /** Of protocol/README.md. */
  readonly section: string
  /** What is looked at, in one line. */
  readonly about: string
  /** Only the program of one scene is run together: what one check leaves behind is there for the next of them. */
  readonly run: (on: On) => Promise<void>
}

export interface Result {
  readonly name: string
  readonly section: string
  readonly outcome: 'pass' | 'fail' | 'skip'
  /** Why it failed or was left out. */
  readonly why: string
}

/** The program under test does not offer what the check is about, and need not. */
export class LeftOut extends Error {}

/** Why a connection ended that nobody has closed. */
export const NETWORK_FAILED = 'the connection failed'
/** Times that a check is run whose connection failed. */
const TRIES = 3

/** Throws what the report says. */
export function must(holds: boolean, why: string): asserts holds {
  if (!holds) throw new Error(why)
}

/** Runs one check after the other. `tell` hears of each at once. */
export async function runChecks<On>(
  checks: readonly Check<On>[],
  on: On,
  tell: (result: Result) => void,
): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const { name, section, run } of checks) {
    const failed = await tried(() => run(on))
    const outcome = failed === null ? 'pass' : failed instanceof LeftOut ? 'skip' : 'fail'
    const why = failed?.message ?? ''
    const result: Result = { name, section, outcome, why }
    tell(result)
    results.push(result)
  }
  return results
}

/** Runs it, and again where the network failed meanwhile, which says nothing about anybody. Returns what it threw, or null. */
async function tried(run: () => Promise<void>): Promise<Error | null> {
  for (let left = TRIES; ; left--) {
    const failed = await run().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error('it threw what is no error')),
    )
    if (left === 1 || failed?.message.includes(NETWORK_FAILED) !== true) return failed
  }
}

/** Those of these names; all of them for no names. Throws for a name that there is not. */
export function choose<On>(checks: readonly Check<On>[], names: readonly string[]): readonly Check<On>[] {
  const unknown = names.filter((name) => !checks.some((check) => check.name === name))
  if (unknown.length > 0) throw new Error(`no such check: ${unknown.join(', ')}`)
  return names.length === 0 ? checks : checks.filter(({ name }) => names.includes(name))
}

/** One line for a person: outcome, name, section, and why. */
export const lineOf = ({ outcome, name, section, why }: Result): string =>
  `${outcome.padEnd(4)}  ${name.padEnd(28)} section ${section.padEnd(6)}${why === '' ? '' : ` ${why}`}`
