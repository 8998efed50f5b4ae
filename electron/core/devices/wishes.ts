import type { Remembered } from '#store/device-store.ts'

/** What of a device's earlier runs is its own. */
export type Restored = Pick<Remembered, 'name' | 'label' | 'kind' | 'lastSeen' | 'seen' | 'autoAccept' | 'clipboard'>

/** What a person wants of a device. One that proves nothing has no say in it. */
export class DevicePreferences {
  #takeAll = true
  #clipboard = false
  readonly #isProven: () => boolean

  constructor(isProven: () => boolean) {
    this.#isProven = isProven
  }

  /** Its files are taken without asking. */
  get autoAccept(): boolean {
    return this.#takeAll && this.#isProven()
  }

  set autoAccept(on: boolean) {
    if (this.#isProven()) this.#takeAll = on
  }

  /** Its texts go on the clipboard at once: whatever is pasted next is what it has sent. */
  get clipboard(): boolean {
    return this.#clipboard && this.#isProven()
  }

  set clipboard(on: boolean) {
    if (this.#isProven()) this.#clipboard = on
  }

  restore({ autoAccept, clipboard }: Pick<Restored, 'autoAccept' | 'clipboard'>): void {
    this.#takeAll = autoAccept
    this.#clipboard = clipboard
  }
}
