import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** One process as /proc tells of it (Linux alone has that). */
export interface Process {
  readonly pid: number
  readonly parent: number
  /** What it is for: a program's name, or of Chromium's the type it was started as. */
  readonly kind: string
  /** MB (10^6 bytes) that are in memory now; pages shared with others count in each. */
  readonly residentMB: number
  /** MB of its own: what nobody shares with it. */
  readonly ownMB: number
  /** Processor time until now, s. */
  readonly cpuSeconds: number
}

let ticks: number | undefined
const ticksPerSecond = (): number => (ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' })))

const MB_OF_KIB = 1024 / 1e6

/** Null: it is gone, or a zombie. */
export function processOf(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return null
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    return {
      pid,
      parent: Number(fields[1]),
      kind: kindOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/)),
      residentMB: kib('VmRSS') * MB_OF_KIB,
      ownMB: kib('RssAnon') * MB_OF_KIB,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond(),
    }
  } catch {
    return null
  }
}

function kindOf(command: readonly string[]): string {
  const valueOf = (name: string): string | undefined =>
    command.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3)
  const type = valueOf('type')
  if (type === undefined) return 'main'
  return valueOf('utility-sub-type')?.split('.')[0] ?? type
}

/** The process and all that it has started, directly or not. */
export function treeOf(root: number): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processOf(Number(name)) ?? [])
  const tree = all.filter(({ pid }) => pid === root)
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid))
  return tree
}
