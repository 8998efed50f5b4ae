import { randomBytes } from 'node:crypto'
import { encodePart } from '#protocol/blocks.ts'
import { BLOCK_BYTES, FILE_BYTES_MAX } from '#protocol/limits.ts'
import { LeftOut, must, type Check } from './checks.ts'
import { newId, type Conversation } from './conversation.ts'
import type { DesktopStage } from './desktop-stage.ts'
import { SentFile, TakenFile } from './files.ts'

const file = (stage: DesktopStage, name: string, size: number): SentFile =>
  new SentFile(stage.nextN(), name, randomBytes(size))

/** Cuts the lane while block 1 is under way and block 0 is there; offers the same file over the next one. */
async function torn(stage: DesktopStage, sent: SentFile): Promise<Conversation> {
  const before = await stage.connected()
  sent.offer(before)
  await sent.accepted(before)
  await sent.parts(before, 0)
  sent.tell(before, 0)
  await sent.acked(before, 0)
  await sent.parts(before, 1, { share: 0.5 })
  const after = await stage.torn()
  after.say({ t: 'resume', ns: [sent.n] })
  sent.offer(after)
  return after
}

/** Sections 5 and 6: what the desktop does with files, texts and records of a phone. */
export const DESKTOP_FILES: readonly Check<DesktopStage>[] = [
  {
    name: 'receive',
    section: '5.2',
    about: 'receives files of no byte, of one, and of a block and a byte',
    run: async (stage) => {
      for (const size of [0, 1, BLOCK_BYTES + 1])
        await file(stage, `received-${size}.bin`, size).deliver(await stage.connected())
    },
  },
  {
    name: 'receive-backwards',
    section: '5.1',
    about: 'takes blocks in any order, and a hash before its bytes',
    run: async (stage) => file(stage, 'backwards.bin', BLOCK_BYTES + 5).deliver(await stage.connected(), true),
  },
  {
    name: 'receive-wrong-block',
    section: '5.2',
    about: 'asks once more for a block that is not what its hash says, and stops with `corrupt` the second time',
    run: async (stage) => {
      const on = await stage.connected()
      const sent = file(stage, 'wrong.bin', 1000)
      sent.offer(on)
      await sent.accepted(on)
      for (const isFirst of [true, false]) {
        await sent.parts(on, 0, { wrong: true })
        sent.tell(on, 0)
        if (isFirst) await on.next('resend', ({ n }) => n === sent.n)
      }
      await sent.isStopped(on, 'corrupt')
    },
  },
  {
    name: 'receive-wrong-root',
    section: '5.2',
    about: 'stops with `corrupt` for a root that is not that of the blocks',
    run: async (stage) => {
      const on = await stage.connected()
      const sent = file(stage, 'wrong-root.bin', 1000)
      sent.offer(on)
      await sent.accepted(on)
      await sent.parts(on, 0)
      sent.tell(on, 0)
      await sent.acked(on, 0)
      sent.end(on, '0'.repeat(64))
      await sent.isStopped(on, 'corrupt')
    },
  },
  {
    name: 'receive-bad-name',
    section: '5.6',
    about: 'refuses a name that is a path with `bad-name`',
    run: async (stage) => {
      const on = await stage.connected()
      for (const name of ['../up.txt', 'folder/file.txt', 'folder\\file.txt', '..']) {
        const sent = file(stage, name, 3)
        sent.offer(on)
        await sent.isStopped(on, 'bad-name')
      }
    },
  },
  {
    name: 'receive-too-large',
    section: '5.2',
    about: 'stops a file that is larger than any can be with `too-large`',
    run: async (stage) => {
      const on = await stage.connected()
      const [n, id] = [stage.nextN(), newId()]
      on.say({ t: 'offer', n, id, name: 'huge.bin', size: FILE_BYTES_MAX + 1, mtime: 0, mime: '' })
      const { code } = await on.next('stop', (stop) => stop.n === n)
      must(code === 'too-large', `\`stop\` has the code ${code}`)
    },
  },
  {
    name: 'receive-stopped',
    section: '9',
    about: 'ends a file at `stop`, with a reason that it does not know, and goes on with the next',
    run: async (stage) => {
      const on = await stage.connected()
      const sent = file(stage, 'stopped.bin', 2 * BLOCK_BYTES)
      sent.offer(on)
      await sent.accepted(on)
      await sent.parts(on, 0, { share: 0.5 })
      on.sayRaw(JSON.stringify({ t: 'stop', n: sent.n, code: 'a-later-reason' }))
      await sent.parts(on, 0)
      await file(stage, 'after-stop.bin', 10).deliver(on)
    },
  },
  {
    name: 'receive-torn',
    section: '5.3',
    about: 'goes on after a lane is lost, with the blocks that it has',
    run: async (stage) => {
      const sent = file(stage, 'torn.bin', 2 * BLOCK_BYTES + 5)
      const on = await torn(stage, sent)
      const has = await sent.accepted(on)
      must(has(0), '`accept` does not list block 0, which it had acknowledged')
      must(!has(2), '`accept` lists block 2, which was never sent')
      await sent.finish(on, has)
    },
  },
  {
    name: 'receive-changed',
    section: '5.3',
    about: 'throws away what it has of a file that has changed meanwhile',
    run: async (stage) => {
      const sent = file(stage, 'changed.bin', 2 * BLOCK_BYTES + 5)
      const on = await torn(stage, sent)
      const has = await sent.accepted(on)
      must(has(0), '`accept` does not list block 0, which it had acknowledged')
      sent.bytes.fill(7)
      sent.tell(on, 0)
      const hasNow = await sent.accepted(on)
      must(!hasNow(0), '`accept` still lists block 0, whose hash is another one now')
      await sent.finish(on, hasNow)
    },
  },
  {
    name: 'receive-gap',
    section: '5.2',
    about: 'stops a file with a gap between two parts of a block, and the conversation goes on',
    run: async (stage) => {
      const on = await stage.connected()
      const sent = file(stage, 'gap.bin', 1000)
      sent.offer(on)
      await sent.accepted(on)
      await on.sendPart(encodePart({ n: sent.n, block: 0, offset: 100, payload: new Uint8Array(10) }))
      await sent.isStopped(on, 'malformed')
      await file(stage, 'after-gap.bin', 10).deliver(on)
    },
  },
  {
    name: 'send',
    section: '5.2',
    about: 'sends a file: parts in order, each hash, the root of all blocks, and goes on after a lost lane',
    run: async (stage) => {
      let on = await stage.connected()
      await stage.driver.send(randomBytes(4 * BLOCK_BYTES + 17))
      const taken = new TakenFile(await on.next('offer', () => true, 300_000))
      must(taken.n % 2 === 0, 'its number is odd')
      taken.accept(on)
      let first: unknown = null
      while (typeof first !== 'number') first = await taken.step(on)
      taken.ack(on, first)
      on = await stage.torn()
      const { ns } = await on.next('resume')
      must(ns.includes(taken.n), '`resume` does not list the file')
      taken.offeredAgain(await on.next('offer', ({ id }) => id === taken.offer.id))
      taken.accept(on)
      await taken.finish(on)
      const again = taken.order.filter(({ what, i }) => what === 'bytes' && i === first)
      must(again.length === 0, 'it sends a block that was there')
    },
  },
  {
    name: 'text',
    section: '6.3',
    about: 'says `text-ack` to a text, and again when it comes twice',
    run: async (stage) => {
      const on = await stage.connected()
      if (stage.hello?.texts !== true) throw new LeftOut('it does not say `texts`')
      const id = newId()
      for (let i = 0; i < 2; i++) {
        on.say({ t: 'text', id, text: 'From the conformance kit' })
        await on.next('text-ack', (ack) => ack.id === id)
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
      const record = { id: 'one', kind: 'note', title: 'One', text: 'of the kit', modified: 1 }
      on.say({ t: 'records', since, list: [record], cursor, more: true, fresh: true })
      await on.next('sync', (sync) => sync.cursor === cursor)
      on.say({ t: 'records', since: cursor, list: [], cursor, more: false, fresh: false })
      const after = await stage.torn()
      await after.next('sync', (sync) => sync.cursor === cursor)
    },
  },
]
