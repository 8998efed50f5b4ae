import type { AppEvent } from '#core/app-events.ts'
import type { LogFile } from './log-file.ts'
import type { Redactor } from './redact.ts'

type Transfer = Extract<AppEvent, { event: 'transfer' }>

/** Writes into the log what happens in the program, without whose it is. */
export class AppLog {
  readonly file: LogFile
  readonly #redactor: Redactor

  constructor(file: LogFile, redactor: Redactor) {
    this.file = file
    this.#redactor = redactor
  }

  /** Takes an event that is also told to whoever watches. */
  event(event: AppEvent): void {
    // Whatever is said of them later is blacked out.
    if ('device' in event) this.#redactor.hide(event.device.name)
    if (event.event === 'transfer') this.#redactor.hide(event.name)
    const line = lineOf(event)
    if (line !== null) this.file.write(event.event === 'error' ? 'error' : 'info', line)
  }

  /** Takes a line of the hub. */
  line(text: string): void {
    this.file.write('info', text)
  }

  /** Writes what ends the program, or would; changes nothing about that. Returns the undo. */
  watchFaults(): () => void {
    const heard = (error: unknown): void => {
      this.fault(error)
    }
    process.on('uncaughtExceptionMonitor', heard)
    return () => process.off('uncaughtExceptionMonitor', heard)
  }

  /** Takes an error that nobody has expected. */
  fault(error: unknown): void {
    this.file.write('error', `fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  }

  /** Blacks this name out from now on. */
  hide(name: string): void {
    this.#redactor.hide(name)
  }
}

/** Returns what the log says of an event; null for what happens all the time, or is nobody's business. */
function lineOf(event: AppEvent): string | null {
  switch (event.event) {
    case 'ready':
      return `ready on port ${event.port}${event.address === '' ? ', without a network' : ''}`
    case 'link':
      return null
    case 'paired':
      return 'a phone is here'
    case 'left':
      return 'a phone is away'
    case 'revoked':
      return `a phone was removed: ${event.why}`
    case 'skipped':
      return `${event.skipped} of what was sent can't be sent`
    case 'handed':
      return `${event.count} paths were handed to the Lanyard that runs`
    case 'text':
      return `a text came, ${event.text.length} characters`
    case 'transfer':
      return transferLine(event)
    case 'error':
      return `${event.code}: ${event.message}`
  }
}

function transferLine({ direction, state, reason, lane, total, batch }: Transfer): string | null {
  // A crowd of small files has a thousand ends a second.
  if (state === 'moving' || (state === 'done' && batch !== undefined)) return null
  return `a file ${direction === 'in' ? 'from' : 'to'} a phone: ${[state, reason, lane].filter(Boolean).join(', ')}, ${total} bytes`
}
