import { randomBytes } from 'node:crypto'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { LeftOut, must, type Check } from './checks.ts'
import { ANSWER_MS, Conversation, newId, type FrameOf } from './conversation.ts'
import { SentFile, TakenFile } from './files.ts'
import { checkThumbnail, PICTURE } from './images.ts'
import type { PhoneStage } from './phone-stage.ts'
import { endsAtChangedRecord, type SealedWire } from './sealed-wire.ts'

/** ms within which a phone that uses sealed sockets has asked for one. */
const ASKS_MS = 3_000

/** All records of the phone, asked for from the beginning. */
async function recordsOf(on: Conversation, start = ''): Promise<FrameOf<'records'>['list']> {
  const all = []
  let isFirst = true
  for (let cursor = start, more = true; more; isFirst = false) {
    on.say({ t: 'sync', cursor })
    const page = await on.next('records')
    must(page.since === cursor, '`since` is not the cursor that was asked with')
    must(page.fresh === isFirst, isFirst ? '`fresh` is missing on the first page' : '`fresh` on a later page')
    must(!page.more || page.list.length > 0, 'an empty page says `more`')
    all.push(...page.list)
    ;({ cursor, more } = page)
  }
  return all
}

/** Sections 5 and 6, where the phone says that it does. */
export const PHONE_EXTRAS: readonly Check<PhoneStage>[] = [
  {
    name: 'thumbnail',
    section: '5',
    about: 'answers `want-thumb` for a picture that it announced with `thumb`, by a small JPEG',
    run: async (stage) => {
      const { on, offer } = await stage.fileOffered(PICTURE, 'picture.png')
      const { n, thumb } = offer
      if (thumb !== true) {
        on.say({ t: 'stop', n, code: 'cancelled' })
        throw new LeftOut('it does not say `thumb` of a picture')
      }
      on.say({ t: 'want-thumb', n })
      const { data } = await on.next('thumb', (one) => one.n === n)
      checkThumbnail(data)
      const taken = new TakenFile(offer)
      taken.accept(on)
      await taken.finish(on)
    },
  },
  {
    name: 'records',
    section: '6.1',
    about: 'answers `sync` by pages, from the beginning for a cursor that it does not know',
    run: async (stage) => {
      const on = await stage.connected()
      stage.announced('records')
      for (const start of ['', 'not-one-of-yours.7']) await recordsOf(on, start)
    },
  },
  {
    name: 'export-missing',
    section: '6.2',
    about: 'says which records of an export it does not have, and sends no batch for none',
    run: async (stage) => {
      const on = await stage.connected()
      stage.announced('records')
      const [id, never] = [newId(), newId()]
      on.say({ t: 'export', id, ids: [never] })
      const { ids } = await on.next('export-missing', (one) => one.id === id)
      must(ids.includes(never), '`export-missing` does not name the record')
      must(on.heard.takeNow((one) => one.t === 'batch' && one.id === id) === undefined, 'it sends a batch all the same')
    },
  },
  {
    name: 'export',
    section: '6.2',
    about: 'answers an export by a batch of the files, once, and by `export-missing` when it is asked again',
    run: async (stage) => {
      const on = await stage.connected()
      stage.announced('records')
      const records = await recordsOf(on)
      const ids = records.filter(({ size, deleted }) => size !== undefined && deleted !== true).map(({ id }) => id)
      if (ids.length === 0) throw new LeftOut('none of its records has a file')
      const never = newId()
      const asked: FrameOf<'export'> = { t: 'export', id: newId(), ids: [...ids.slice(0, 3), never] }
      const isMissing = (one: FrameOf<'export-missing'>): boolean => one.id === asked.id && one.ids.includes(never)
      on.say(asked)
      await on.next('export-missing', isMissing)
      const batch = await on.next('batch', ({ id }) => id === asked.id)
      for (let left = batch.files; left > 0; left--) {
        const taken = new TakenFile(await on.next('offer', (offer) => offer.batch === asked.id))
        taken.accept(on)
        await taken.finish(on)
      }
      on.say(asked)
      await on.next('export-missing', isMissing)
      const again = on.heard.takeNow((one) => one.t === 'batch' && one.id === asked.id)
      must(again === undefined, 'it sends the batch twice')
    },
  },
]

/** On a link of its own: no data channel is made here. */
export const PHONE_SEALED: readonly Check<PhoneStage>[] = [
  {
    name: 'sealed-socket',
    section: '4.1',
    about: 'opens a sealed socket, greets on it, receives a file over it, and ends it at a changed record',
    run: async (stage) => {
      const visit = await stage.open()
      const { lanes } = stage.desk
      lanes.isOpen = true
      let wire: SealedWire | null = null
      try {
        const { session } = await stage.admit(visit)
        stage.join(visit)
        wire = await lanes.came.take('sealed socket', ASKS_MS).catch(() => {
          throw new LeftOut('it opens no sealed socket')
        })
        await wire.takePhone(session)
        const on = new Conversation(wire)
        await stage.greeted(on)
        await new SentFile(stage.nextN(), 'sealed.bin', randomBytes(BLOCK_BYTES + 5)).deliver(on)
        must(on.faults.length === 0, on.faults.join('; '))
        await on.next('ping', () => true, ANSWER_MS)
        await endsAtChangedRecord(wire)
      } finally {
        lanes.isOpen = false
        await wire?.close()
        await stage.leave()
      }
    },
  },
]
