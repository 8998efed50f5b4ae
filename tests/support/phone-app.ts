import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { EventLog } from './events.ts'

const PROGRAM = join(import.meta.dirname, '../reference-phone/phone.mjs')

export interface ReferenceOptions {
  /** Folder whose files it offers as records. */
  readonly offer?: string
  /** How many notes it has to begin with. */
  readonly notes?: number
  /** Where it keeps its key, to come back with. */
  readonly state: string
  readonly inbox: string
}

/** The phone app that comes with the protocol: plain Node, in a process of its own. */
export class ReferencePhone {
  readonly events: EventLog
  readonly #child: ChildProcess

  private constructor(link: string, { offer, notes = 0, state, inbox }: ReferenceOptions) {
    const offers = offer === undefined ? [] : ['--offer', offer]
    const args = [PROGRAM, link, '--name', 'Reference', '--notes', String(notes), '--state', state, '--inbox', inbox]
    this.#child = spawn(process.execPath, [...args, ...offers], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.events = new EventLog(this.#child)
  }

  /** With a key that it has been given it needs no link. */
  static async join(link: string, options: ReferenceOptions): Promise<ReferencePhone> {
    const phone = new ReferencePhone(link, options)
    await phone.events.wait('connected', ({ event }) => event === 'connected', 30_000)
    await phone.events.wait('a key', ({ event }) => event === 'kept', 10_000).catch(() => undefined)
    return phone
  }

  /** What a person would type. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill()
    await gone
  }
}
