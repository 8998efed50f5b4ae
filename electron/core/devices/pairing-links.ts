import { randomBytes } from 'node:crypto'
import { primitives } from '#hub/node-crypto.ts'
import { unsetClock } from '#hub/unset-clock.ts'
import { uidFrom } from '#protocol/pairing.ts'
import { KEY_BYTES, kidOfLink } from '#protocol/proof.ts'
import { DeviceKeys, type DeviceKey } from './device-keys.ts'

/** One link between this computer and one phone. */
export interface Link {
  /** Names the link's device on screen and in events; tells nothing about uid or key. */
  readonly id: string
  readonly uid: string
  /** The key in the code; null for a phone of an earlier run. */
  readonly key: Uint8Array | null
  /** ms on a clock that nobody sets and that goes on in sleep: when it was put on the screen. */
  readonly shownAt: number
  /** Once its first channel is confirmed; the code is used up then. */
  device: DeviceKeys | null
}

/** What the screen shows. */
type Shown = Link & { readonly key: Uint8Array }

/** Milliseconds for which a code can be used: time enough to find the phone, not to pass a photo on. */
export const LINK_LIFE_MS = 5 * 60_000

/** The links that the hub lets phones join on: the one on the screen and those already taken by a phone. */
export class PairingLinks {
  readonly #byUid = new Map<string, Link>()
  readonly #now: () => number
  #current: Shown

  constructor(now: () => number = unsetClock()) {
    this.#now = now
    this.#current = this.#mint()
  }

  /** The one on the screen. */
  get current(): Shown {
    return this.#current
  }

  get all(): readonly Link[] {
    return [...this.#byUid.values()]
  }

  hosts(uid: string): boolean {
    return this.#byUid.has(uid)
  }

  /** Whether a 2018 app, which proves nothing, may join: not where a phone has proved a key before. */
  mayBeLegacy(uid: string): boolean {
    const link = this.#byUid.get(uid)
    return link?.device === null
  }

  of(uid: string): Link | undefined {
    return this.#byUid.get(uid)
  }

  /** The key of that name which is good for this uid now: the code's until it is used up or old, then the device's. */
  find(uid: string, kid: Uint8Array): Uint8Array | null {
    const link = this.#byUid.get(uid)
    if (link === undefined) return null
    if (link.device !== null) return link.device.find(kid)
    if (link.key === null) return null
    return !this.#isOld(link) && primitives.same(kid, kidOfLink(primitives, link.key)) ? link.key : null
  }

  /** The link's first channel is confirmed: its code is used up. Returns the device's key, null when it has one. */
  use(id: string): DeviceKey | null {
    const link = this.all.find((l) => l.id === id)
    if (link?.device !== null) return null
    link.device = new DeviceKeys()
    return link.device.current
  }

  /** A phone of an earlier run: its code is long used up. */
  restore({ id, uid, device }: { readonly id: string; readonly uid: string; readonly device: DeviceKeys }): void {
    this.#byUid.set(uid, { id, uid, key: null, shownAt: -Infinity, device })
  }

  /** Puts a fresh link on the screen; the one before stays its phone's. */
  renew(): Shown {
    this.#current = this.#mint()
    return this.#current
  }

  forget(id: string): void {
    const link = this.all.find((l) => l.id === id)
    if (link !== undefined && link !== this.#current) this.#byUid.delete(link.uid)
  }

  /** The code on the screen can't be used any more. */
  get isOld(): boolean {
    return this.#isOld(this.#current)
  }

  #isOld({ shownAt }: Link): boolean {
    return this.#now() - shownAt >= LINK_LIFE_MS
  }

  #mint(): Shown {
    const link: Shown = {
      id: randomBytes(8).toString('hex'),
      uid: uidFrom(randomBytes(16)),
      key: randomBytes(KEY_BYTES),
      shownAt: this.#now(),
      device: null,
    }
    this.#byUid.set(link.uid, link)
    return link
  }
}
