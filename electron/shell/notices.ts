import type { AppState, DeviceView, ListedBatch, ListedTransfer } from '#electron/app-state.ts'
import { m } from '#messages'
import { transferWords } from '#messages/words.ts'
import { shown } from '#protocol/text.ts'
import type { SettingValues } from '#store/setting-rows.ts'

/** What a click on a notice, or one of its buttons, does. */
export type NoticeAction =
  | { readonly do: 'show-file' | 'copy-text'; readonly id: string }
  | { readonly do: 'answer-files'; readonly ids: readonly string[]; readonly yes: boolean }
  | { readonly do: 'answer-legacy'; readonly id: string; readonly yes: boolean }
  | { readonly do: 'show-window' | 'show-settings' }

/** What is told outside of the window. Foreign names in it are cleaned, and it holds no markup. */
export interface Notice {
  /** A later notice of the same tag takes the place of an earlier one. */
  readonly tag: string
  readonly title: string
  readonly body: string
  readonly click: NoticeAction
  /** Shown where the system has them. */
  readonly buttons: readonly { readonly label: string; readonly action: NoticeAction }[]
}

/** What of the state is told. */
export type NoticeState = Pick<AppState, 'devices' | 'transfers' | 'batches' | 'texts' | 'legacyQuestions'>

/** The settings that switch notices, one for each kind. */
export type NoticeKind = 'notifyArrivals' | 'notifyTexts' | 'notifyQuestions' | 'notifyFailures' | 'notifyWaiting'
export type NoticeSettings = Pick<SettingValues, NoticeKind>

const WINDOW: NoticeAction = { do: 'show-window' }

/** Characters of a text, and of a name. */
const TEXT_CHARS_MAX = 200
const NAME_CHARS_MAX = 80

/** Ids of what was told, many times what is on the lists. */
const KNOWN_MAX = 4_096

/**
 * Decides what is told outside of the window: arrivals, texts, questions, failures, and phones that went while files wait for
 * them. Compares each state with the one before, says nothing while the window is in front, and gathers what belongs
 * together: a batch, or all that came from one device since somebody last looked, is one notice.
 */
export class Notices {
  readonly #settings: () => NoticeSettings
  readonly #known = new Set<string>()
  /** By tag: what is to be told at the next `due`. */
  readonly #due = new Map<string, Notice>()
  /** By tag: what has come since the window was last in front. */
  readonly #unseen = new Map<string, Set<string>>()
  readonly #open = new Set<string>()
  #over: string[] = []
  #isFirst = true
  /** Something has come since the window was last in front. */
  hasUnseen = false

  /** `settings` are asked at each change. */
  constructor(settings: () => NoticeSettings) {
    this.#settings = settings
  }

  /** Takes the state as it is now. `inFront`: a person looks at the window. */
  take(state: NoticeState, inFront: boolean): void {
    const silent = this.#isFirst || inFront
    this.#isFirst = false
    for (const batch of state.batches) this.#batch(batch, silent)
    const batches = new Set(state.batches.map(({ id }) => id))
    for (const one of state.transfers) if (one.batch === undefined || !batches.has(one.batch)) this.#file(one, silent)
    for (const one of state.texts) this.#text(one, silent)
    this.#questions(state, silent)
    for (const device of state.devices) this.#waiting(device, state, silent)
    if (inFront) this.#seen()
  }

  /** Returns what is to be told now, and the tags of what is over; both are forgotten with it. */
  due(): { readonly show: readonly Notice[]; readonly close: readonly string[] } {
    const show = [...this.#due.values()]
    const close = this.#over
    this.#due.clear()
    this.#over = []
    for (const { tag } of show) this.#open.add(tag)
    return { show, close }
  }

  /** Whoever is before the window sees it there. */
  #seen(): void {
    this.#unseen.clear()
    this.#due.clear()
    this.hasUnseen = false
    for (const tag of [...this.#open]) this.#close(tag)
  }

  #close(tag: string): void {
    this.#due.delete(tag)
    this.#unseen.delete(tag)
    if (this.#open.delete(tag)) this.#over.push(tag)
  }

  /** Tells whether this is new, once. */
  #isNew(key: string): boolean {
    if (this.#known.has(key)) return false
    this.#known.add(key)
    const [oldest] = this.#known
    if (this.#known.size > KNOWN_MAX && oldest !== undefined) this.#known.delete(oldest)
    return true
  }

  /** Counts one more under a tag that nobody has seen. Returns how many there are. */
  #count(tag: string, id: string): number {
    const ids = (this.#unseen.get(tag) ?? new Set()).add(id)
    this.#unseen.set(tag, ids)
    return ids.size
  }

  #say(kind: NoticeKind, notice: Omit<Notice, 'buttons'> & Partial<Pick<Notice, 'buttons'>>): void {
    if (this.#settings()[kind]) this.#due.set(notice.tag, { buttons: [], ...notice })
  }

  #file(one: ListedTransfer, silent: boolean): void {
    const { id, state, direction, deviceId, name, reason } = one
    if (state === 'moving' || state === 'cancelled' || !this.#isNew(`${id} ${state}`) || silent) return
    const title = titleOf(one)
    if (state === 'failed') {
      const body = m.notice_failed({ name: plain(name), reason: transferWords(reason) })
      this.#say('notifyFailures', { tag: `failed ${deviceId}`, title, body, click: WINDOW })
    } else if (direction === 'in') {
      const count = this.#arrived(deviceId, id)
      const body = count === 1 ? m.notice_arrived({ name: plain(name) }) : m.notice_arrived_many({ count })
      this.#sayArrived({ deviceId, title, body, id: one.canShow ? id : null })
    }
  }

  #batch({ id, state, direction, done, ...batch }: ListedBatch, silent: boolean): void {
    if (state === 'moving' || state === 'cancelled' || !this.#isNew(`${id} ${state}`) || silent) return
    const { deviceId, failed } = batch
    const title = titleOf(batch)
    if (failed > 0)
      this.#say('notifyFailures', {
        ...{ tag: `failed ${deviceId}`, title, click: WINDOW },
        body: m.notice_failed_many({ count: failed }),
      })
    if (direction !== 'in' || done === 0) return
    this.#arrived(deviceId, id)
    const body =
      batch.name === '' ? m.notice_arrived_many({ count: done }) : m.notice_arrived({ name: plain(batch.name) })
    this.#sayArrived({ deviceId, title, body, id: batch.canShow ? id : null })
  }

  #arrived(deviceId: string, id: string): number {
    this.hasUnseen = true
    return this.#count(`arrived ${deviceId}`, id)
  }

  #sayArrived({
    deviceId,
    title,
    body,
    id,
  }: {
    deviceId: string
    title: string
    body: string
    id: string | null
  }): void {
    const show: NoticeAction = id === null ? WINDOW : { do: 'show-file', id }
    const buttons = id === null ? [] : [{ label: m.notice_show(), action: show }]
    this.#say('notifyArrivals', { tag: `arrived ${deviceId}`, title, body, click: show, buttons })
  }

  #text({ id, deviceId, text, ...card }: NoticeState['texts'][number], silent: boolean): void {
    if (!this.#isNew(`text ${id}`) || silent) return
    this.hasUnseen = true
    const buttons = [{ label: m.notice_copy(), action: { do: 'copy-text', id } as const }]
    const body = plain(text, TEXT_CHARS_MAX)
    this.#say('notifyTexts', { tag: `text ${deviceId}`, title: titleOf(card), body, click: WINDOW, buttons })
  }

  /** Asks for as long as the question is open. */
  #questions({ devices, transfers, legacyQuestions }: NoticeState, silent: boolean): void {
    for (const { id: deviceId, name: deviceName } of devices) {
      const tag = `asks ${deviceId}`
      const asking = transfers.filter((one) => one.deviceId === deviceId && one.asks)
      const [first] = asking
      if (first === undefined) this.#close(tag)
      const fresh = asking.filter(({ id }) => this.#isNew(`asks ${id}`))
      if (first === undefined || fresh.length === 0 || silent) continue
      const ids = asking.map(({ id }) => id)
      const one = m.notice_asks({ name: plain(first.name) })
      const body = ids.length === 1 ? one : m.notice_asks_many({ count: ids.length })
      this.#say('notifyQuestions', {
        ...{ tag, title: titleOf({ deviceName }), body, click: WINDOW },
        buttons: yesOrNo((yes) => ({ do: 'answer-files', ids, yes })),
      })
    }
    const [asking] = legacyQuestions
    if (asking === undefined) this.#close('legacy')
    else if (this.#isNew(`legacy ${asking.id}`) && !silent)
      this.#say('notifyQuestions', {
        ...{ tag: 'legacy', title: m.app_name(), click: WINDOW },
        body: m.notice_legacy({ address: plain(asking.address) }),
        buttons: yesOrNo((yes) => ({ do: 'answer-legacy', id: asking.id, yes })),
      })
  }

  /** Says that a phone went while files wait for it, until it is back. */
  #waiting({ id, state, ...device }: DeviceView, { transfers }: NoticeState, silent: boolean): void {
    const tag = `waiting ${id}`
    const isWaiting = (one: ListedTransfer): boolean =>
      one.deviceId === id && one.direction === 'out' && one.state === 'moving' && one.paused === 'away'
    const count = state === 'away' ? transfers.filter(isWaiting).length : 0
    if (count === 0) {
      this.#known.delete(tag)
      this.#close(tag)
    } else if (this.#isNew(tag) && !silent) {
      const title = titleOf({ deviceName: device.name })
      this.#say('notifyWaiting', { tag, title, body: m.notice_waiting({ count }), click: WINDOW })
    }
  }
}

const titleOf = ({ deviceName }: { readonly deviceName: string }): string => plain(deviceName) || m.device_phone()

const yesOrNo = (answer: (yes: boolean) => NoticeAction): Notice['buttons'] => [
  { label: m.notice_accept(), action: answer(true) },
  { label: m.notice_decline(), action: answer(false) },
]

/** What begins markup, and what is as good to read. */
const HARMLESS: Readonly<Record<string, string>> = { '<': '‹', '>': '›', '&': '＆' }

/**
 * Returns foreign text as a notice may show it: cleaned as on screen, on one line, short. Some of Linux's notification servers
 * read markup and some do not, so that neither the signs nor their escapes are right everywhere: others stand in their place.
 */
function plain(text: string, charsMax = NAME_CHARS_MAX): string {
  const flat = shown(text).replace(/\s+/gu, ' ').trim()
  const chars = [...flat.replaceAll(/[<>&]/g, (sign) => HARMLESS[sign] ?? sign)]
  return chars.length <= charsMax ? chars.join('') : `${chars.slice(0, charsMax - 1).join('')}…`
}
