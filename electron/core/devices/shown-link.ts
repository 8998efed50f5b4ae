import type { AddressChoice } from '#hub/address-choice.ts'
import { PLACES_MAX } from '#protocol/limits.ts'
import { urlHost } from '#protocol/networks.ts'
import { formatLink } from '#protocol/pairing.ts'
import type { AppEvent } from '#core/app-events.ts'
import type { PairingLinks } from './pairing-links.ts'

export interface ShownLinkOptions {
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
export class ShownLink {
  readonly #options: ShownLinkOptions
  #ready = false
  #shown: string | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Whether the window can't reach the hub, over the one network that is always there: no phone will meet anybody. */
  isStuck = false

  constructor(options: ShownLinkOptions) {
    this.#options = options
  }

  /** Returns the link's text; null while there is no network, or no hub. */
  get text(): string | null {
    const { links, network, port } = this.#options
    if (network.address === null || port() === 0) return null
    const { uid, key } = links.current
    return formatLink({ address: network.address, port: port(), uid, key })
  }

  /** Returns where the hub can be reached, each as `host:port`: its name last, which not every phone can look up. */
  places(localName?: string): string[] {
    const { network, port } = this.#options
    const addresses = [network.address, ...network.choices.map(({ address }) => address)].filter((one) => one !== null)
    const hosts = [...new Set(addresses.map(urlHost))].slice(0, PLACES_MAX - 1)
    return [...hosts, ...(localName === undefined ? [] : [localName])].map((host) => `${host}:${port()}`)
  }

  /** Whether the window has been at the hub, so that there is a link to show. */
  get isReady(): boolean {
    return this.#ready
  }

  /** The hub listens: the window should be there soon. */
  expect(): void {
    const { reachMs = REACH_MS, onEvent, onChange } = this.#options
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
    const { links, network, port, onEvent } = this.#options
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
      this.#options.onEvent(text === null ? NO_NETWORK : { event: 'link', link: text })
    }
    this.#shown = text
    this.#options.onChange()
  }
}

/** The window keeps trying: `ready` says that it worked after all. */
const NO_LOOPBACK: AppEvent = {
  event: 'error',
  code: 'no-loopback',
  message: 'the window cannot reach the hub on this computer: is the loopback network (127.0.0.1) up?',
}

/** There is no link without an address. The next `link` event says that there is one again. */
const NO_NETWORK: AppEvent = { event: 'error', code: 'no-network', message: 'this computer is on no network' }

/** Chooses which of this computer's addresses goes into the link. */
export class Network {
  #choices: readonly AddressChoice[]
  #preferred: string | null
  /** Given on the command line: neither chosen nor looked for. */
  readonly #fixed: string | null
  /** Connections that the hub has refused because of where they came from. */
  strangers = { count: 0, last: '' }

  constructor(
    choices: readonly AddressChoice[],
    options: { fixed?: string | undefined; preferred?: string | null } = {},
  ) {
    this.#choices = choices
    this.#fixed = options.fixed ?? null
    this.#preferred = options.preferred ?? null
  }

  get choices(): readonly AddressChoice[] {
    return this.#fixed === null ? this.#choices : []
  }

  /** Returns the address; null = no network. A preferred address that is gone now may be back later. */
  get address(): string | null {
    if (this.#fixed !== null) return this.#fixed
    const preferred = this.#choices.find((choice) => choice.address === this.#preferred)
    return (preferred ?? this.#choices[0])?.address ?? null
  }

  update(choices: readonly AddressChoice[]): void {
    this.#choices = choices
  }

  /** Counts a refusal: the hub has refused a connection from a network that is not near: whoever scanned the code there sees nothing. */
  refused(last: string): void {
    this.strangers = { count: this.strangers.count + 1, last }
  }

  /** Prefers this address; null = none. False when there is no such address. */
  prefer(address: string | null): boolean {
    if (address !== null && !this.#choices.some((choice) => choice.address === address)) return false
    this.#preferred = address
    return true
  }
}
