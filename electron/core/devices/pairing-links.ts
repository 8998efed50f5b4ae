import { randomBytes } from 'node:crypto'
import { primitives } from '#hub/node-crypto.ts'
import { unsetClock } from '#hub/unset-clock.ts'
import { uidFrom } from '#protocol/pairing.ts'
import { DEVICE_KID_BYTES, KEY_BYTES, kidOfLink } from '#protocol/proof.ts'

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

/** A link with its code. */
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

  /** Returns the link on the screen. */
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

  /** Returns the key of that name which is good for this uid now: the code's until it is used up or old, then the device's. */
  find(uid: string, kid: Uint8Array): Uint8Array | null {
    const link = this.#byUid.get(uid)
    if (link === undefined) return null
    if (link.device !== null) return link.device.find(kid)
    if (link.key === null) return null
    return !this.#isOld(link) && primitives.same(kid, kidOfLink(primitives, link.key)) ? link.key : null
  }

  /** Uses a link's code up: its first channel is confirmed. Returns the device's key, null when it has one. */
  use(id: string): DeviceKey | null {
    const link = this.all.find((l) => l.id === id)
    if (link?.device !== null) return null
    link.device = new DeviceKeys()
    return link.device.current
  }

  /** Takes over the link of a phone of an earlier run: its code is long used up. */
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

  /** Whether the code on the screen can't be used any more. */
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

/** What a phone is known by after its first connection. */
export interface DeviceKey {
  /** 16 bytes: names the key, tells nothing. */
  readonly kid: Uint8Array
  /** 32 random bytes, not made from the link's: a photo of the code is worth nothing later. */
  readonly key: Uint8Array
}

/** Replaced keys that are still told from unknown ones; with a reconnect a day that is more than a week. */
const DEAD_MAX = 16

const fresh = (): DeviceKey => ({ kid: randomBytes(DEVICE_KID_BYTES), key: randomBytes(KEY_BYTES) })

/**
 * The keys of one phone. A browser keeps its key where others may read it, so it gets another at every connection: the
 * one before dies when the new one is first used, and whoever comes with a dead one has a copy.
 */
export class DeviceKeys {
  current: DeviceKey
  /** Given out, not used yet: the phone may not have got it. */
  next: DeviceKey | null = null
  dead: readonly DeviceKey[] = []

  constructor(current: DeviceKey = fresh()) {
    this.current = current
  }

  /** Finds the key of that name, also a dead one: only who can prove it is known to have it. */
  find(kid: Uint8Array): Uint8Array | null {
    const all = [this.current, ...(this.next === null ? [] : [this.next]), ...this.dead]
    return all.find((one) => primitives.same(one.kid, kid))?.key ?? null
  }

  /** Notes that the phone has proved the key of that name. False: it is a dead one. */
  use(kid: Uint8Array): boolean {
    if (this.dead.some((one) => primitives.same(one.kid, kid))) return false
    if (this.next !== null && primitives.same(this.next.kid, kid)) {
      this.dead = [this.current, ...this.dead].slice(0, DEAD_MAX)
      this.current = this.next
      this.next = null
    }
    return true
  }

  /** Returns the key to come with next time. The same until it is used: an answer may have been lost. */
  replace(): DeviceKey {
    return (this.next ??= fresh())
  }
}
