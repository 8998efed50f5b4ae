import { m } from '#messages'
import { transferWords } from '#messages/words.ts'
import type { Reason } from '#protocol/errors.ts'

/** What was refused beside the state of the connection, which has words of its own (status-text.ts), and beside transfers. */
export type Refused =
  | Reason
  /** Something answers at the computer's address that does not know this phone. */
  | 'stranger'
  /** The browser could not read some of what was picked, or it was too much, or a folder with nothing in it. */
  | 'left-out'
  /** There was nothing but folders with nothing in them. */
  | 'empty'
  /** Picked before there was anybody to send it to. */
  | 'not-sent'
  | 'not-remembered'

/** A connection that breaks is said by the page's state, which is another when it is back. */
const LOSSES: ReadonlySet<Refused> = new Set<Reason>([
  'cancelled',
  'peer-left',
  'no-connection',
  'connection-lost',
  'timeout',
])

export interface Refusal {
  readonly words: string
  /** How often. */
  readonly times: number
}

function wordsOf(what: Refused): string {
  switch (what) {
    case 'stranger':
      return m.phone_stranger()
    case 'left-out':
      return m.phone_left_out()
    case 'empty':
      return m.send_empty()
    case 'not-sent':
      return m.phone_not_sent()
    case 'not-remembered':
      return m.phone_not_remembered()
    default:
      return transferWords(what)
  }
}

/** What was refused, until a person takes it away. As many as there are words for it, since what is said twice is counted. */
export class Refusals {
  list = $state.raw<readonly Refusal[]>([])

  add(what: Refused): void {
    if (LOSSES.has(what)) return
    const words = wordsOf(what)
    const before = this.list.find((one) => one.words === words)
    this.list = [...this.list.filter((one) => one !== before), { words, times: (before?.times ?? 0) + 1 }]
  }

  dismiss(words: string): void {
    this.list = this.list.filter((one) => one.words !== words)
  }
}
