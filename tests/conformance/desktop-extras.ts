import { randomBytes } from 'node:crypto'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { LeftOut, must, type Check } from './checks.ts'
import { ANSWER_MS, Conversation, newId } from './conversation.ts'
import type { DesktopStage } from './desktop-stage.ts'
import { SentFile } from './files.ts'
import { PICTURE } from './images.ts'
import { endsAtChangedRecord, SealedWire } from './sealed-wire.ts'

/** Dials a sealed socket of the desktop under test. */
async function dialled({ url }: DesktopStage): Promise<SealedWire> {
  const wire = await SealedWire.dial(url)
  if (typeof wire === 'number') throw new LeftOut(`it serves no sealed socket: status ${wire}`)
  return wire
}

/** Its words go over the data channel until it has noticed that this is gone; then it says `resume` here (section 5.3). */
async function deliverOver(on: Conversation, sent: SentFile): Promise<void> {
  sent.offer(on)
  const isNext = (one: { t: string }): boolean => one.t === 'accept' || one.t === 'resume'
  const first = await on.heard.take('`accept` or `resume`', ANSWER_MS, isNext)
  if (first.t === 'resume') {
    sent.offer(on)
    await sent.accepted(on)
  }
  await sent.finish(on, () => false)
}

/** Sections 4.1 to 6: what a desktop need not do, but says that it does. */
export const DESKTOP_EXTRAS: readonly Check<DesktopStage>[] = [
  {
    name: 'thumbnail',
    section: '5',
    about: 'asks only for thumbnails that were announced, once, before `accept`, and drops one that it did not ask for',
    run: async (stage) => {
      const on = await stage.connected()
      for (const thumb of [true, false]) {
        const sent = new SentFile(stage.nextN(), `thumb-${thumb}.png`, PICTURE)
        sent.offer(on, { thumb })
        const isOurs = (one: { t: string; n?: unknown }): boolean => one.n === sent.n && one.t !== 'stop'
        const first = await on.heard.take('`want-thumb` or `accept`', ANSWER_MS, isOurs)
        must(first.t !== 'want-thumb' || thumb, 'it asks for a thumbnail that was not announced')
        // No such JPEG: dropped, whether or not it was asked for.
        on.say({ t: 'thumb', n: sent.n, data: 'AAAA' })
        if (first.t === 'want-thumb') await sent.accepted(on)
        await sent.finish(on, () => false)
        must(on.heard.takeNow(({ t }) => t === 'want-thumb') === undefined, 'it asks for it twice, or too late')
      }
    },
  },
  {
    name: 'records',
    section: '6.1',
    about: 'asks a phone that has records, page by page, at every greeting',
    run: async (stage) => {
      const on = await stage.torn()
      const cursor = `${newId()}.1`
      const { cursor: since } = await on.next('sync')
      const record = { id: 'one', kind: 'file', title: 'One', size: 3, modified: 1 }
      on.say({ t: 'records', since, list: [record], cursor, more: true, fresh: true })
      await on.next('sync', (sync) => sync.cursor === cursor)
      on.say({ t: 'records', since: cursor, list: [], cursor, more: false, fresh: false })
      const after = await stage.torn()
      await after.next('sync', (sync) => sync.cursor === cursor)
      after.say({ t: 'records', since: cursor, list: [], cursor, more: false, fresh: false })
    },
  },
  {
    name: 'export',
    section: '6.2',
    about: 'asks for the file of a record when its person does, again after a lost lane, and takes it without asking',
    run: async (stage) => {
      await stage.connected()
      await stage.driver.export()
      const asked = await stage.conversation!.next('export', () => true, stage.driver.patienceMs)
      must(asked.ids.length === 0 || asked.ids.includes('one'), '`export` does not ask for the record')
      const on = await stage.torn()
      await on.next('export', ({ id }) => id === asked.id)
      const sent = new SentFile(stage.nextN(), 'one.txt', Buffer.from('One'))
      on.say({ t: 'batch', id: asked.id, name: 'Export', files: 1, bytes: 3 })
      await sent.deliver(on, false, { batch: asked.id })
    },
  },
  {
    name: 'download',
    section: '5.5',
    about: 'answers `fetch` by a download at the hub: whole and in part, and tells how far it is',
    run: async (stage) => {
      const bytes = randomBytes(100_000)
      const { on, offer } = await stage.fileOffered(bytes)
      const { n } = offer
      on.say({ t: 'fetch', n })
      const isAnswer = (one: { t: string; n?: unknown }): boolean => one.n === n && one.t !== 'pause'
      const answer = await on.heard.take('`download`', ANSWER_MS, isAnswer)
      if (answer.t === 'stop' && answer.code === 'too-large') throw new LeftOut('it gives no downloads')
      must(answer.t === 'download', `it answers by \`${answer.t}\``)
      const at = stage.url + answer.path
      const part = await fetch(at, { headers: { Range: 'bytes=10-19' } })
      must(part.status === 206, `a part is answered by status ${part.status}`)
      must(bytes.subarray(10, 20).equals(Buffer.from(await part.arrayBuffer())), 'the part is another one')
      const whole = Buffer.from(await (await fetch(at)).arrayBuffer())
      must(bytes.equals(whole), 'what is downloaded is not the file')
      await on.next('download-progress', (one) => one.n === n && one.over)
      const { status } = await fetch(`${stage.url}/d/${'A'.repeat(43)}`)
      must(status === 404, `a download that there is not is answered by status ${status}`)
    },
  },
  {
    name: 'sealed-socket',
    section: '4.1',
    about: 'takes a sealed socket of a proved session: greets, receives a file over it, ends it at a changed record',
    run: async (stage) => {
      await stage.drop()
      const { session } = await stage.met()
      const wire = await dialled(stage)
      try {
        await wire.joinHub(session)
        const on = new Conversation(wire)
        on.greet({ kind: 'app', session: stage.session })
        await on.next('hello')
        await deliverOver(on, new SentFile(stage.nextN(), 'sealed.bin', randomBytes(BLOCK_BYTES + 5)))
        must(on.faults.length === 0, on.faults.join('; '))
        await endsAtChangedRecord(wire)
      } finally {
        await wire.close()
      }
    },
  },
  {
    name: 'sealed-socket-wrong-hello',
    section: '4.1',
    about: 'closes a sealed socket whose hello is not right with code 1008',
    run: async (stage) => {
      const { session } = await stage.met()
      const wire = await dialled(stage)
      const joined = await wire.joinHub(session, true).then(
        () => true,
        () => false,
      )
      must(!joined, 'it takes the hello')
      const farewell = await wire.farewell.take('end of the sealed socket', ANSWER_MS)
      must(farewell.startsWith('1008'), `it ends the socket by ${farewell}`)
    },
  },
]
