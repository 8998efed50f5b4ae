import { spawn, type ChildProcess } from 'node:child_process'
import { join, resolve } from 'node:path'
import { EventLog } from './events.ts'

const PROGRAM = resolve(import.meta.dirname, '../reference-phone/phone.mjs')

/** The reference phone as a program of its own: what an app maker would start. */
export class ReferencePhone {
  readonly events: EventLog
  readonly inbox: string
  readonly #child: ChildProcess
  #stderr = ''

  /** `folder` is its own: what it receives and what it remembers lie there. No link: it comes back. */
  constructor(folder: string, link: string | null, options: readonly string[] = []) {
    this.inbox = join(folder, 'received')
    const own = ['--inbox', this.inbox, '--state', join(folder, 'phone.json')]
    this.#child = spawn(process.execPath, [PROGRAM, ...(link === null ? [] : [link]), ...own, ...options], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stderr?.on('data', (data: Buffer) => (this.#stderr += data.toString()))
    this.events = new EventLog(this.#child)
  }

  /** What it complained of: nothing. */
  get stderr(): string {
    return this.#stderr
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /** Resolves when it is connected for the `count`th time. */
  async connected(count = 1): Promise<void> {
    await this.events.wait('connection', () => this.events.of('connected').length >= count)
  }

  async received(name: string): Promise<string> {
    const event = await this.events.wait(`${name} at the phone`, (e) => e.event === 'received' && e['name'] === name)
    return String(event['path'])
  }

  async close(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = new Promise((end) => this.#child.once('exit', end))
    this.#child.kill(signal)
    await gone
  }
}
