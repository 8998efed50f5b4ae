import { randomBytes } from 'node:crypto'
import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { LeftOut, must, type Check } from './checks.ts'
import { ANSWER_MS, newId, type Conversation } from './conversation.ts'
import { SentFile, TakenFile } from './files.ts'
import { pause } from './mailbox.ts'
import { announced } from './phone-meeting.ts'
import type { PhoneStage } from './phone-stage.ts'

const file = (stage: PhoneStage, name: string, size: number): SentFile =>
  new SentFile(stage.nextN(), name, randomBytes(size))

/** Cuts the lane while block 1 is under way and block 0 is there; offers the same file over the next one. */
async function torn(stage: PhoneStage, sent: SentFile): Promise<Conversation> {
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

/** Section 5: files that the phone receives. */
export const PHONE_RECEIVES: readonly Check<PhoneStage>[] = [
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
    about: 'asks once more for a block that is not what its hash says',
    run: async (stage) => {
      const on = await stage.connected()
      const sent = file(stage, 'wrong-once.bin', 1000)
      sent.offer(on)
      await sent.accepted(on)
      await sent.parts(on, 0, { wrong: true })
      sent.tell(on, 0)
      await on.next('resend', ({ n, i }) => n === sent.n && i === 0)
      await sent.parts(on, 0)
      sent.tell(on, 0)
      await sent.acked(on, 0)
      sent.end(on)
      await sent.isDone(on)
    },
  },
  {
    name: 'receive-wrong-twice',
    section: '5.2',
    about: 'stops with `corrupt` for a block that is wrong twice',
    run: async (stage) => {
      const on = await stage.connected()
      const sent = file(stage, 'wrong-twice.bin', 1000)
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
      for (const name of ['../up.txt', 'folder/file.txt', 'folder\\file.txt']) {
        const sent = file(stage, name, 3)
        sent.offer(on)
        const answer = await on.heard.take('answer', ANSWER_MS, (one) => 'n' in one && one.n === sent.n)
        if (answer.t !== 'stop') {
          on.say({ t: 'stop', n: sent.n, code: 'cancelled' })
          throw new LeftOut('it takes the file, under a name that only its person can see')
        }
        must(answer.code === 'bad-name', `\`stop\` has the code ${answer.code}`)
      }
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
      // What the sender reads now is another file.
      sent.bytes.fill(7)
      sent.tell(on, 0)
      const hasNow = await sent.accepted(on)
      must(!hasNow(0), '`accept` still lists block 0, whose hash is another one now')
      await sent.finish(on, hasNow)
    },
  },
]

/** Asks for a file of so many bytes, and takes its offer. */
async function offered(stage: PhoneStage, bytes: Uint8Array): Promise<{ on: Conversation; taken: TakenFile }> {
  const on = await stage.connected()
  await stage.driver.send(bytes)
  const offer = await on.next('offer', () => true, stage.driver.patienceMs)
  must(offer.n % 2 === 1, 'its number is even')
  return { on, taken: new TakenFile(offer) }
}

/** Takes blocks until the first is acknowledged and more is under way, then cuts the lane. Returns the new one. */
async function tornAfterOne(
  stage: PhoneStage,
  on: Conversation,
  taken: TakenFile,
  meanwhile: () => Promise<void> = async () => {},
): Promise<Conversation> {
  taken.accept(on)
  let first: unknown = null
  while (typeof first !== 'number') first = await taken.step(on)
  taken.ack(on, first)
  await taken.step(on)
  await meanwhile()
  const after = await stage.torn()
  const { ns } = await after.next('resume')
  const again = await after.next('offer', ({ id }) => id === taken.offer.id)
  must(ns.includes(again.n), '`resume` does not list the file')
  taken.offeredAgain(again)
  return after
}

/** Section 5: files that the phone sends. */
export const PHONE_SENDS: readonly Check<PhoneStage>[] = [
  {
    name: 'send',
    section: '5.2',
    about: 'sends a file: parts in order, each hash, the root of all blocks',
    run: async (stage) => {
      const { on, taken } = await offered(stage, randomBytes(BLOCK_BYTES + 17))
      taken.accept(on)
      await taken.finish(on)
    },
  },
  {
    name: 'send-credit',
    section: '5.1',
    about: 'has at most 8 MiB under way that are not acknowledged',
    run: async (stage) => {
      const { on, taken } = await offered(stage, randomBytes(9 * BLOCK_BYTES))
      taken.accept(on)
      const held: number[] = []
      // As much as it sends without a word of this side; `step` throws where that is too much.
      for (;;) {
        const next = await taken.step(on, 2_000).catch((error: unknown) => {
          if (String(error).includes('within')) return 'nothing more'
          throw error
        })
        if (next === 'nothing more') break
        if (typeof next === 'number') held.push(next)
      }
      must(taken.underWay <= CREDIT_BYTES && held.length > 0, 'nothing came')
      for (const i of held) taken.ack(on, i)
      await taken.finish(on)
    },
  },
  {
    name: 'send-again',
    section: '5.2',
    about: 'sends a block once more at `resend`',
    run: async (stage) => {
      const { on, taken } = await offered(stage, randomBytes(BLOCK_BYTES + 17))
      taken.accept(on)
      let i: unknown = null
      while (typeof i !== 'number') i = await taken.step(on)
      taken.ack(on, i)
      taken.forget(i)
      on.say({ t: 'resend', n: taken.n, i })
      await taken.finish(on)
    },
  },
  {
    name: 'send-torn',
    section: '5.3',
    about: 'offers the file again after a lane is lost, and sends only what is missing',
    run: async (stage) => {
      const { on, taken } = await offered(stage, randomBytes(3 * BLOCK_BYTES))
      const after = await tornAfterOne(stage, on, taken)
      const had = Array.from({ length: taken.count }, (_, i) => i).filter((i) => taken.has(i))
      taken.accept(after)
      await taken.finish(after)
      const twice = taken.order.filter(({ what, i }) => what === 'bytes' && had.includes(i))
      must(twice.length === 0, 'it sends blocks that were there')
    },
  },
  {
    name: 'send-changed',
    section: '5.3',
    about: 'never mixes a file with what it was before: tells other hashes, or stops',
    run: async (stage) => {
      const { on, taken } = await offered(stage, Buffer.alloc(3 * BLOCK_BYTES, 1))
      const after = await tornAfterOne(stage, on, taken, () => stage.driver.change(Buffer.alloc(3 * BLOCK_BYTES, 2)))
      taken.accept(after)
      for (;;) {
        const next = await taken.step(after).catch((error: unknown) => String(error))
        if (typeof next === 'string') throw new Error(next)
        if (typeof next === 'number') taken.ack(after, next)
        if (taken.isContradicted) {
          after.say({ t: 'stop', n: taken.n, code: 'source-changed' })
          return
        }
        if (next === null || typeof next === 'number') continue
        if (next.t === 'end') taken.check(next)
        const isOne = next.t === 'stop' || new Set(taken.bytes).size === 1
        must(isOne, 'what arrives is half of the one and half of the other, and the root says that it is right')
        if (next.t === 'end') after.say({ t: 'done', n: taken.n, root: next.root })
        return
      }
    },
  },
  {
    name: 'send-stopped',
    section: '5.2',
    about: 'sends nothing of a file that was refused',
    run: async (stage) => {
      const { on, taken } = await offered(stage, randomBytes(BLOCK_BYTES))
      on.say({ t: 'stop', n: taken.n, code: 'not-allowed' })
      await pause(500)
      must(
        on.heard.takeNow((one) => one.t === 'part' && one.n === taken.n) === undefined,
        'it sends parts all the same',
      )
    },
  },
]

/** Section 6, where the phone says that it does. */
export const PHONE_EXTRAS: readonly Check<PhoneStage>[] = [
  {
    name: 'text',
    section: '6.3',
    about: 'says `text-ack` to a text, and again when it comes twice',
    run: async (stage) => {
      const on = await stage.connected()
      announced(stage, 'texts')
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
    about: 'answers `sync` by pages, from the beginning for a cursor that it does not know',
    run: async (stage) => {
      const on = await stage.connected()
      announced(stage, 'records')
      for (const start of ['', 'not-one-of-yours.7']) {
        let isFirst = true
        for (let cursor = start, more = true; more; isFirst = false) {
          on.say({ t: 'sync', cursor })
          const page = await on.next('records')
          must(page.since === cursor, '`since` is not the cursor that was asked with')
          must(page.fresh === isFirst, isFirst ? '`fresh` is missing on the first page' : '`fresh` on a later page')
          must(!page.more || page.list.length > 0, 'an empty page says `more`')
          ;({ cursor, more } = page)
        }
      }
    },
  },
]
