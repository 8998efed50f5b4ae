import { randomBytes } from 'node:crypto'
import { primitives } from '#hub/node-crypto.ts'
import { DEVICE_KID_BYTES, KEY_BYTES } from '#protocol/proof.ts'

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

  /** Also of a dead one: only who can prove it is known to have it. */
  find(kid: Uint8Array): Uint8Array | null {
    const all = [this.current, ...(this.next === null ? [] : [this.next]), ...this.dead]
    return all.find((one) => primitives.same(one.kid, kid))?.key ?? null
  }

  /** The phone has proved the key of that name. False: it is a dead one. */
  use(kid: Uint8Array): boolean {
    if (this.dead.some((one) => primitives.same(one.kid, kid))) return false
    if (this.next !== null && primitives.same(this.next.kid, kid)) {
      this.dead = [this.current, ...this.dead].slice(0, DEAD_MAX)
      this.current = this.next
      this.next = null
    }
    return true
  }

  /** The key to come with next time. The same until it is used: an answer may have been lost on its way. */
  replace(): DeviceKey {
    return (this.next ??= fresh())
  }
}
