import { onTerminal } from '#hub/foreign-text.ts'
import { createInterface } from 'node:readline/promises'
import type { Question } from '#core/person.ts'
import { m } from '#messages'

/** ms that a question on the terminal waits; no answer is a no. The hub's own limit for apps is the same. */
const ANSWER_MS = 30_000

export interface Terminal {
  readonly input: NodeJS.ReadableStream
  /** Not stdout: with `--json` that has nothing but events. */
  readonly output: NodeJS.WritableStream
}

/** Asks whoever sits at the terminal, one question after the other. Anything but y is a no. */
export function terminalPerson(
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
  return m.cli_file_ask({ name: onTerminal(name, NAME_CHARS_MAX), bytes: String(size), from: from || m.device_phone() })
}

/** Characters of a file's name on the terminal. */
const NAME_CHARS_MAX = 80
