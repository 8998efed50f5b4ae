import type { Remembered } from '#store/device-store.ts'

/** What a person wants of a phone, as it is kept. */
export type NewDevicePreferences = Pick<Remembered, 'autoAccept' | 'clipboard'>

/** What a person wants of a device. Nothing can be set for a device that has proved no key. */
export class DevicePreferences {
  #takeAll = true
  #clipboard = false
  #isBegun = false
  readonly #isProven: () => boolean

  constructor(isProven: () => boolean) {
    this.#isProven = isProven
  }

  /** Whether the device's files are taken without asking. */
  get autoAccept(): boolean {
    return this.#takeAll && this.#isProven()
  }

  set autoAccept(on: boolean) {
    if (this.#isProven()) this.#takeAll = on
  }

  /** Whether the device's texts go on the clipboard at once: whatever is pasted next is what it has sent. */
  get clipboard(): boolean {
    return this.#clipboard && this.#isProven()
  }

  set clipboard(on: boolean) {
    if (this.#isProven()) this.#clipboard = on
  }

  /** Takes what holds for a phone that joins for the first time; nothing of one that has begun. */
  begin(first: NewDevicePreferences): void {
    if (!this.#isBegun) this.restore(first)
  }

  restore({ autoAccept, clipboard }: NewDevicePreferences): void {
    this.#isBegun = true
    this.#takeAll = autoAccept
    this.#clipboard = clipboard
  }
}
