import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import type { Credentials } from '#protocol/frames.ts'
import type { Reason } from '#protocol/errors.ts'
import { DEVICE_NAME_CHARS_MAX, PROTOCOL_VERSION } from '#protocol/limits.ts'
import type { Keyring } from '#hub/registration.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import type { Remembered } from '#store/device-store.ts'
import type { Device } from './device.ts'
import { DeviceKeys, type DeviceKey, type PairingLinks } from './pairing-links.ts'

export interface PairedDevicesOptions {
  readonly links: PairingLinks
  /** The device of a link's id, if there is one. */
  readonly deviceOf: (id: string) => Device | undefined
  /** Keeps the devices between runs; resolves when they are safe. */
  readonly save: (devices: readonly Remembered[]) => Promise<void>
  /** Takes a phone off its seat at the hub. */
  readonly expel: (uid: string, code: Reason) => void
  /** The device is off the list: whatever else is open for it is to be closed. */
  readonly onGone: (device: Device) => void
  /** The device is off the list because a person did that, or its time was over. `copied`: somebody came with a key that had been replaced. */
  readonly onRevoked: (device: Device, why: 'person' | 'copied') => void
  readonly onChange: () => void
  /** Makes the device of a link that was known before. */
  readonly add: (id: string) => Device
  /** The device was forgotten because its time seemed over, and is one of ours again. */
  readonly onBack: (device: Device) => void
  /** ms since 1970, of the app's own calendar. */
  readonly now: () => number
}

const DAY_MS = 24 * 60 * 60_000
/** How long a browser is remembered that asked for it, and an idle tab that may come back. */
export const REMEMBER_MS = 30 * DAY_MS

/** ms between two times that are written down, from which the calendar goes on after a crash. */
const SAVE_EVERY_MS = 60 * 60_000
/** Phones whose time is over that are kept, should the clock have been wrong. */
const EXPIRED_MAX = 64

interface Known {
  readonly firstSeen: number
  until: number | null
  /** What a newer version has kept beside the rest. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** Which phones may come back without scanning. Only a person here, or proof of a copied key, ends that. */
export class PairedDevices {
  readonly #options: PairedDevicesOptions
  readonly #known = new Map<string, Known>()
  /** Those whose time is over. They can't come back unless the clock turns out to have been wrong. */
  #expired: readonly Remembered[] = []
  #savedAt = -Infinity
  /** What the hub asks when a phone registers. */
  readonly keyring: Keyring = {
    find: (uid, kid) => this.#options.links.find(uid, kid),
    proved: (uid, kid, session) => {
      const link = this.#options.links.of(uid)
      const device = this.#options.deviceOf(link?.id ?? '')
      if (device === undefined) return 'unknown-link'
      if (link?.device?.use(kid) === false) {
        this.#end(device, 'copied')
        return 'revoked'
      }
      device.proved(session)
      return null
    },
  }

  constructor(options: PairedDevicesOptions) {
    this.#options = options
  }

  /** Takes over phones of an earlier run, those that are not known yet. Returns those that can come back. */
  restore(devices: readonly Remembered[]): Device[] {
    const { links } = this.#options
    const unknown = devices.filter(({ id, uid }) => !this.#isKept(id) && !links.hosts(uid))
    const [over, good] = parted(unknown, (one) => this.#isOver(one))
    this.#expired = newest([...this.#expired, ...over.map((one) => this.#over(one))])
    return good.map((one) => this.#restore(one))
  }

  #restore(one: Remembered): Device {
    const keys = new DeviceKeys(keyFrom(one.key))
    keys.next = one.next && keyFrom(one.next)
    keys.dead = one.dead.map(keyFrom)
    this.#options.links.restore({ id: one.id, uid: one.uid, device: keys })
    this.#known.set(one.id, { firstSeen: one.firstSeen, until: one.until, more: { ...one, over: undefined } })
    const device = this.#options.add(one.id)
    device.restore(one)
    return device
  }

  /** Gives a device whose lane is confirmed what it comes back with, once that is safe here; nothing where it has that. */
  confirmed(device: Device, give: (credentials: Credentials) => void): void {
    const first = this.#options.links.use(device.id)
    if (first !== null) this.#known.set(device.id, { firstSeen: this.#options.now(), until: null })
    const key = first ?? (this.#isRemembering(device.id) ? this.#keysOf(device.id)?.replace() : null)
    this.#give(key ?? null, give)
  }

  /** Remembers a browser beyond its tab, or no longer, as its person wants. */
  remember(device: Device, on: boolean, give: (credentials: Credentials) => void): void {
    const known = this.#known.get(device.id)
    if (known === undefined) return
    known.until = on ? this.#options.now() + REMEMBER_MS : null
    const keys = this.#keysOf(device.id)
    // Also when it is not to be remembered any more: the page has to put its key elsewhere.
    this.#give((on ? keys?.replace() : (keys?.next ?? keys?.current)) ?? null, give)
  }

  rename(id: string, label: string): void {
    const device = this.#options.deviceOf(id)
    if (device === undefined) return
    device.label = cleanDeviceName(label).slice(0, DEVICE_NAME_CHARS_MAX)
    this.#options.onChange()
    void this.save()
  }

  /** Takes the device off the list for a person: it is cut off now and can't come back. */
  revoke(id: string): void {
    const device = this.#options.deviceOf(id)
    if (device !== undefined) this.#end(device, 'person')
  }

  /** Takes the device off the list for another reason: it is cut off now, and its key is worth nothing any more. */
  forget(device: Device): void {
    const wasKnown = this.#known.has(device.id)
    this.#cutOff(device, 'unknown-link')
    if (wasKnown) void this.save()
  }

  /** Saves the devices. Never rejects: what is not on disk is still true until this run ends. */
  save(): Promise<void> {
    this.#savedAt = this.#options.now()
    return this.#options.save(this.#records()).catch(() => undefined)
  }

  /** Takes devices off whose time is over, and back whose time is not over after all; called every few seconds. */
  expire(): void {
    const over = this.#live().filter((one) => this.#isOver(one))
    for (const one of over) {
      const device = this.#options.deviceOf(one.id)
      if (device === undefined) continue
      // One that is here hears of it and forgets its key, so there is nothing to keep.
      if (device.state === 'away') this.#expired = newest([...this.#expired, this.#over(one)])
      this.#end(device, 'person')
    }
    const [still, back] = parted(this.#expired, (one) => this.#isOver(one))
    this.#expired = still.filter(({ over: since = 0 }) => this.#options.now() - since < REMEMBER_MS)
    for (const one of back) this.#options.onBack(this.#restore(one))
    if (back.length > 0 || this.#options.now() - this.#savedAt >= SAVE_EVERY_MS) void this.save()
  }

  #end(device: Device, why: 'person' | 'copied'): void {
    this.#cutOff(device, 'revoked')
    this.#options.onRevoked(device, why)
    void this.save()
  }

  /** Cuts the device off at the hub and here, for ever. */
  #cutOff(device: Device, code: Reason): void {
    const { links, expel, onGone } = this.#options
    const uid = links.all.find(({ id }) => id === device.id)?.uid
    links.forget(device.id)
    this.#known.delete(device.id)
    if (uid !== undefined) expel(uid, code)
    device.cut(code)
    onGone(device)
  }

  /** Gives the key once it is safe here: a phone must never have a key that a crash made us forget. */
  #give(key: DeviceKey | null, give: (credentials: Credentials) => void): void {
    void this.save().then(() => {
      if (key !== null) give({ t: 'credentials', id: toBase64Url(key.kid), key: toBase64Url(key.key) })
    })
  }

  #keysOf(id: string): DeviceKeys | null {
    return this.#options.links.all.find((link) => link.id === id)?.device ?? null
  }

  #isRemembering(id: string): boolean {
    return (this.#known.get(id)?.until ?? null) !== null
  }

  #isKept(id: string): boolean {
    return this.#known.has(id) || this.#expired.some((one) => one.id === id)
  }

  /** Whether the device's time is over. A tab that is here is not idle. */
  #isOver({ id, kind, until, lastSeen, seen = lastSeen }: Remembered): boolean {
    const now = this.#options.now()
    if (until !== null) return until <= now
    const state = this.#options.deviceOf(id)?.state ?? 'away'
    return kind === 'page' && state === 'away' && seen + REMEMBER_MS <= now
  }

  #over(one: Remembered): Remembered {
    return { ...one, over: one.over ?? this.#options.now() }
  }

  #records(): Remembered[] {
    return [...this.#live(), ...this.#expired]
  }

  #live(): Remembered[] {
    return this.#options.links.all.flatMap(({ id, uid, device: keys }) => {
      const device = this.#options.deviceOf(id)
      const known = this.#known.get(id)
      if (keys === null || device === undefined || known === undefined) return []
      const { said: name, label, kind, lastSeen, seen } = device
      const { autoAccept, clipboard } = device.preferences
      const { current, next, dead } = keys
      const key = keyText(current)
      return [
        {
          ...known.more,
          id,
          uid,
          name,
          label,
          kind,
          lastSeen,
          seen,
          autoAccept,
          clipboard,
          tests: [...device.test.kept],
          version: PROTOCOL_VERSION,
          firstSeen: known.firstSeen,
          until: known.until,
          key,
          next: next && keyText(next),
          dead: dead.map(keyText),
        },
      ]
    })
  }
}

function parted<T>(all: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))]
}

const seenAt = ({ seen, lastSeen }: Remembered): number => seen ?? lastSeen

const newest = (devices: readonly Remembered[]): readonly Remembered[] =>
  [...devices].sort((a, b) => seenAt(b) - seenAt(a)).slice(0, EXPIRED_MAX)

const keyText = ({ kid, key }: DeviceKey): Remembered['key'] => ({ kid: toBase64Url(kid), key: toBase64Url(key) })
const keyFrom = ({ kid, key }: Remembered['key']): DeviceKey => ({ kid: bytesFrom(kid), key: bytesFrom(key) })
