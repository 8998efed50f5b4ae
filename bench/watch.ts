import { setTimeout as delay } from 'node:timers/promises'
import { processOf, treeOf, type Process } from './processes.ts'

/** What the processes of one program took while something ran. */
export interface Taken {
  /** MB by kind of process, all of a kind together, at their worst; pages shared between processes count in each. */
  readonly peakMB: ReadonlyMap<string, number>
  /** MB of all processes' own memory: the peak, and how much that is above the start. */
  readonly ownMB: number
  readonly grownMB: number
  /** Processor time of all processes, s. */
  readonly cpuSeconds: number
  /** The same by kind of process. */
  readonly cpu: ReadonlyMap<string, ProcessorTime>
}

/** s. */
export interface ProcessorTime {
  readonly user: number
  readonly system: number
}

const SAMPLE_EVERY_MS = 250
/** Samples after which new processes are looked for. */
const LOOK_EVERY = 8

const sum = (processes: readonly Process[], of: (process: Process) => number): number =>
  processes.reduce((total, process) => total + of(process), 0)

/** Watches one program with all that it has started. What ended meanwhile counts up to the last look. */
export class Watch {
  readonly #root: number
  readonly #start: readonly Process[]
  readonly #last = new Map<number, Process>()
  readonly #peak = new Map<string, number>()
  #own = 0
  #pids: readonly number[]
  #samples = 0

  constructor(root: number) {
    this.#root = root
    this.#start = treeOf(root)
    this.#pids = this.#start.map(({ pid }) => pid)
    this.sample()
  }

  sample(): void {
    if (++this.#samples % LOOK_EVERY === 0) this.#pids = treeOf(this.#root).map(({ pid }) => pid)
    const now = this.#pids.flatMap((pid) => processOf(pid) ?? [])
    const kinds = new Map<string, number>()
    for (const process of now) {
      this.#last.set(process.pid, process)
      kinds.set(process.kind, (kinds.get(process.kind) ?? 0) + process.residentMB)
    }
    for (const [kind, mb] of kinds) this.#peak.set(kind, Math.max(this.#peak.get(kind) ?? 0, mb))
    this.#own = Math.max(
      this.#own,
      sum(now, ({ ownMB }) => ownMB),
    )
  }

  taken(): Taken {
    this.sample()
    const cpu = this.#cpu()
    return {
      peakMB: this.#peak,
      ownMB: this.#own,
      grownMB: this.#own - sum(this.#start, ({ ownMB }) => ownMB),
      cpuSeconds: [...cpu.values()].reduce((total, { user, system }) => total + user + system, 0),
      cpu,
    }
  }

  #cpu(): Map<string, ProcessorTime> {
    const before = new Map(this.#start.map((process) => [process.pid, process]))
    const kinds = new Map<string, ProcessorTime>()
    for (const { pid, kind, userSeconds, systemSeconds } of this.#last.values()) {
      const start = before.get(pid)
      const { user, system } = kinds.get(kind) ?? { user: 0, system: 0 }
      kinds.set(kind, {
        user: user + userSeconds - (start?.userSeconds ?? 0),
        system: system + systemSeconds - (start?.systemSeconds ?? 0),
      })
    }
    return kinds
  }
}

/** What each of these programs (by the process that started it) takes while `work` runs. */
export async function watched(roots: readonly number[], work: () => Promise<unknown>): Promise<Taken[]> {
  const watches = roots.map((root) => new Watch(root))
  const over = new AbortController()
  const watching = (async () => {
    while (!over.signal.aborted) {
      await delay(SAMPLE_EVERY_MS)
      for (const watch of watches) watch.sample()
    }
  })()
  try {
    await work()
  } finally {
    over.abort()
    await watching
  }
  return watches.map((watch) => watch.taken())
}
