import type { AddressChoice } from '#hub/address-choice.ts'

/** Which of this computer's addresses goes into the link. */
export class Network {
  #choices: readonly AddressChoice[]
  #preferred: string | null
  /** Given on the command line: neither chosen nor looked for. */
  readonly #fixed: string | null
  /** Connections that the hub has refused because of where they came from. */
  strangers = { count: 0, last: '' }

  constructor(
    choices: readonly AddressChoice[],
    options: { fixed?: string | undefined; preferred?: string | undefined } = {},
  ) {
    this.#choices = choices
    this.#fixed = options.fixed ?? null
    this.#preferred = options.preferred ?? null
  }

  get choices(): readonly AddressChoice[] {
    return this.#fixed === null ? this.#choices : []
  }

  /** Null = no network. A preferred address that is gone now may be back later. */
  get address(): string | null {
    if (this.#fixed !== null) return this.#fixed
    const preferred = this.#choices.find((choice) => choice.address === this.#preferred)
    return (preferred ?? this.#choices[0])?.address ?? null
  }

  update(choices: readonly AddressChoice[]): void {
    this.#choices = choices
  }

  /** The hub has refused a connection from a network that is not near: whoever scanned the code there sees nothing. */
  refused(last: string): void {
    this.strangers = { count: this.strangers.count + 1, last }
  }

  /** False when there is no such address. */
  prefer(address: string): boolean {
    if (!this.#choices.some((choice) => choice.address === address)) return false
    this.#preferred = address
    return true
  }
}
