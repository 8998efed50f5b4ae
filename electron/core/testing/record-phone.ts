import type { SyncFrame } from '#protocol/frames.ts'
import type { SyncedRecord } from '#protocol/records.ts'
import { RecordPublisher } from '#transfer/records/record-publisher.ts'
import { RecordLog } from '#transfer/records/record-log.ts'
import { Texts } from '#transfer/records/texts.ts'
import { freshId } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { FakePhone } from './window.ts'

/** A phone with records and texts: files of records are five bytes each. */
export class RecordPhone extends FakePhone {
  readonly log = new RecordLog()
  readonly texts: Texts
  /** What it was sent. */
  readonly heard: string[] = []
  /** Exports that it was asked for. */
  readonly exports: (readonly string[] | null)[] = []
  readonly #publisher: RecordPublisher

  constructor() {
    super({
      self: { name: 'Pixel', kind: 'page', records: true, texts: true },
      onPeer: ({ texts }) => {
        this.#publisher.greeted()
        this.texts.greeted(texts)
      },
      onSync: (frame) => {
        if (frame.t === 'text' || frame.t === 'text-ack') this.texts.receive(frame)
        else this.#publisher.receive(frame)
      },
    })
    const say = (frame: SyncFrame): void => {
      this.session.sync(frame)
    }
    this.#publisher = new RecordPublisher({ say, log: this.log, give: (id, ids) => this.#give(id, ids) })
    this.texts = new Texts({ say, newId: freshId, onText: (_id, text) => void this.heard.push(text) })
  }

  put(...records: readonly Partial<SyncedRecord>[]): void {
    for (const record of records) this.log.put({ id: freshId(), kind: 'note', title: '', modified: 1, ...record })
    this.#publisher.changed()
  }

  #give(id: string, ids: readonly string[] | null): readonly string[] | null {
    this.exports.push(ids)
    const all = this.log.all().filter(({ size }) => size !== undefined)
    const given = ids === null ? all : all.filter((record) => ids.includes(record.id))
    if (given.length === 0) return null
    const files = given.map(({ title }) => new MemorySource(title, bytesOf(5)))
    const batch = { id, name: '', files: files.length, bytes: 5 * files.length }
    this.session.sendBatch(batch, asynchronous(files))
    return (ids ?? []).filter((one) => !given.some((record) => record.id === one))
  }
}

async function* asynchronous<T>(items: readonly T[]): AsyncGenerator<T, void, undefined> {
  for (const item of items) yield await Promise.resolve(item)
}
