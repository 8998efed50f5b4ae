import { formatLink } from '#protocol/pairing.ts'
import type { AppEvent } from '#core/app-events.ts'
import type { PairingLinks } from './pairing-links.ts'
import type { Network } from './network.ts'

export interface LinkNewsPorts {
  readonly links: PairingLinks
  readonly network: Network
  /** Of the hub; 0 = it does not listen yet. */
  readonly port: () => number
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: () => void
  /** ms until a window that has not reached the hub is said to fail. */
  readonly reachMs?: number
}

/** Milliseconds: on this computer it takes a second at most, and nobody waits for longer without a word. */
const REACH_MS = 8_000

/** The link on the screen, and what is told of it: that there is one at last, and each one after it. */
export class LinkNews {
  readonly #ports: LinkNewsPorts
  #ready = false
  #shown: string | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  /** The window can't reach the hub, over the one network that is always there: no phone will meet anybody. */
  isStuck = false

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

  /** The hub listens: the window should be there soon. */
  expect(): void {
    const { reachMs = REACH_MS, onEvent, onChange } = this.#ports
    this.#timer = setTimeout(() => {
      this.isStuck = true
      onEvent(NO_LOOPBACK)
      onChange()
    }, reachMs).unref()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  /** The window has registered a link at the hub. */
  registered(linkId: string): void {
    const { links, network, port, onEvent } = this.#ports
    if (this.#ready || linkId !== links.current.id) return
    this.#ready = true
    this.close()
    this.isStuck = false
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

/** It is tried on: `ready` says that it worked after all. */
const NO_LOOPBACK: AppEvent = {
  event: 'error',
  code: 'no-loopback',
  message: 'the window cannot reach the hub on this computer: is the loopback network (127.0.0.1) up?',
}

/** There is no link without an address. The next `link` event says that there is one again. */
const NO_NETWORK: AppEvent = { event: 'error', code: 'no-network', message: 'this computer is on no network' }
