import QRCode from 'qrcode'
import type { AppEvent } from '#core/app-events.ts'
import { m } from '#messages'
import { transferWords } from '#messages/words.ts'
import type { LeftOut } from '#transfer/left-out.ts'
import { jsonLine, onTerminal } from '#hub/foreign-text.ts'

/** Tells what happens to whoever started the program. */
export type Reporter = (event: AppEvent) => void

type Write = (text: string) => void

/** Characters of a name, and of a text, on the terminal. */
const NAME_CHARS_MAX = 200
const TEXT_CHARS_MAX = 2_000
const PATH_CHARS_MAX = 4_096

/** What went wrong, which may quote somebody; the trace of a fault has lines of its own. */
const inLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => onTerminal(line, TEXT_CHARS_MAX))
    .join('\n')

/** One JSON object a line: for scripts. */
export function jsonReporter(out: Write): Reporter {
  return (event) => {
    out(`${jsonLine(event)}\n`)
  }
}

/** With a window the screen says it all; only what went wrong is worth a line. */
export function quietReporter(err: Write): Reporter {
  return (event) => {
    if (event.event === 'error') err(`lanyard: ${inLines(event.message)}\n`)
  }
}

/** The code and what happens, in sentences: for a person at a terminal. */
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
