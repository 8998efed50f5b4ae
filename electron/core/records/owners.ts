import type { PeerKind } from '#protocol/hub-events.ts'
import type { KnownOwner } from '#store/owners.ts'
import type { Device } from '#core/devices/device.ts'

/** Phones whose names are kept. Those that were not seen for longest are forgotten first; their records stay. */
const OWNERS_MAX = 500

/** What phones with records here are called, also when they are gone. */
export class Owners {
  readonly #known: Map<string, KnownOwner>
  readonly #save: (owners: readonly KnownOwner[]) => void

  /** `save`: keeps them for the next run; there is none unless given. */
  constructor(known: readonly KnownOwner[], save: (owners: readonly KnownOwner[]) => void = () => undefined) {
    this.#known = new Map(known.map((owner) => [owner.id, owner]))
    this.#save = save
  }

  all(): readonly KnownOwner[] {
    return [...this.#known.values()]
  }

  kindOf(id: string): PeerKind | undefined {
    return this.#known.get(id)?.kind
  }

  /** `now`: what the device is called, if it is on the list. */
  nameOf(id: string, now = ''): string {
    return now === '' ? (this.#known.get(id)?.name ?? '') : now
  }

  /** Takes names that an earlier run kept and that could be read only now. */
  addEarlier(owners: readonly KnownOwner[]): void {
    const now = this.all()
    this.#known.clear()
    for (const owner of [...owners, ...now]) this.#known.set(owner.id, owner)
    this.#save(this.all())
  }

  /** Notes that the device has records, and what it is called now. The last one seen stands last. */
  saw({ id, name, kind }: Pick<Device, 'id' | 'name' | 'kind'>): void {
    const before = this.#known.get(id)
    const isLast = before !== undefined && before === [...this.#known.values()].at(-1)
    if (isLast && before.name === name && before.kind === kind) return
    this.#known.delete(id)
    this.#known.set(id, { id, name, kind })
    const [oldest] = this.#known.keys()
    if (this.#known.size > OWNERS_MAX && oldest !== undefined) this.#known.delete(oldest)
    this.#save(this.all())
  }

  forget(id: string): void {
    if (this.#known.delete(id)) this.#save(this.all())
  }
}
