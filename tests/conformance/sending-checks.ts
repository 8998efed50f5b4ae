import { randomBytes } from 'node:crypto'
import { BLOCK_BYTES, CREDIT_BYTES } from '#protocol/limits.ts'
import { must, type Check } from './checks.ts'
import type { Conversation } from './conversation.ts'
import { TakenFile } from './files.ts'
import { pause } from './mailbox.ts'
import type { Stage } from './stage.ts'

/** ms of silence after which a sender that had something to send would have sent it. */
const QUIET_MS = 1_500

async function offered(stage: Stage, bytes: Uint8Array): Promise<{ on: Conversation; taken: TakenFile }> {
  const { on, offer } = await stage.fileOffered(bytes)
  return { on, taken: new TakenFile(offer) }
}

/** Takes what comes until a block is whole. Returns which. */
async function firstBlock(on: Conversation, taken: TakenFile): Promise<number> {
  for (;;) {
    const next = await taken.step(on)
    if (typeof next === 'number') return next
  }
}

/** Takes blocks until the first is acknowledged and more is under way, then cuts the lane. Returns the new one. */
async function tornAfterOne(
  stage: Stage,
  on: Conversation,
  taken: TakenFile,
  meanwhile: () => Promise<void> = async () => {},
): Promise<Conversation> {
  taken.accept(on)
  taken.ack(on, await firstBlock(on, taken))
  await taken.step(on)
  await meanwhile()
  const after = await stage.torn()
  const { ns } = await after.next('resume')
  const again = await after.next('offer', ({ id }) => id === taken.offer.id)
  must(ns.includes(again.n), '`resume` does not list the file')
  taken.offeredAgain(again)
  return after
}

/** As much as comes without a word of this side; throws where that is too much. Returns the blocks that are whole. */
async function unanswered(on: Conversation, taken: TakenFile): Promise<readonly number[]> {
  const held: number[] = []
  while (taken.underWay < CREDIT_BYTES) {
    const next = await taken.step(on, QUIET_MS).catch((error: unknown) => {
      if (String(error).includes('within')) return 'nothing more'
      throw error
    })
    if (next === 'nothing more') break
    if (typeof next === 'number') held.push(next)
  }
  must(held.length > 0, 'nothing came')
  return held
}

/** Sections 5 to 5.3: files that the program under test sends. */
export const SENDS: readonly Check<Stage>[] = [
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
      const held = await unanswered(on, taken)
      // What is too much would come now; `step` throws then.
      const more = await taken.step(on, QUIET_MS).catch((error: unknown) => {
        if (!String(error).includes('within')) throw error
      })
      for (const i of [...held, more]) if (typeof i === 'number') taken.ack(on, i)
      await taken.finish(on)
    },
  },
  {
    name: 'send-paused',
    section: '5.2',
    about: 'sends nothing of a file that the receiver holds up, and goes on when it does no longer',
    run: async (stage) => {
      const { on, taken } = await offered(stage, randomBytes(9 * BLOCK_BYTES))
      taken.accept(on)
      const held = await unanswered(on, taken)
      on.say({ t: 'pause', n: taken.n, on: true })
      for (const i of held) taken.ack(on, i)
      await pause(QUIET_MS)
      const part = on.heard.takeNow((one) => one.t === 'part' && one.n === taken.n)
      must(part === undefined, 'it sends parts all the same')
      on.say({ t: 'pause', n: taken.n, on: false })
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
      const i = await firstBlock(on, taken)
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
        const next = await taken.step(after)
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
      const part = on.heard.takeNow((one) => one.t === 'part' && one.n === taken.n)
      must(part === undefined, 'it sends parts all the same')
    },
  },
]
