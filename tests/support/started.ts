import { spawn, type ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { EventLog } from './events.ts'
import { QUIET_MS } from './patience.ts'

/** Milliseconds a program may take to end after SIGTERM. */
const END_MS = QUIET_MS

/** The app as a program: started by a command, watched by what it prints. */
export class Started {
  readonly child: ChildProcess
  readonly events: EventLog
  #stderr = ''
  readonly #exit: Promise<number | null>

  constructor(command: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    // A group of its own: what it starts ends with it, whatever happens.
    this.child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    this.events = new EventLog(this.child)
    this.child.stderr?.on('data', (data: Buffer) => (this.#stderr += data.toString()))
    this.#exit = new Promise((resolve) => this.child.once('exit', resolve))
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Its exit code; null when a signal ended it or it did not end in time (and was killed). */
  async exited(ms = END_MS): Promise<number | null> {
    const timer = setTimeout(() => this.#signalAll('SIGKILL'), ms)
    const code = await this.#exit
    clearTimeout(timer)
    return code
  }

  /** Signals the program alone and waits until nothing that it started is left. Its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal)
    const code = await this.exited()
    const deadline = performance.now() + END_MS
    while (this.#signalAll(0)) {
      if (performance.now() < deadline) await delay(50)
      else {
        this.#signalAll('SIGKILL')
        throw new Error('it left processes behind')
      }
    }
    return code
  }

  /** False when none of its processes is left. */
  #signalAll(signal: NodeJS.Signals | 0): boolean {
    try {
      return this.child.pid !== undefined && process.kill(-this.child.pid, signal)
    } catch {
      return false
    }
  }
}
