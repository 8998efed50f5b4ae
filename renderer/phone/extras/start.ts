import { mount } from 'svelte'
import type { SyncFrame } from '#protocol/frames.ts'
import { RecordPublisher } from '#transfer/records/record-publisher.ts'
import { RecordLogState } from '#transfer/records/record-log.ts'
import { newId } from '#phone/ids.ts'
import type { Extras, ExtrasPage, Shown } from './extras.ts'
import { nameFor } from '#phone/link.ts'
import { takeDrops } from './dropped.ts'
import { StoredValue } from './stored-value.ts'
import { LoggedTexts, TextLog } from './text-log.svelte.ts'
import { Notes } from './notes.svelte.ts'
import Arrived from './Arrived.svelte'
import TextsAndNotes from './TextsAndNotes.svelte'
import { Thumbnails } from './thumbnails.ts'
import Unfinished from './Unfinished.svelte'

/** Pages of records: each is up to 262,144 bytes, for a question of forty. */
const PAGES = { burst: 8, perSecond: 40 }

/** Beside files: puts itself together and into the page that has loaded it. */
export function start(page: ExtrasPage): Extras {
  const say = (frame: SyncFrame): void => {
    page.say(frame)
  }
  const { store, uid } = page
  const thumbnails = new Thumbnails()
  const thumbnail = (file: File) => thumbnails.make(file)
  const texts = new TextLog({ kept: new StoredValue(nameFor('texts', uid), LoggedTexts, store), say, newId })
  const notes = new Notes({
    kept: new StoredValue(nameFor('records', uid), RecordLogState, store),
    newId,
    now: () => Date.now(),
    thumbnail,
    changed: () => {
      publisher.changed()
    },
  })
  const publisher = new RecordPublisher({
    say,
    log: notes.log,
    pace: PAGES,
    give: (batch, ids) => give(page, notes, batch, ids),
  })
  show({ model: page, notes, texts })
  takeDrops({
    send: (picked) => {
      page.sendPicked(picked)
    },
    say: (text) => {
      texts.send(text)
    },
  })
  return extrasOf(publisher, texts, thumbnail)
}

const extrasOf = (publisher: RecordPublisher, texts: TextLog, thumbnail: Extras['thumbnail']): Extras => ({
  greeted: (takesTexts) => {
    publisher.greeted()
    texts.greeted(takesTexts)
  },
  receive: (frame) => {
    publisher.receive(frame)
    texts.receive(frame)
  },
  thumbnail,
})

/** The ids of those that can't be given; null: none can. */
function give(page: ExtrasPage, notes: Notes, batch: string, ids: readonly string[] | null): readonly string[] | null {
  const { files, absent } = notes.give(ids)
  if (files.length === 0) return null
  const picked = files.map((file) => ({ path: [], file }))
  page.sendPicked({ files: picked, left: 0, leftNames: [] }, batch)
  return absent
}

/** What has come and what waits stands above the files, what a person does below them. */
function show(props: Shown): void {
  const target = document.querySelector('main')
  const top = target?.querySelector('header')?.nextSibling
  const bottom = target?.querySelector(':scope > details')
  if (target === null || !top || !bottom) return
  for (const part of [Arrived, Unfinished]) mount(part, { target, anchor: top, props })
  mount(TextsAndNotes, { target, anchor: bottom, props })
}
