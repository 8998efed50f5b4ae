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
  /** Processor time until now, s: all, the program's own, and the kernel's for it. */
  readonly cpuSeconds: number
  readonly userSeconds: number
  readonly systemSeconds: number
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
    const [userSeconds, systemSeconds] = [Number(fields[11]) / ticksPerSecond(), Number(fields[12]) / ticksPerSecond()]
    const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    return {
      pid,
      parent: Number(fields[1]),
      kind: kindOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/)),
      residentMB: kib('VmRSS') * MB_OF_KIB,
      ownMB: kib('RssAnon') * MB_OF_KIB,
      cpuSeconds: userSeconds + systemSeconds,
      userSeconds,
      systemSeconds,
    }
  } catch {
    return null
  }
}

/** MB of a process, where a page that several have in memory counts as its part for each; 0 when it is gone. */
export function pssOf(pid: number): number {
  try {
    const [, kib] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
    return Number(kib ?? 0) * MB_OF_KIB
  } catch {
    return 0
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

/** Returns the phone's browser: what this process has started with pages in it and is none of the apps. */
export function browserPid(apps: readonly number[]): number {
  const all = treeOf(process.pid)
  const ours = new Set(apps.flatMap((app) => treeOf(app).map(({ pid }) => pid)))
  const page = all.find(({ kind, pid }) => kind === 'renderer' && !ours.has(pid))
  let at = page
  while (at !== undefined && at.parent !== process.pid) at = all.find(({ pid }) => pid === at?.parent)
  return at?.pid ?? 0
}
