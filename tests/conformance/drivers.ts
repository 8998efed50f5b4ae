import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LeftOut } from './checks.ts'
import type { Driver } from './stage.ts'

/** What a person does with the phone under test. */
export interface PhoneDriver extends Driver {
  /** Opens the link as somebody who has scanned it, on a phone that knows nothing of it. */
  open(link: string): Promise<void>
  close(): Promise<void>
}

/** What a person does with the computer under test. */
export interface DesktopDriver extends Driver {
  /** Asks for the files of all records of the phone. Throws LeftOut where nobody is there to do so. */
  export(): Promise<void>
}

/** A phone that is a program on this computer: `{link}` in its command is the link, `send PATH` on its input sends a file. */
export class CommandDriver implements PhoneDriver {
  readonly patienceMs = 60_000
  readonly #command: string
  #child: ChildProcess | null = null
  #folder: string | null = null
  #path = ''
  #sent = 0

  constructor(command: string) {
    this.#command = command
  }

  async open(link: string): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'lanyard-conformance-'))
    // What it says is for its maker; a phone that is not read must not stop for that.
    const stdio = ['pipe', 'ignore', 'inherit'] as const
    const command = this.#command.replaceAll('{link}', link).replaceAll('{folder}', this.#folder)
    this.#child = spawn(command, { shell: true, stdio: [...stdio], detached: process.platform !== 'win32' })
    this.#child.stdin?.on('error', () => undefined)
  }

  async send(bytes: Uint8Array, name = `sent-${++this.#sent}.bin`): Promise<void> {
    this.#path = join(this.#folder ?? '.', name)
    await writeFile(this.#path, bytes)
    this.#child?.stdin?.write(`send ${this.#path}\n`)
  }

  async change(bytes: Uint8Array): Promise<void> {
    await writeFile(this.#path, bytes)
  }

  async close(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child?.exitCode === null && child.signalCode === null) {
      const gone = new Promise((end) => child.once('exit', end))
      endGroup(child)
      await gone
    }
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true })
    this.#folder = null
  }
}

/** The shell and what it started. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || process.platform === 'win32') child.kill()
  else process.kill(-child.pid, 'SIGTERM')
}

/** A phone in somebody's hand. `ask` shows a line to that person. */
export class HandDriver implements PhoneDriver {
  readonly patienceMs = 300_000
  readonly #ask: (line: string) => void

  constructor(ask: (line: string) => void) {
    this.#ask = ask
  }

  async open(link: string): Promise<void> {
    this.#ask(`Open this link on the phone, as if it had been scanned for the first time:\n\n  ${link}\n`)
  }

  async send(bytes: Uint8Array, name?: string): Promise<void> {
    const what = name === undefined ? `a file of ${Math.ceil(bytes.length / 1_048_576)} MiB or more` : 'a photo'
    this.#ask(`Send ${what} from the phone.`)
  }

  async change(): Promise<void> {
    throw new LeftOut('a person is not quick enough for that: run the phone by --start')
  }

  async close(): Promise<void> {}
}

/** A computer with somebody at it, who is shown a line by `ask`; null = with nobody. */
export class DeskHandDriver implements DesktopDriver {
  readonly patienceMs = 300_000
  readonly #ask: ((line: string) => void) | null

  constructor(ask: ((line: string) => void) | null) {
    this.#ask = ask
  }

  async send(bytes: Uint8Array): Promise<void> {
    this.#tell(`Send a file of ${Math.ceil(bytes.length / 1_048_576)} MiB or more from the computer.`)
  }

  async change(): Promise<void> {
    throw new LeftOut('a person is not quick enough for that')
  }

  async export(): Promise<void> {
    this.#tell('Ask for the file of the record "One" of the phone.')
  }

  #tell(line: string): void {
    if (this.#ask === null) throw new LeftOut('nobody is at the computer: add --send')
    this.#ask(line)
  }
}
