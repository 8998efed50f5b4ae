import type { Remembered } from '#store/devices.ts'
import type { LegacyPolicy } from '#store/legacy-policy.ts'
import type { Source } from '#transfer/source.ts'
import type { DeskEvent } from './events.ts'
import type { Network } from './network.ts'
import type { Person } from './person.ts'

/** What a desk needs of the world around it. */
export interface DeskOptions {
  readonly inbox: string
  /** This computer's name, as phones see it. */
  readonly name: string
  readonly network: Network
  /** Lets the window hold role 0 at the hub. */
  readonly token: string
  /** Sent to the first phone that is here. */
  readonly sendFirst: readonly Source[]
  /** Milliseconds on a clock that nobody sets; performance.now where not given. */
  readonly now?: () => number
  /** For apps that prove nothing; `ask` unless given. */
  readonly legacy?: LegacyPolicy
  /** Who answers questions; the window unless given. */
  readonly person?: Person
  /** Phones of earlier runs, and how to keep them for the next; none unless given. */
  readonly remembered?: readonly Remembered[]
  readonly save?: (devices: readonly Remembered[]) => Promise<void>
  readonly onEvent: (event: DeskEvent) => void
  /** The state changed, or only how far transfers are; called often. */
  readonly onChange: (what: 'state' | 'progress') => void
}
