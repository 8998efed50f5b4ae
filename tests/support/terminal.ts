import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { EventLog } from './events.ts'
import { scratch } from './files.ts'
import { withoutDisplay } from './headless.ts'
import { QUIET_MS } from './patience.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Milliseconds until an app that was told to end has ended. */
const END_MS = QUIET_MS
const CTRL_C = '\u0003'

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/**
 * The app without a window at a terminal of its own, and somebody who types there. The terminal is made by util-linux's
 * `script`, which every Linux has.
 */
export class Terminal {
  readonly events: EventLog
  readonly inbox: string
  #text = ''
  readonly #child: ChildProcess
  readonly #exit: Promise<number | null>
  readonly #remove: () => Promise<void>

  private constructor(child: ChildProcess, inbox: string, remove: () => Promise<void>) {
    this.#child = child
    this.#remove = remove
    this.inbox = inbox
    this.events = new EventLog(child)
    child.stdout?.on('data', (data: Buffer) => (this.#text += data.toString()))
    this.#exit = new Promise((resolve) => child.once('exit', resolve))
  }

  static async open(options: readonly string[] = []): Promise<Terminal> {
    const folder = await scratch()
    const inbox = join(folder.path, 'inbox')
    const own = ['--headless', '--json', '--port', '0', '--host', '127.0.0.1', '--inbox', inbox]
    const app = [process.execPath, join(ROOT, 'scripts/start.mjs'), ...own, '--data', join(folder.path, 'data')]
    const line = `exec ${[...app, ...options].map(quoted).join(' ')}`
    const env = { ...withoutDisplay(), SHELL: '/bin/sh', LANG: 'C.UTF-8', LANGUAGE: 'en', LC_ALL: 'C.UTF-8' }
    const child = spawn('script', ['--quiet', '--return', '--flush', '--command', line, '/dev/null'], {
      cwd: ROOT,
      env,
    })
    const terminal = new Terminal(child, inbox, () => folder.remove())
    await terminal.events
      .wait('ready', (e) => e.event === 'ready')
      .catch(async (error: unknown) => {
        await terminal.close()
        throw error
      })
    return terminal
  }

  get link(): string {
    return String(this.events.of('ready')[0]?.['link'])
  }

  /** How often it has asked this so far. */
  async asks(what: RegExp, times = 1): Promise<void> {
    const asked = (): number => this.#text.match(new RegExp(`${what.source}[^\\n]*\\(y/N\\) `, 'g'))?.length ?? 0
    await expect.poll(asked).toBe(times)
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\r`)
  }

  /** Ctrl-C, as a person would. Its exit code; null where it had to be killed. */
  async close(): Promise<number | null> {
    this.#child.stdin?.write(CTRL_C)
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS)
    const code = await this.#exit
    clearTimeout(timer)
    await this.#remove()
    return code
  }
}
