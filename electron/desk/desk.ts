import { basename } from 'node:path'
import { Inbox } from '#inbox/inbox.ts'
import type { DeskState } from '#electron/shell-api.ts'
import type { AddressChoice } from '#hub/address-choice.ts'
import type { LaneWish } from '#protocol/frames.ts'
import type { Source } from '#transfer/source.ts'
import type { DeskHub, DeskOptions } from './desk-options.ts'
import { newId } from './device-parts.ts'
import type { DevicePorts, LinkPort } from './device-ports.ts'
import { handOutAt } from './downloading.ts'
import { receiving } from './receiving.ts'
import { Device } from './device.ts'
import { Board, refOf, rowId } from './board.ts'
import { DiskWatch } from './disk-watch.ts'
import { Leftovers } from './leftovers.ts'
import { LegacyApps } from './legacy-apps.ts'
import { Links } from './links.ts'
import { Offers } from './offers.ts'
import { sendAgain } from './outgoing.ts'
import { ShownLink } from './shown-link.ts'
import { Trust } from './trust.ts'
import { UnsentFiles } from './unsent.ts'

/** Phones that are away are remembered up to here; the oldest is forgotten first. */
const AWAY_MAX = 64

/** The product without its window: links, phones, transfers. Plain Node; the hub and the window plug in. */
export class Desk {
  readonly links: Links
  readonly trust: Trust
  readonly legacy: LegacyApps
  readonly offers: Offers
  readonly inbox: Inbox
  readonly board: Board
  readonly leftovers: Leftovers
  /** What goes on in the next run, should this one end before it. */
  readonly unsent: UnsentFiles
  readonly #diskWatch: DiskWatch
  /** Which lane the bytes of files take. */
  laneWish: LaneWish
  /** Names this run for phones. */
  readonly #run = newId()
  readonly #options: DeskOptions
  readonly #devices = new Map<string, Device>()
  #hub: DeskHub | null = null
  readonly #shown: ShownLink
  #sendFirst: readonly Source[]

  constructor(options: DeskOptions) {
    this.#options = options
    this.links = new Links(options.now)
    this.inbox = new Inbox({ folder: options.inbox, data: options.data })
    this.laneWish = options.lane ?? 'auto'
    this.#sendFirst = options.sendFirst
    const { legacy: policy = 'ask', person = 'window', onEvent } = options
    const onChange = (): void => {
      options.onChange('state')
    }
    this.#shown = this.#showLink()
    this.legacy = new LegacyApps({ policy, person, onEvent, onChange })
    this.offers = new Offers({ person, legacyAlways: () => this.legacy.policy === 'always', onChange })
    this.unsent = new UnsentFiles(options.saveUnsent ?? (() => Promise.resolve()), options.unsent ?? [])
    this.board = new Board({
      ...{ inbox: options.inbox, offers: this.offers, unsent: this.unsent, onEvent, onChange: options.onChange },
      deviceOf: (id) => this.#devices.get(id),
    })
    this.#diskWatch = this.#watchDisk()
    this.leftovers = new Leftovers(this.inbox, this.board, onChange)
    this.trust = new Trust({
      links: this.links,
      deviceOf: (id) => this.#devices.get(id),
      save: (devices) => {
        this.unsent.keepOnly(new Set(devices.map(({ id }) => id)))
        return options.save?.(devices) ?? Promise.resolve()
      },
      expel: (uid, code) => {
        this.#hub?.expel(uid, code)
      },
      onRevoked: (device, why) => {
        this.#onRevoked(device, why)
      },
      onChange,
    })
    this.trust.restore(options.remembered ?? [], (id) => this.#addDevice(id))
    this.#addDevice()
  }

  /** The hub listens. */
  start(hub: DeskHub): void {
    this.#hub = hub
    sendAgain(this)
    this.#options.onChange('state')
  }

  /** Lets go of what is going on: it goes on in the next run. */
  async close(): Promise<void> {
    this.#diskWatch.stop()
    await Promise.allSettled([...this.#devices.values()].map((device) => device.close()))
    await Promise.all([this.inbox.close(), this.unsent.flush()])
  }

  get devices(): readonly Device[] {
    return [...this.#devices.values()]
  }

  get #port(): number {
    return this.#hub?.port ?? 0
  }

  state(): DeskState {
    const { network, token, inbox, name } = this.#options
    const text = this.#shown.text
    return {
      hub: { url: `http://127.0.0.1:${this.#port}`, token },
      link: text === null ? null : { id: this.links.current.id, text },
      address: network.address === null ? null : { host: network.address, port: this.#port },
      addresses: network.choices,
      hosted: this.#port === 0 ? [] : this.links.all.map(({ id, uid }) => ({ id, uid })),
      devices: this.#seen().map((device) => device.view()),
      transfers: this.board.transfers(),
      batches: this.board.batches(),
      unfinished: this.leftovers.views(),
      lane: this.laneWish,
      legacy: this.legacy.policy,
      legacyQuestions: this.legacy.questions(),
      inboxName: basename(inbox),
      name,
    }
  }

  /** The window hosts a link and hands over its end. Returns null for a link that is not ours. */
  attach(linkId: string, port: LinkPort): Device | null {
    const device = this.#devices.get(linkId)
    device?.attach(port)
    return device ?? null
  }

  addressesChanged(choices: readonly AddressChoice[]): void {
    this.#options.network.update(choices)
    this.#shown.mayHaveChanged()
  }

  chooseAddress(address: string): void {
    if (this.#options.network.prefer(address)) this.#shown.mayHaveChanged()
  }

  /** Asked every few seconds: a code that is too old makes room for a fresh one, by itself. */
  renewLink(): void {
    this.trust.expire()
    if (!this.links.isOld) return
    const { id } = this.links.current
    this.links.renew()
    this.links.forget(id)
    this.#devices.delete(id)
    this.#addDevice()
    this.#shown.mayHaveChanged()
  }

  deviceOf(id: string): Device | undefined {
    return this.#devices.get(id)
  }

  setLane(wish: LaneWish): void {
    this.laneWish = wish
    for (const { session } of this.#devices.values()) if (session !== null) session.wish = wish
    this.#options.onChange('state')
  }

  setAutoAccept(deviceId: string, on: boolean): void {
    this.#devices.get(deviceId)?.setAutoAccept(on)
    void this.trust.save()
  }

  #showLink(): ShownLink {
    const { network, onEvent, onChange } = this.#options
    return new ShownLink({
      ...{ links: this.links, network, port: () => this.#port, onEvent },
      onChange: () => {
        onChange('state')
      },
    })
  }

  #watchDisk(): DiskWatch {
    const { lookAtDiskMs: everyMs } = this.#options
    return new DiskWatch({
      missing: (bytes) => this.inbox.missing(bytes),
      tryDisk: (deviceId, id) => this.#devices.get(deviceId)?.session?.tryDisk(id),
      ...(everyMs !== undefined && { everyMs }),
    })
  }

  #seen(): Device[] {
    return [...this.#devices.values()].filter((device) => device.state !== 'empty')
  }

  #addDevice(id = this.links.current.id): Device {
    const device: Device = new Device(id, { ...this.#files(id, () => device), ...this.#events(() => device) })
    this.#devices.set(id, device)
    return device
  }

  #files(id: string, device: () => Device): Omit<DevicePorts, WhenItDoes> {
    const { inbox, offers } = this
    const { name: computerName, inbox: folder } = this.#options
    return {
      computerName,
      run: this.#run,
      laneWish: () => this.laneWish,
      ...receiving({ inbox, folder, offers, device, rowId }),
      handOut: handOutAt(() => this.#hub?.downloads ?? null, id),
      onBatch: (batch) => {
        this.board.announced(device(), batch)
      },
      onTransfer: (view) => {
        this.board.put(device(), view)
        this.#diskWatch.put(id, view)
      },
    }
  }

  #events(device: () => Device): Pick<DevicePorts, WhenItDoes> {
    return {
      onRegistered: () => {
        this.#onRegistered(device())
      },
      onJoined: () => {
        this.#onJoined(device())
      },
      onChange: () => {
        this.#options.onChange('state')
      },
      onConfirmed: (give) => {
        this.trust.confirmed(device(), give)
      },
      onRemember: (on, give) => {
        this.trust.remember(device(), on, give)
      },
      onHere: () => {
        this.#onHere(device())
      },
      onAway: () => {
        this.#options.onEvent({ event: 'left', device: refOf(device()) })
        void this.trust.save()
      },
    }
  }

  #onRegistered(device: Device): void {
    if (device.id === this.links.current.id) this.#shown.registered()
  }

  /** The link on the screen has its phone: the next phone needs another. */
  #onJoined(device: Device): void {
    if (device.id !== this.links.current.id) return
    this.links.renew()
    this.#addDevice()
    this.#forgetOldest()
    this.#shown.mayHaveChanged()
  }

  #forgetOldest(): void {
    const away = this.#seen().filter((device) => device.state === 'away')
    for (const device of away.slice(0, Math.max(0, away.length - AWAY_MAX))) {
      this.links.forget(device.id)
      this.#devices.delete(device.id)
      this.trust.forget(device.id)
    }
  }

  #onRevoked(device: Device, why: 'person' | 'copied'): void {
    this.#hub?.downloads?.revokeDevice(device.id)
    this.#devices.delete(device.id)
    this.#options.onEvent({ event: 'revoked', device: refOf(device), why })
    this.#options.onChange('state')
  }

  #onHere(device: Device): void {
    this.#options.onEvent({ event: 'paired', device: refOf(device) })
    const files = this.#sendFirst
    this.#sendFirst = []
    this.board.send(device.id, files)
  }
}

/** What a device says of its coming and going. */
type WhenItDoes = 'onRegistered' | 'onJoined' | 'onChange' | 'onConfirmed' | 'onRemember' | 'onHere' | 'onAway'
