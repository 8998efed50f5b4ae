import type { Reason } from '#protocol/errors.ts'
import type { FromWindow, ToWindow } from '#protocol/link-port.ts'
import { LegacySession } from '#transfer/legacy/legacy-session.ts'
import { legacyPorts } from './device-parts.ts'
import type { DevicePorts } from './device-ports.ts'
import { LegacyWords } from './legacy-words.ts'
import type { PortLane } from './port-lane.ts'
import type { WindowLink } from './window-link.ts'

type Signal = Extract<ToWindow, { t: 'signal' }>['event']

/** What is said with an app of 2018: its words at the hub, and files while its channel is open. */
export class LegacyPhone {
  readonly words: LegacyWords
  session: LegacySession | null = null
  readonly #ports: DevicePorts
  readonly #channel: Pick<WindowLink, 'post'>

  constructor(ports: DevicePorts, channel: Pick<WindowLink, 'post'>) {
    this.#ports = ports
    this.#channel = channel
    this.words = new LegacyWords((records) => {
      ports.sync.list(records)
    })
  }

  open(channel: PortLane): void {
    const ports = legacyPorts(this.#ports, (event, payload) => {
      this.#signal(event, payload)
    })
    this.session = new LegacySession(channel, ports)
    this.words.handOver(this.session)
  }

  /** True when there was something to end. */
  end(code: Reason): boolean {
    const { session } = this
    this.session = null
    session?.end(code)
    return session !== null
  }

  exportRecords(ids: readonly string[]): void {
    this.#signal('export', ids)
  }

  /** True when a screen shows something else now. */
  hear(event: Extract<FromWindow, { t: 'signal' }>['event'], payload: unknown): boolean {
    return this.words.hear(event, payload, this.session)
  }

  #signal(event: Signal, payload: unknown): void {
    this.#channel.post({ t: 'signal', event, payload })
  }
}
