import { formatLink } from '#protocol/pairing.ts'
import type { DeskEvent } from './events.ts'
import type { Links } from './links.ts'
import type { Network } from './network.ts'

export interface LinkNewsPorts {
  readonly links: Links
  readonly network: Network
  /** Of the hub; 0 = it does not listen yet. */
  readonly port: () => number
  readonly onEvent: (event: DeskEvent) => void
  readonly onChange: () => void
}

/** The link on the screen, and what is told of it: that there is one at last, and each one after it. */
export class LinkNews {
  readonly #ports: LinkNewsPorts
  #ready = false
  #shown: string | null = null

  constructor(ports: LinkNewsPorts) {
    this.#ports = ports
  }

  /** Null while there is no network, or no hub. */
  get text(): string | null {
    const { links, network, port } = this.#ports
    if (network.address === null || port() === 0) return null
    const { uid, key } = links.current
    return formatLink({ address: network.address, port: port(), uid, key })
  }

  /** The window has registered a link at the hub. */
  registered(linkId: string): void {
    const { links, network, port, onEvent } = this.#ports
    if (this.#ready || linkId !== links.current.id) return
    this.#ready = true
    this.#shown = this.text
    onEvent({ event: 'ready', link: this.#shown ?? '', port: port(), address: network.address ?? '' })
    if (this.#shown === null) onEvent(NO_NETWORK)
  }

  mayHaveChanged(): void {
    const { text } = this
    if (this.#ready && text !== this.#shown) {
      this.#ports.onEvent(text === null ? NO_NETWORK : { event: 'link', link: text })
    }
    this.#shown = text
    this.#ports.onChange()
  }
}

/** There is no link without an address. The next `link` event says that there is one again. */
const NO_NETWORK: DeskEvent = { event: 'error', code: 'no-network', message: 'this computer is on no network' }
