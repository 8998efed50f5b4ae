// Records: what the phone holds out to the computer (section 6.1), and exports of them (6.2).
import { randomBytes } from 'node:crypto'

const PAGE_RECORDS = 500
/** Bytes of a page's list. A message may have 262,144 with all that is around it; this library's channels send 65,536. */
const PAGE_BYTES = 60_000
const IDS_MAX = 300

/**
 * Every change has a number. Here they live in an array in the order of change, and only as long as this program runs, so each
 * run has a name of its own, and the computer begins anew with it. An app has a table with an index on the number.
 */
export class Shelf {
  #store = randomBytes(8).toString('hex')
  #seq = 0
  #changes = []
  #last = new Map()

  /** A new record, or another state of one. `modified` is above that of the state before, whatever the clock says. */
  put(record) {
    const before = this.#last.get(record.id)?.record.modified ?? -Infinity
    const change = { seq: ++this.#seq, record: { ...record, modified: Math.max(record.modified, before + 1) } }
    this.#last.set(record.id, change)
    this.#changes.push(change)
  }

  remove(id) {
    const { kind, modified } = this.#last.get(id)?.record ?? {}
    if (kind !== undefined) this.put({ id, kind, title: '', modified, deleted: true })
  }

  get(id) {
    return this.#last.get(id)?.record
  }

  /** What changed after `since`, as much as fits; from the beginning if that is no cursor of this store. */
  page(since) {
    const [store, number] = since.split('.')
    const isKnown = store === this.#store && Number(number) <= this.#seq
    let at = isKnown ? Number(number) : 0
    const list = []
    let room = PAGE_BYTES
    // Numbers go up one by one, so the change after number `at` is at place `at`.
    for (let i = at; i < this.#changes.length; i++) {
      const { seq, record } = this.#changes[i]
      if (this.#last.get(record.id).seq !== seq) continue
      room -= Buffer.byteLength(JSON.stringify(record)) + 1
      if (list.length === PAGE_RECORDS || (room < 0 && list.length > 0)) {
        return { t: 'records', since, list, cursor: `${this.#store}.${at}`, more: true, fresh: !isKnown }
      }
      list.push(record)
      at = seq
    }
    return { t: 'records', since, list, cursor: `${this.#store}.${this.#seq}`, more: false, fresh: !isKnown }
  }
}

/** Answers `sync` and `export`. `give(id, ids)` sends the files; ids = null: of all records. Returns those without one. */
export class Origin {
  #shelf
  #say
  #give
  #tell
  #isCurrent = false
  #gathered = new Map()
  #answered = new Map()

  constructor(shelf, say, give, tell) {
    this.#shelf = shelf
    this.#say = say
    this.#give = give
    this.#tell = tell
  }

  /** Something is new. Said once, until the computer asks. */
  changed() {
    if (this.#isCurrent) this.#say({ t: 'changed' })
    this.#isCurrent = false
  }

  /** The computer greeted: what was told of exports may have been lost. It asks for records by itself. */
  greeted() {
    for (const [id, absent] of this.#answered) this.#tellAbsent(id, absent)
  }

  async receive(frame) {
    if (frame.t === 'sync') {
      const page = this.#shelf.page(frame.cursor)
      this.#isCurrent = !page.more
      this.#say(page)
      this.#tell({ event: 'page', records: page.list.length, more: page.more, fresh: page.fresh })
    } else if (frame.t === 'export') await this.#export(frame)
  }

  async #export({ id, ids, more }) {
    const all = this.#gathered.get(id) ?? new Set()
    for (const one of ids) all.add(one)
    this.#gathered.set(id, all)
    if (more) return
    this.#gathered.delete(id)
    // Asked again: the files are on their way already.
    if (this.#answered.has(id)) return this.#tellAbsent(id, this.#answered.get(id))
    this.#answered.set(id, null)
    this.#answered.set(id, await this.#give(id, all.size === 0 ? null : [...all]))
    this.#tellAbsent(id, this.#answered.get(id))
  }

  /** `absent` null: nobody knows yet; []: every one has its file. An empty frame says that there is nothing at all. */
  #tellAbsent(id, absent) {
    if (absent === null || (absent.ids.length === 0 && absent.hasAny)) return
    for (let at = 0; at === 0 || at < absent.ids.length; at += IDS_MAX) {
      const more = at + IDS_MAX < absent.ids.length
      this.#say({ t: 'export-missing', id, ids: absent.ids.slice(at, at + IDS_MAX), ...(more && { more }) })
    }
  }
}
