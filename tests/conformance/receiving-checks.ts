import { randomBytes } from 'node:crypto'
import { encodePart } from '#protocol/blocks.ts'
import { BLOCK_BYTES, FILE_BYTES_MAX } from '#protocol/limits.ts'
import { LeftOut, must, type Check } from './checks.ts'
import { ANSWER_MS, newId, type Conversation } from './conversation.ts'
import { SentFile } from './files.ts'
import type { Stage } from './stage.ts'

const file = (stage: Stage, name: string, size: number): SentFile =>
  new SentFile(stage.nextN(), name, randomBytes(size))

/** Offers a file, and waits until it is accepted. */
async function accepted(stage: Stage, name: string, size: number): Promise<{ on: Conversation; sent: SentFile }> {
  const on = await stage.connected()
  const sent = file(stage, name, size)
  sent.offer(on)
  await sent.accepted(on)
  return { on, sent }
}

/** Cuts the lane while block 1 is under way and block 0 is there; offers the same file over the next one. */
async function torn(stage: Stage, name: string) {
  const { on: before, sent } = await accepted(stage, name, 2 * BLOCK_BYTES + 5)
  await sent.parts(before, 0)
  sent.tell(before, 0)
  await sent.acked(before, 0)
  await sent.parts(before, 1, { share: 0.5 })
  const on = await stage.torn()
  on.say({ t: 'resume', ns: [sent.n] })
  sent.offer(on)
  const has = await sent.accepted(on)
  must(has(0), '`accept` does not list block 0, which it had acknowledged')
  return { on, sent, has }
}

/** Sections 5 to 6.3: files and texts that the program under test receives. */
export const RECEIVES: readonly Check<Stage>[] = [
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
      const { on, sent } = await accepted(stage, 'wrong-once.bin', 1000)
      await sent.parts(on, 0, { wrong: true })
      sent.tell(on, 0)
      await on.next('resend', ({ n, i }) => n === sent.n && i === 0)
      await sent.finish(on, () => false)
    },
  },
  {
    name: 'receive-wrong-twice',
    section: '5.2',
    about: 'stops with `corrupt` for a block that is wrong twice',
    run: async (stage) => {
      const { on, sent } = await accepted(stage, 'wrong-twice.bin', 1000)
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
      const { on, sent } = await accepted(stage, 'wrong-root.bin', 1000)
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
        const answer = await on.heard.take('answer', ANSWER_MS, (one) => 'n' in one && one.n === sent.n)
        if (answer.t !== 'stop' && stage.mayRename) {
          on.say({ t: 'stop', n: sent.n, code: 'cancelled' })
          throw new LeftOut('it takes the file, under a name that only its person can see')
        }
        must(answer.t === 'stop' && answer.code === 'bad-name', `it answers by ${JSON.stringify(answer)}`)
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
    name: 'receive-folder',
    section: '5.2',
    about: 'receives files of a batch that lie in folders, and refuses a folder that leads out',
    run: async (stage) => {
      const on = await stage.connected()
      stage.announced('folders')
      const batch = newId()
      on.say({ t: 'batch', id: batch, name: 'holiday', files: 2, bytes: 8 })
      for (const path of [['holiday'], ['holiday', 'day 1']])
        await file(stage, 'note.txt', 4).deliver(on, false, { batch, path })
      const out = file(stage, 'note.txt', 4)
      out.offer(on, { path: ['holiday', '..'] })
      await out.isStopped(on, 'bad-name')
    },
  },
  {
    name: 'receive-stopped',
    section: '9',
    about: 'ends a file at `stop`, with a reason that it does not know, and goes on with the next',
    run: async (stage) => {
      const { on, sent } = await accepted(stage, 'stopped.bin', 2 * BLOCK_BYTES)
      await sent.parts(on, 0, { share: 0.5 })
      on.sayRaw(JSON.stringify({ t: 'stop', n: sent.n, code: 'a-later-reason' }))
      await sent.parts(on, 0)
      await file(stage, 'after-stop.bin', 10).deliver(on)
    },
  },
  {
    name: 'receive-paused',
    section: '5.2',
    about: 'waits for a file that the sender holds up in the midst of a block, and takes the rest',
    run: async (stage) => {
      const { on, sent } = await accepted(stage, 'paused.bin', BLOCK_BYTES + 5)
      await sent.parts(on, 0, { share: 0.5 })
      on.say({ t: 'pause', n: sent.n, on: true })
      await file(stage, 'meanwhile.bin', 10).deliver(on)
      on.say({ t: 'pause', n: sent.n, on: false })
      await sent.finish(on, () => false)
    },
  },
  {
    name: 'receive-torn',
    section: '5.3',
    about: 'goes on after a lane is lost, with the blocks that it has',
    run: async (stage) => {
      const { on, sent, has } = await torn(stage, 'torn.bin')
      must(!has(2), '`accept` lists block 2, which was never sent')
      await sent.finish(on, has)
    },
  },
  {
    name: 'receive-changed',
    section: '5.3',
    about: 'throws away what it has of a file that has changed meanwhile',
    run: async (stage) => {
      const { on, sent } = await torn(stage, 'changed.bin')
      // What the sender reads now is another file.
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
      const { on, sent } = await accepted(stage, 'gap.bin', 1000)
      await on.sendPart(encodePart({ n: sent.n, block: 0, offset: 100, payload: new Uint8Array(10) }))
      await sent.isStopped(on, 'malformed')
      await file(stage, 'after-gap.bin', 10).deliver(on)
    },
  },
  {
    name: 'text',
    section: '6.3',
    about: 'says `text-ack` to a text, and again when it comes twice',
    run: async (stage) => {
      const on = await stage.connected()
      stage.announced('texts')
      const id = newId()
      for (let i = 0; i < 2; i++) {
        on.say({ t: 'text', id, text: 'From the conformance kit' })
        await on.next('text-ack', (ack) => ack.id === id)
      }
    },
  },
]
