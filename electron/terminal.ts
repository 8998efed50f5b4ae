import { createInterface } from 'node:readline/promises'
import QRCode from 'qrcode'
import type { AppEvent } from '#core/app-events.ts'
import { m } from '#messages'
import { transferWords } from '#messages/words.ts'
import type { LeftOut } from '#transfer/left-out.ts'
import type { Question } from '#core/prompts.ts'
import { jsonLine, onTerminal } from '#hub/foreign-text.ts'
import type { Write } from '#hub/output.ts'
import { Debounce } from '#transfer/debounce.ts'

/** Reports what happens to whoever started the program. */
export type Reporter = (event: AppEvent) => void

/** Characters of a name, and of a text, on the terminal. */
const NAME_CHARS_MAX = 200
const TEXT_CHARS_MAX = 2_000
const PATH_CHARS_MAX = 4_096

/** Cleans an error's text, which may quote foreign text; the trace of a fault keeps its lines. */
const inLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => onTerminal(line, TEXT_CHARS_MAX))
    .join('\n')

/** Reports each event as one line of JSON, for scripts. */
export function jsonReporter(out: Write): Reporter {
  return (event) => {
    out(`${jsonLine(event)}\n`)
  }
}

/** Reports errors only: with a window the screen says all else. */
export function quietReporter(err: Write): Reporter {
  return (event) => {
    if (event.event === 'error') err(`lanyard: ${inLines(event.message)}\n`)
  }
}

/** Reports the pairing code and what happens in sentences, for a person at a terminal. */
export function terminalReporter(out: Write, err: Write): Reporter {
  return (event) => {
    switch (event.event) {
      case 'ready':
      case 'link':
        void showLink(event.link, out)
        return
      case 'paired':
        out(`${m.cli_paired({ name: event.device.name || m.device_phone() })}\n`)
        return
      case 'left':
        out(`${m.cli_left({ name: event.device.name || m.device_phone() })}\n`)
        return
      case 'revoked':
        if (event.why === 'copied') err(`${m.cli_copied({ name: event.device.name || m.device_phone() })}\n`)
        return
      case 'text':
        out(
          `${m.cli_text({ name: event.device.name || m.device_phone(), text: onTerminal(event.text, TEXT_CHARS_MAX) })}\n`,
        )
        return
      case 'transfer':
        showTransfer(event, out)
        return
      case 'handed':
        out(`${m.cli_handed({ count: event.count })}\n`)
        return
      case 'skipped':
        err(skippedLine(event))
        return
      case 'error':
        err(`lanyard: ${inLines(event.message)}\n`)
    }
  }
}

function skippedLine({ skipped, skippedNames = [] }: LeftOut): string {
  const names = skippedNames.map((name) => onTerminal(name, NAME_CHARS_MAX)).join(', ')
  return `${m.cli_skipped({ count: skipped, names })}\n`
}

async function showLink(link: string, out: Write): Promise<void> {
  // Without a network there is none; an error says so.
  if (link === '') return
  const code = await QRCode.toString(link, { type: 'terminal', small: true })
  out(`\n${code}\n${m.cli_scan()}\n${link}\n\n`)
}

function showTransfer(event: Extract<AppEvent, { event: 'transfer' }>, out: Write): void {
  const { path = '' } = event
  const name = onTerminal(event.name, NAME_CHARS_MAX)
  if (event.state === 'done') {
    const sent = event.proof === 'verified' ? m.cli_sent : m.cli_sent_unchecked
    out(
      `${event.direction === 'in' ? m.cli_received({ name, path: onTerminal(path, PATH_CHARS_MAX) }) : sent({ name })}\n`,
    )
  } else if (event.state !== 'moving') {
    out(`${m.cli_failed({ name, reason: transferWords(event.reason) })}\n`)
  }
}

/** Characters of a file's name in a question. */
const ASKED_NAME_CHARS_MAX = 80
/** ms that a question on the terminal waits; no answer is a no. The hub's own limit for apps is the same. */
const ANSWER_MS = 30_000

export interface Terminal {
  readonly input: NodeJS.ReadableStream
  /** Where questions go; not stdout, which has nothing but events with `--json`. */
  readonly output: NodeJS.WritableStream
}

/** Makes what asks the person at the terminal, one question after the other. Anything but y is a no. */
export function terminalResponder(
  terminal: Terminal,
  answerMs = ANSWER_MS,
): (question: Question, gone: AbortSignal) => Promise<boolean> {
  let before: Promise<unknown> = Promise.resolve()
  return (question, gone) => {
    const answer = before.then(() => !gone.aborted && ask(terminal, words(question), gone, answerMs))
    before = answer
    return answer
  }
}

async function ask({ input, output }: Terminal, text: string, gone: AbortSignal, ms: number): Promise<boolean> {
  const lines = createInterface({ input, output })
  // Ctrl+D ends the question, as does the time.
  const ended = new AbortController()
  lines.once('close', () => {
    ended.abort()
  })
  try {
    const signal = AbortSignal.any([gone, ended.signal, AbortSignal.timeout(ms)])
    const answer = await lines.question(`${text} (y/N) `, { signal })
    return /^y(?:es)?$/i.test(answer.trim())
  } catch {
    output.write('\n')
    return false
  } finally {
    lines.close()
  }
}

function words(question: Question): string {
  if (question.about === 'app') return m.cli_legacy_ask({ address: question.request.address })
  const { from, name, size } = question
  return m.cli_file_ask({
    name: onTerminal(name, ASKED_NAME_CHARS_MAX),
    bytes: String(size),
    from: from || m.device_phone(),
  })
}

/** Milliseconds for which lines are collected: a crowd of small files has a thousand of them in a second. */
const GATHER_MS = 10

/** Writes lines several at a time: each write is a call of the system that the whole program waits for. */
export class Lines {
  readonly #write: Write
  readonly #soon = new Debounce(() => {
    this.flush()
  })
  #text = ''

  constructor(write: Write) {
    this.#write = write
  }

  readonly say = (text: string): void => {
    this.#text += text
    this.#soon.within(GATHER_MS)
  }

  /** Writes the lines that wait, now: the program ends. */
  flush(): void {
    const text = this.#text
    this.#text = ''
    if (text !== '') this.#write(text)
  }
}
