import { systemClock } from '#inbox/clock.ts'
import { Inbox } from '#inbox/inbox.ts'
import { unsetClock } from '#hub/unset-clock.ts'
import type { AppState } from '#electron/window-api.ts'
import type { AddressChoice } from '#hub/address-choice.ts'
import { m } from '#messages'
import type { LaneWish } from '#protocol/frames.ts'
import type { Source } from '#transfer/source.ts'
import type { CoreHub, CoreOptions } from './core-options.ts'
import { appState } from './desk-state.ts'
import { brokenEvent, newId, refOf } from './devices/device-parts.ts'
import type { DevicePorts, LinkPort } from './devices/device-ports.ts'
import type { DownloadHost } from './downloading.ts'
import { deviceFiles } from './devices/device-files.ts'
import { Device } from './devices/device.ts'
import { TransferList } from './transfers/transfer-list.ts'
import { Calendar } from './devices/calendar.ts'
import { DiskWatch } from './transfers/disk-watch.ts'
import { Leftovers } from './leftovers.ts'
import { LegacyPrompts } from './legacy-apps.ts'
import { PhoneData } from './records/phone-data.ts'
import { LinkNews } from './devices/link-news.ts'
import { PairingLinks } from './devices/pairing-links.ts'
import { FilePrompts } from './prompts.ts'
import { sendAgain } from './transfers/send.ts'
import { SendNote } from './transfers/send-note.ts'
import { PairedDevices } from './devices/paired-devices.ts'
import { ResendQueue } from './transfers/resend-queue.ts'

/** Phones that are away are remembered up to here; the one unseen for longest is forgotten first. */
const AWAY_MAX = 64

/** The product without its window: links, phones, transfers. Plain Node; the hub and the window plug in. */
export class Core {
  readonly links: PairingLinks
  readonly pairedDevices: PairedDevices
  readonly legacyPrompts: LegacyPrompts
  readonly filePrompts: FilePrompts
  readonly inbox: Inbox
  readonly transferList: TransferList
  readonly leftovers: Leftovers
  readonly phoneData: PhoneData
  /** For what expires after days. */
  readonly calendar: Calendar
  readonly sendNote: SendNote
  /** What goes on in the next run, should this one end before it. */
  readonly resendQueue: ResendQueue
  readonly #diskWatch: DiskWatch
  /** Which lane the bytes of files take. */
  laneWish: LaneWish
  /** Names this run for phones. */
  readonly #run = newId()
  readonly #options: CoreOptions
  readonly #devices = new Map<string, Device>()
  #hub: CoreHub | null = null
  readonly #link: LinkNews
  #sendFirst: readonly Source[]

  constructor(options: CoreOptions) {
    this.#options = options
    const clocks = { unset: unsetClock(), ...options.clocks }
    this.calendar = new Calendar(options.calendar, clocks)
    this.links = new PairingLinks(clocks.unset)
    const clock = { ...systemClock, now: () => this.calendar.now() }
    const onOther = (): void => this.#inboxChanged()
    this.inbox = new Inbox({ folder: options.inbox, data: options.data, clock, onOther })
    this.laneWish = options.lane ?? 'auto'
    this.#sendFirst = options.sendFirst
    const { legacy: policy = 'ask', person = 'window', onEvent } = options
    const onChange = (): void => {
      options.onChange('state')
    }
    this.sendNote = new SendNote({ onEvent, onChange })
    this.legacyPrompts = new LegacyPrompts({ policy, person, onEvent, onChange })
    const deviceOf = (id: string): Device | undefined => this.#devices.get(id)
    this.#link = new LinkNews({
      links: this.links,
      network: options.network,
      port: () => this.#port,
      onEvent,
      onChange,
    })
    this.phoneData = new PhoneData({ ...options, inbox: this.inbox, folder: options.inbox, deviceOf, onChange })
    this.filePrompts = new FilePrompts({ person, legacyAlways: () => this.legacyPrompts.policy === 'always', onChange })
    this.resendQueue = new ResendQueue(options.saveUnsent ?? (() => Promise.resolve()), options.unsent ?? [])
    this.transferList = this.#openTransferList()
    this.#diskWatch = this.#watchDisk()
    this.leftovers = new Leftovers(this.inbox, this.transferList, onChange)
    this.pairedDevices = this.#openPairedDevices()
    this.pairedDevices.restore(options.remembered ?? [])
    this.#addDevice()
  }

  /** The hub listens. */
  start(hub: CoreHub): void {
    this.#hub = hub
    for (const device of this.devices) sendAgain(this, device)
    this.#link.expect()
    this.#options.onChange('state')
  }

  /** Lets go of what is going on: it goes on in the next run. */
  async close(): Promise<void> {
    this.#diskWatch.stop()
    this.#link.close()
    await Promise.allSettled([...this.#devices.values()].map((device) => device.close()))
    // With the time, from which the next run goes on.
    await this.pairedDevices.save()
    await Promise.all([this.inbox.close(), this.resendQueue.flush()])
  }

  get devices(): readonly Device[] {
    return [...this.#devices.values()]
  }

  get #port(): number {
    return this.#hub?.port ?? 0
  }

  state(): AppState {
    return appState(this, this.#options, this.#port, this.#link)
  }

  /** The window hosts a link and hands over its end. Returns null for a link that is not ours. */
  attach(linkId: string, port: LinkPort): Device | null {
    const device = this.#devices.get(linkId)
    device?.attach(port)
    return device ?? null
  }

  addressesChanged(choices: readonly AddressChoice[]): void {
    this.#options.network.update(choices)
    this.#link.mayHaveChanged()
  }

  chooseAddress(address: string): void {
    if (this.#options.network.prefer(address)) this.#link.mayHaveChanged()
  }

  /** Asked every few seconds: a code that is too old makes room for a fresh one, by itself. */
  renewLink(): void {
    this.pairedDevices.expire()
    if (!this.links.isOld) return
    const device = this.#devices.get(this.links.current.id)
    this.links.renew()
    // Somebody may have come with it just now.
    if (device !== undefined) this.pairedDevices.forget(device)
    this.#addDevice()
    this.#link.mayHaveChanged()
  }

  deviceOf(id: string): Device | undefined {
    return this.#devices.get(id)
  }

  /** Says that something that the window shows has changed. */
  changed(): void {
    this.#options.onChange('state')
  }

  setLane(wish: LaneWish): void {
    this.laneWish = wish
    for (const { session } of this.#devices.values()) if (session !== null) session.wish = wish
    this.#options.onChange('state')
  }

  /** At the inbox's path is another folder, or no longer. */
  #inboxChanged(): void {
    const { inbox, onEvent, onChange } = this.#options
    if (this.inbox.isOther)
      onEvent({ event: 'error', code: 'inbox-other', message: m.cli_inbox_other({ folder: inbox }) })
    onChange('state')
  }

  setAutoAccept(deviceId: string, on: boolean): void {
    this.#wish(deviceId, { autoAccept: on })
  }

  setClipboard(deviceId: string, on: boolean): void {
    this.#wish(deviceId, { clipboard: on })
  }

  #wish(deviceId: string, preferences: { readonly autoAccept?: boolean; readonly clipboard?: boolean }): void {
    const device = this.#devices.get(deviceId)
    if (device === undefined) return
    Object.assign(device.preferences, preferences)
    this.#options.onChange('state')
    void this.pairedDevices.save()
  }

  #openTransferList(): TransferList {
    const { inbox, onEvent, onChange } = this.#options
    const { filePrompts, resendQueue, phoneData } = this
    const deviceOf = (id: string): Device | undefined => this.#devices.get(id)
    return new TransferList({
      inbox,
      filePrompts,
      resendQueue,
      history: phoneData.history,
      deviceOf,
      onEvent,
      onChange,
    })
  }

  #openPairedDevices(): PairedDevices {
    const { save, onChange, knowsAllPhones = () => true } = this.#options
    return new PairedDevices({
      links: this.links,
      deviceOf: (id) => this.#devices.get(id),
      save: (devices) => {
        if (knowsAllPhones()) this.resendQueue.keepOnly(new Set(devices.map(({ id }) => id)))
        return save?.({ devices, calendar: this.calendar.state() }) ?? Promise.resolve()
      },
      add: (id) => this.#addDevice(id),
      onBack: (device) => {
        sendAgain(this, device)
        onChange('state')
      },
      now: () => this.calendar.now(),
      expel: (uid, code) => {
        this.#hub?.expel(uid, code)
      },
      onGone: (device) => {
        this.#hub?.downloads?.revokeDevice(device.id)
        this.phoneData.removed(device)
        this.#devices.delete(device.id)
      },
      onRevoked: (device, why) => {
        this.#onRevoked(device, why)
      },
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

  /** Those that have been here. */
  get seen(): readonly Device[] {
    return [...this.#devices.values()].filter((device) => device.state !== 'empty')
  }

  #addDevice(id = this.links.current.id): Device {
    const device: Device = new Device(id, { ...this.#files(id, () => device), ...this.#events(() => device) })
    this.#devices.set(id, device)
    return device
  }

  #files(id: string, device: () => Device): Omit<DevicePorts, WhenItDoes> {
    const downloads = (): DownloadHost | null => this.#hub?.downloads ?? null
    return {
      ...deviceFiles(this, { ...this.#options, run: this.#run, id, device, downloads }),
      onTransfer: (view) => {
        this.transferList.put(device(), view)
        this.#diskWatch.put(id, view)
      },
    }
  }

  #events(device: () => Device): Pick<DevicePorts, WhenItDoes> {
    return {
      onRegistered: () => {
        this.#link.registered(device().id)
      },
      onJoined: () => {
        this.#onJoined(device())
      },
      onChange: () => {
        this.#options.onChange('state')
      },
      onBroken: (where, code) => {
        this.#options.onEvent(brokenEvent(device(), where, code))
      },
      onConfirmed: (give) => {
        this.pairedDevices.confirmed(device(), give)
      },
      onRemember: (on, give) => {
        this.pairedDevices.remember(device(), on, give)
      },
      onHere: () => {
        this.#onHere(device())
      },
      onReachable: () => {
        this.phoneData.exports.here(device().id)
      },
      onAway: () => {
        this.#options.onEvent({ event: 'left', device: refOf(device()) })
        void this.pairedDevices.save()
      },
    }
  }

  /** The link on the screen has its phone: the next phone needs another. */
  #onJoined(device: Device): void {
    if (device.id !== this.links.current.id) return
    this.links.renew()
    this.#addDevice()
    this.#forgetOldest()
    this.#link.mayHaveChanged()
  }

  #forgetOldest(): void {
    const away = this.seen.filter((device) => device.state === 'away').sort((a, b) => a.seen - b.seen)
    for (const device of away.slice(0, Math.max(0, away.length - AWAY_MAX))) this.pairedDevices.forget(device)
  }

  #onRevoked(device: Device, why: 'person' | 'copied'): void {
    this.#options.onEvent({ event: 'revoked', device: refOf(device), why })
    this.#options.onChange('state')
  }

  #onHere(device: Device): void {
    this.#options.onEvent({ event: 'paired', device: refOf(device) })
    const files = this.#sendFirst
    this.#sendFirst = []
    this.transferList.send(device.id, files)
  }
}

/** What a device says of its coming and going. */
type WhenItDoes =
  | 'onRegistered'
  | 'onJoined'
  | 'onBroken'
  | 'onChange'
  | 'onConfirmed'
  | 'onRemember'
  | 'onHere'
  | 'onReachable'
  | 'onAway'
