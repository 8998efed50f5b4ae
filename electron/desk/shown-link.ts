import { formatLink } from '#protocol/pairing.ts'
import type { DeskEvent } from './events.ts'
import type { Links } from './links.ts'
import type { Network } from './network.ts'

export interface ShownLinkPorts {
  readonly links: Links
  readonly network: Network
  /** The hub's; 0 while it does not listen. */
  readonly port: () => number
  readonly onEvent: (event: DeskEvent) => void
  readonly onChange: () => void
}

/** There is no link without an address. The next `link` event says that there is one again. */
const NO_NETWORK: DeskEvent = { event: 'error', code: 'no-network', message: 'this computer is on no network' }

/** The link on the screen, and what is told of it. */
export class ShownLink {
  readonly #ports: ShownLinkPorts
  #ready = false
  #told: string | null = null

  constructor(ports: ShownLinkPorts) {
    this.#ports = ports
  }

  get text(): string | null {
    const { links, network, port } = this.#ports
    if (network.address === null || port() === 0) return null
    const { uid, key } = links.current
    return formatLink({ address: network.address, port: port(), uid, key })
  }

  /** It can be joined: said once. */
  registered(): void {
    if (this.#ready) return
    this.#ready = true
    this.#told = this.text
    const { network, port, onEvent } = this.#ports
    onEvent({ event: 'ready', link: this.#told ?? '', port: port(), address: network.address ?? '' })
    if (this.#told === null) onEvent(NO_NETWORK)
  }

  mayHaveChanged(): void {
    const { text } = this
    if (this.#ready && text !== this.#told) {
      this.#ports.onEvent(text === null ? NO_NETWORK : { event: 'link', link: text })
    }
    this.#told = text
    this.#ports.onChange()
  }
}
