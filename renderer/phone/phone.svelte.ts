import type { Reason } from '#protocol/errors.ts'
import type { Credentials, SyncFrame } from '#protocol/frames.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import { startHashing } from '#peer/hash.ts'
import type { Lane } from '#transfer/lane.ts'
import { leftOut } from '#transfer/left-out.ts'
import { MeasureAnswers } from '#transfer/measuring/measure-answers.ts'
import { Session } from '#transfer/session.ts'
import type { Peer } from '#transfer/session-options.ts'
import type { ExtrasPage } from './extras/extras.ts'
import { ExtrasLoader } from './extras-loader.ts'
import { fromInput, type PickedFiles } from './folder-pick.ts'
import { newId } from './ids.ts'
import type { PhoneModel } from './model.ts'
import { openStores, type PageStore } from './page-store.ts'
import { PhoneLink, type PhoneLinkEvents } from './phone-link.svelte.ts'
import { Refusals } from './refusals.svelte.ts'
import { PhoneTransfers } from './transfers.svelte.ts'

/** What this page says of itself in `hello`. */
const ABILITIES = { many: true, pieces: true, got: true, records: true, texts: true, measures: true } as const

/** Shows this page what goes on with its computer: keeps the session, its transfers and what was refused. */
export class Phone implements ExtrasPage {
  desktopName = $state.raw('')
  lane = $state.raw<PhoneModel['lane']>(null)
  readonly #extras = new ExtrasLoader(this)
  readonly #refusals = new Refusals()
  readonly #transfers = new PhoneTransfers((file) => this.#extras.thumbnail(file))
  readonly #sha256 = startHashing()
  readonly #stores = openStores()
  readonly #link: PhoneLink
  /** Made with the first lane, and kept: what goes on outlives its lanes. */
  #session: Session | null = null

  /** `open`: in place of a link that does as these events say, for a test. */
  constructor(open = (events: PhoneLinkEvents): PhoneLink => new PhoneLink(this.#stores, events)) {
    this.#link = open({
      onComputer: (name) => {
        this.desktopName = name
      },
      onLane: (lane) => {
        this.#open(lane)
      },
      onRefusal: (what) => {
        this.#refusals.add(what)
      },
      onEnded: (code) => {
        this.#ended(code)
      },
      lanes: () => this.#session?.lanes ?? [],
    })
  }

  get connection(): PhoneModel['connection'] {
    return this.#link.connection
  }

  get reason(): PhoneModel['reason'] {
    return this.#link.reason
  }

  get meanwhile(): PhoneModel['meanwhile'] {
    return this.#link.meanwhile
  }

  get remembered(): boolean {
    return this.#link.remembered
  }

  get canForget(): boolean {
    return this.#link.canForget
  }

  get canTry(): boolean {
    return this.#link.canTry
  }

  get transfers(): PhoneModel['transfers'] {
    return this.#transfers.list
  }

  get batches(): PhoneModel['batches'] {
    return this.#transfers.batches
  }

  get unfinished(): PhoneModel['unfinished'] {
    return this.#transfers.unfinished
  }

  get refusals(): PhoneModel['refusals'] {
    return this.#refusals.list
  }

  get uid(): string {
    return this.#link.uid
  }

  get store(): PageStore {
    return this.remembered ? this.#stores.browser : this.#stores.tab
  }

  start(): void {
    this.#link.start()
  }

  send(files: readonly File[]): void {
    this.sendPicked(fromInput(files))
  }

  sendPicked({ files, left, leftNames }: PickedFiles, batch?: string): void {
    const isEmpty = files.length === 0 && leftNames.every((name) => name.endsWith('/'))
    // What goes has a row, and what was left out is said there.
    if (left > 0 && (files.length === 0 || this.#session === null)) this.#refusals.add(isEmpty ? 'empty' : 'left-out')
    if (files.length > 0 && this.#session === null) this.#refusals.add('not-sent')
    this.#transfers.sendAll(this.#session, files, batch, leftOut(leftNames, left))
  }

  say(frame: SyncFrame): void {
    this.#session?.sync(frame)
  }

  cancel(id: string): void {
    if (this.#transfers.isBatch(id)) this.#transfers.cancelBatch(this.#session, id)
    else this.#session?.cancel(id)
  }

  forget(id: string): void {
    this.#transfers.forgetUnfinished(id)
  }

  pause(id: string, on: boolean): void {
    this.#session?.pause(id, on)
  }

  retry(id: string): void {
    if (this.#session === null) this.#refusals.add('not-sent')
    this.#transfers.retry(this.#session, id)
  }

  remember(on: boolean): void {
    if (this.#session === null) return
    this.#link.remember(on)
    this.#session.remember(on)
  }

  clearFinished(): void {
    this.#transfers.clearFinished()
  }

  dismiss(words: string): void {
    this.#refusals.dismiss(words)
  }

  reconnect(): void {
    this.#link.reconnect()
  }

  forgetComputer(): void {
    this.#link.forget()
  }

  #open(lane: Lane): void {
    this.#session ??= this.#openSession()
    this.#session.addLane(lane)
  }

  #openSession(): Session {
    const end = (code: Reason): void => {
      this.#link.end(code)
    }
    return new Session({
      parity: 1,
      newBatcher: (send) => this.#link.newBatcher(send),
      self: { name: this.#link.name, kind: 'page', ...ABILITIES },
      newMeasuring: (say) => new MeasureAnswers(say),
      session: newId(),
      sha256: this.#sha256,
      newId,
      mustFetch: (offer) => this.#transfers.isTooLarge(offer),
      openSink: (offer, fresh) => this.#transfers.openSink(offer, fresh),
      onPeer: (peer) => {
        this.#greeted(peer)
      },
      onSync: (frame) => {
        this.#extras.receive(frame)
      },
      onTransfer: (view) => {
        this.#transfers.put(view.at === undefined ? view : { ...view, at: this.#link.urlOf(view.at) })
      },
      onBatch: (batch) => {
        this.#transfers.announced(batch)
      },
      onUnfinished: (file) => {
        this.#transfers.addUnfinished(file)
      },
      onLanes: (kinds) => {
        this.lane = kinds.length > 0 ? (this.#session?.lane ?? null) : null
        this.#link.lanesChanged(kinds.length > 0)
      },
      onCredentials: (credentials) => {
        this.#keep(credentials)
      },
      onClosed: end,
      onBroken: end,
    })
  }

  #greeted({ name, at, texts }: Peer): void {
    this.desktopName = cleanDeviceName(name)
    this.#link.learn(at)
    this.#extras.greeted(texts)
  }

  #keep(credentials: Credentials): void {
    if (this.#link.keep(credentials) || !this.remembered) return
    this.#refusals.add('not-remembered')
    this.remember(false)
  }

  #ended(code: Reason): void {
    const session = this.#session
    this.#session = null
    this.lane = null
    session?.end(code)
  }
}
