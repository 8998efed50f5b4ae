import { basename } from 'node:path'
import { systemClock, type Clock } from '#inbox/clock.ts'
import { Inboxes } from '#inbox/inboxes.ts'
import type { AddressChoice } from '#hub/address-choice.ts'
import type { LaneHost } from '#hub/sealed-sockets.ts'
import { unsetClock } from '#hub/unset-clock.ts'
import type { CoreState, UnfinishedView } from '#electron/app-state.ts'
import { m } from '#messages'
import { toBase64Url } from '#protocol/base64url.ts'
import type { LaneWish } from '#protocol/frames.ts'
import { shown } from '#protocol/text.ts'
import { isRunning } from '#transfer/transfer-view.ts'
import type { KeptDevices } from '#store/device-store.ts'
import { keptNowhere } from '#store/json-file.ts'
import type { KnownOwner } from '#store/owners.ts'
import type { Unsent } from '#store/unsent.ts'
import { brokenEvent, refOf } from './app-events.ts'
import type { CoreHub, CoreOptions } from './core-options.ts'
import { Calendar } from './devices/calendar.ts'
import { Device, type DeviceEvents, type DeviceOptions } from './devices/device.ts'
import { PairedDevices } from './devices/paired-devices.ts'
import { PairingLinks } from './devices/pairing-links.ts'
import { ShownLink } from './devices/shown-link.ts'
import type { LinkPort } from './devices/window-link.ts'
import { newId, rowId } from './ids.ts'
import { FilePrompts, LegacyPrompts } from './prompts.ts'
import { PhoneData } from './records/phone-data.ts'
import { allFolders, landingFolder } from './transfers/landing-folders.ts'
import { DiskWatch } from './transfers/disk-watch.ts'
import { handedFilesOf, type HandedFiles } from './transfers/handed-files.ts'
import { FileReceiver } from './transfers/receive.ts'
import { ResendQueue } from './transfers/resend-queue.ts'
import { handOut, sendAgain, SendNote } from './transfers/send.ts'
import { TransferList } from './transfers/transfer-list.ts'

/** Phones that are away are remembered up to here; the one unseen for longest is forgotten first. */
const AWAY_MAX = 64

/** The app without its window: links, phones, transfers. Plain Node; the hub and the window plug in. */
export class Core {
  readonly links: PairingLinks
  readonly pairedDevices: PairedDevices
  readonly legacyPrompts: LegacyPrompts
  readonly filePrompts: FilePrompts
  readonly inbox: Inboxes
  readonly transferList: TransferList
  readonly phoneData: PhoneData
  /** The clock of what expires after days. */
  readonly calendar: Calendar
  readonly sendNote: SendNote
  /** Files and folders from outside of the window that wait for a phone. */
  readonly handedFiles: HandedFiles
  /** What is sent again in the next run, should this one end before it has ended. */
  readonly resendQueue: ResendQueue
  /** Which lane the bytes of files take. */
  laneWish: LaneWish
  /** This computer's name, as phones see it from their next connection on. */
  name: string
  readonly #options: CoreOptions
  readonly #devices = new Map<string, Device>()
  readonly #deviceOptions: DeviceOptions
  readonly #diskWatch: DiskWatch
  readonly #link: ShownLink
  #hub: CoreHub | null = null

  constructor(options: CoreOptions) {
    this.#options = options
    const { unsent = keptNowhere, onEvent } = options
    const clocks = { unset: unsetClock(), ...options.clocks }
    this.calendar = new Calendar(options.phones?.earlier.calendar, clocks)
    this.links = new PairingLinks(clocks.unset)
    const clock = { ...systemClock, now: () => this.calendar.now() }
    this.inbox = this.#openInboxes(clock)
    this.laneWish = options.lane ?? 'auto'
    this.name = options.name
    const { legacy: policy = 'ask', person = 'window' } = options
    const onChange = (): void => {
      this.changed()
    }
    const deviceOf = (id: string): Device | undefined => this.#devices.get(id)
    this.sendNote = new SendNote({ onEvent, onChange })
    this.legacyPrompts = new LegacyPrompts({ policy, person, onEvent, onChange })
    const legacyAlways = (): boolean => this.legacyPrompts.policy === 'always'
    this.filePrompts = new FilePrompts({ person, legacyAlways, onChange })
    const port = (): number => this.#port
    this.#link = new ShownLink({ links: this.links, network: options.network, port, onEvent, onChange })
    this.resendQueue = new ResendQueue(unsent)
    const { inbox, resendQueue } = this
    this.phoneData = new PhoneData({ ...options, inbox, resendQueue, deviceOf, onChange })
    this.transferList = this.#openTransferList(deviceOf)
    this.handedFiles = handedFilesOf(this, person === 'window')
    this.#diskWatch = this.#watchDisk(deviceOf)
    this.pairedDevices = this.#openPairedDevices(deviceOf)
    this.#deviceOptions = this.#optionsForDevices()
    this.pairedDevices.restore(options.phones?.earlier.devices ?? [])
    this.#addDevice()
  }

  /** The hub listens. */
  start(hub: CoreHub): void {
    this.#hub = hub
    for (const device of this.devices) sendAgain(this, device)
    this.#link.expect()
    this.changed()
  }

  /** The hub listens in another place. Phones have to scan again. */
  moved(hub: CoreHub): void {
    this.#hub = hub
    this.#link.mayHaveChanged()
  }

  /** Suspends what is going on: it resumes in the next run. */
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

  /** The devices that have been here. */
  get seen(): readonly Device[] {
    return [...this.#devices.values()].filter((device) => device.state !== 'empty')
  }

  deviceOf(id: string): Device | undefined {
    return this.#devices.get(id)
  }

  /** Finds the phone of a sealed socket at the hub: that of the proved registration which is the last word on it. */
  readonly laneHost: LaneHost = {
    sessionOf: (id) => this.#deviceOfSession(id)?.sessionKey ?? null,
    onLane: (id, lane) => {
      const device = this.#deviceOfSession(id)
      if (device === undefined) lane.close()
      else device.addLane(lane)
    },
  }

  /** Whether the window is needed though nobody looks: nothing works before it has been at the hub, or it is in use. */
  get needsWindow(): boolean {
    return !this.#link.isReady || this.devices.some(({ lane }) => lane !== null)
  }

  /** Returns all that the window shows. */
  state(): CoreState {
    const { token, network, networks = () => [], fileNotes } = this.#options
    const { links, legacyPrompts } = this
    const { text, isStuck } = this.#link
    const port = this.#port
    return {
      hub: { url: `http://127.0.0.1:${port}`, token },
      link: text === null ? null : { id: links.current.id, text },
      address: network.address === null ? null : { host: network.address, port },
      addresses: network.choices,
      networks: networks(),
      strangers: network.strangers,
      isStuck,
      hosted: port === 0 ? [] : links.all.map(({ id, uid }) => ({ id, uid })),
      devices: this.seen.map((device) => device.view()),
      transfers: this.transferList.transfers(),
      batches: this.transferList.batches(),
      unfinished: this.#unfinished(),
      sendNote: this.sendNote.view,
      handed: this.handedFiles.view,
      ...this.phoneData.state(),
      fileNotes: [...(fileNotes?.() ?? []), ...this.phoneData.unkept.notes],
      legacyQuestions: legacyPrompts.questions(),
      inboxName: basename(this.inbox.folder),
      isOtherInbox: this.inbox.isOther,
      name: this.name,
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
    this.#link.mayHaveChanged()
    // Of a computer with several networks a lane may be left, by which its phone hears where else to look.
    for (const { session } of this.#devices.values()) session?.greetAgain()
  }

  /** Puts this one of the offered addresses into the link; null = the likeliest. */
  chooseAddress(address: string | null): void {
    if (this.#options.network.prefer(address)) this.#link.mayHaveChanged()
  }

  /** Renews a code that is too old; called every few seconds. */
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

  /** Says that something that the window shows has changed. */
  changed(): void {
    this.#options.onChange('state')
  }

  rename(name: string): void {
    this.name = name
    this.changed()
  }

  setLane(wish: LaneWish): void {
    this.laneWish = wish
    for (const { session } of this.#devices.values()) if (session !== null) session.wish = wish
    this.changed()
  }

  setAutoAccept(deviceId: string, on: boolean): void {
    this.#prefer(deviceId, { autoAccept: on })
  }

  setClipboard(deviceId: string, on: boolean): void {
    this.#prefer(deviceId, { clipboard: on })
  }

  /** Tests the connection to a device: nothing else moves meanwhile, so one after the other. */
  async testConnection(deviceId: string): Promise<void> {
    const device = this.#devices.get(deviceId)
    if (device === undefined || this.devices.some(({ test }) => test.isRunning)) return
    if (await device.test.run(device.session, this.transferList.isMoving)) await this.pairedDevices.save()
  }

  /** Removes what is kept of a file that did not arrive whole. */
  async removeUnfinished(key: string): Promise<void> {
    await this.inbox.removePart(key)
    this.changed()
  }

  /** Takes phones of earlier runs from a file that could be read only now. */
  recallPhones({ devices, calendar }: KeptDevices): void {
    this.calendar.adopt(calendar)
    for (const device of this.pairedDevices.restore(devices)) sendAgain(this, device)
    void this.pairedDevices.save()
    this.changed()
  }

  /** Takes what was to reach phones from a file that could be read only now. */
  recallUnsent(things: readonly Unsent[]): void {
    const fresh = new Set(this.resendQueue.addEarlier(things).map(({ id }) => id))
    for (const device of this.devices) sendAgain(this, device, (id) => fresh.has(id))
    this.changed()
  }

  /** Takes the names of phones with records from a file that could be read only now. */
  recallOwners(owners: readonly KnownOwner[]): void {
    this.phoneData.owners.addEarlier(owners)
    this.changed()
  }

  /** The hub's port; 0 while it does not listen. */
  get #port(): number {
    return this.#hub?.port ?? 0
  }

  #deviceOfSession(id: string): Device | undefined {
    return this.devices.find(({ sessionKey: key }) => key !== null && toBase64Url(key.id) === id)
  }

  /** Files that did not arrive whole and are not on the list of transfers, newest first. */
  #unfinished(): UnfinishedView[] {
    return this.inbox
      .parts()
      .filter(({ deviceId, id }) => !this.transferList.moves(rowId(deviceId, id)))
      .sort((a, b) => b.at - a.at)
      .map(({ key, deviceId, lands: name, size, kept, at }) => ({ key, deviceId, name, size, kept, at }))
  }

  /** At the inbox's path is another folder, or no longer. */
  #inboxChanged(): void {
    const { onEvent } = this.#options
    const { folder } = this.inbox
    if (this.inbox.isOther) onEvent({ event: 'error', code: 'inbox-other', message: m.cli_inbox_other({ folder }) })
    this.changed()
  }

  #prefer(deviceId: string, preferences: { readonly autoAccept?: boolean; readonly clipboard?: boolean }): void {
    const device = this.#devices.get(deviceId)
    if (device === undefined) return
    Object.assign(device.preferences, preferences)
    this.changed()
    void this.pairedDevices.save()
  }

  #openInboxes(clock: Clock): Inboxes {
    const { inbox, data, landing = () => ({ inbox, kindFolders: {}, phoneFolders: {} }) } = this.#options
    return new Inboxes({
      data,
      clock,
      folders: () => allFolders(landing()),
      folderFor: (deviceId, lands) => landingFolder(landing(), deviceId, lands),
      onOther: () => {
        this.#inboxChanged()
      },
    })
  }

  #openTransferList(deviceOf: (id: string) => Device | undefined): TransferList {
    const { onEvent, onChange } = this.#options
    const { inbox, filePrompts, resendQueue, phoneData } = this
    const { history } = phoneData
    return new TransferList({ inbox, filePrompts, resendQueue, history, deviceOf, onEvent, onChange })
  }

  #watchDisk(deviceOf: (id: string) => Device | undefined): DiskWatch {
    const { lookAtDiskMs: everyMs } = this.#options
    return new DiskWatch({
      missing: (bytes, deviceId, id) => this.inbox.missing(bytes, deviceId, id),
      tryDisk: (deviceId, id) => deviceOf(deviceId)?.session?.tryDisk(id),
      ...(everyMs !== undefined && { everyMs }),
    })
  }

  #openPairedDevices(deviceOf: (id: string) => Device | undefined): PairedDevices {
    const { phones, onEvent } = this.#options
    return new PairedDevices({
      links: this.links,
      deviceOf,
      save: (devices) => {
        if (phones?.knowsAll() !== false) this.resendQueue.keepOnly(new Set(devices.map(({ id }) => id)))
        return phones?.save({ devices, calendar: this.calendar.state() }) ?? Promise.resolve()
      },
      add: (id) => this.#addDevice(id),
      onBack: (device) => {
        sendAgain(this, device)
        this.changed()
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
        onEvent({ event: 'revoked', device: refOf(device), why })
        this.changed()
      },
      onChange: () => {
        this.changed()
      },
    })
  }

  #addDevice(id = this.links.current.id): Device {
    const device = new Device(id, this.#deviceOptions)
    this.#devices.set(id, device)
    return device
  }

  #optionsForDevices(): DeviceOptions {
    const { newPhones = () => ({ autoAccept: true, clipboard: false }) } = this.#options
    const { inbox, filePrompts: prompts, phoneData } = this
    return {
      computerName: () => this.name,
      newPhones,
      run: newId(),
      now: () => this.calendar.now(),
      laneWish: () => this.laneWish,
      testMs: this.#options.testMs,
      places: () => this.#link.places(this.#options.localName),
      files: new FileReceiver({
        inbox,
        prompts,
        isAskedFor: (batch, id) => phoneData.exports.takes(batch, id),
      }),
      sync: phoneData,
      handOut: (device, source, events) => handOut(this.#hub?.downloads ?? null, device, source, events),
      events: this.#deviceEvents(),
    }
  }

  #deviceEvents(): DeviceEvents {
    return {
      onRegistered: ({ id }) => {
        this.#link.registered(id)
      },
      onJoined: (device) => {
        this.#onJoined(device)
      },
      onHere: (device) => {
        this.#onHere(device)
      },
      onGreeted: ({ id }) => {
        this.handedFiles.came(id)
      },
      onReachable: ({ id }) => {
        this.phoneData.exports.here(id)
      },
      onAway: (device) => {
        this.#onAway(device)
      },
      onConfirmed: (device, give) => {
        this.pairedDevices.confirmed(device, give)
      },
      onRemember: (device, on, give) => {
        this.pairedDevices.remember(device, on, give)
      },
      ...this.#transferEvents(),
      onChange: () => {
        this.changed()
      },
    }
  }

  #transferEvents(): Pick<DeviceEvents, 'onBatch' | 'onTransfer' | 'onBroken'> {
    const { onEvent } = this.#options
    return {
      onBatch: (device, batch) => {
        this.transferList.announced(device, { ...batch, name: shown(batch.name) })
        this.phoneData.exports.begun(device, batch)
      },
      onTransfer: (device, view) => {
        this.transferList.put(device, view)
        if (isRunning(view)) for (const { test } of this.devices) test.stop()
        this.#diskWatch.put(device.id, view)
      },
      onBroken: (device, where, code) => {
        onEvent(brokenEvent(device, where, code))
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

  #onAway(device: Device): void {
    this.#options.onEvent({ event: 'left', device: refOf(device) })
    void this.pairedDevices.save()
  }

  #onHere(device: Device): void {
    this.#options.onEvent({ event: 'paired', device: refOf(device) })
  }
}
