import { setTimeout as delay } from 'node:timers/promises'
import { treeOf } from './processes.ts'

/** Milliseconds of a turn in which a program runs for its share and stands still for the rest. */
const TURN_MS = 40
/** Turns after which new processes are looked for. */
const LOOK_EVERY = 50

/**
 * Holds a program, with all that it has started, to a share of its time while `work` runs: stopped and let go on in turns,
 * which needs no rights and works on threads that have a processor each.
 */
export async function slowed<T>(root: number, share: number, work: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  const holding = (async () => {
    let pids: number[] = []
    for (let turn = 0; !over.signal.aborted; turn++) {
      if (turn % LOOK_EVERY === 0) pids = treeOf(root).map(({ pid }) => pid)
      tell(pids, 'SIGSTOP')
      await delay(TURN_MS * (1 - share))
      tell(pids, 'SIGCONT')
      await delay(TURN_MS * share)
    }
  })()
  try {
    return await work()
  } finally {
    over.abort()
    await holding
  }
}

function tell(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  }
}
