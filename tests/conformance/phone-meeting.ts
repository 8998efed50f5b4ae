import { readDescription } from '#protocol/binding.ts'
import { must, type Check } from './checks.ts'
import { ANSWER_MS } from './conversation.ts'
import type { Visit } from './desk.ts'
import type { DirectChannel } from './direct-channel.ts'
import { pause } from './mailbox.ts'
import type { PhoneStage } from './phone-stage.ts'

/** ms within which a phone that would do something wrong has done it: a client of Socket.IO comes back within 1.5 s. */
const WRONG_MS = 3_000

/** ms within which a channel opens that can. */
const OPEN_MS = 12_000
/** ms within which a phone that tries again by itself does so. */
const AGAIN_MS = 5_000
/** Offers that are answered by a wrong one. */
const SWAPS = 3

/** Whether the channel opens before the phone leaves or closes it. */
async function opens(visit: Visit, channel: DirectChannel): Promise<boolean> {
  const isReady = channel.isReady(OPEN_MS).then(
    () => true,
    () => false,
  )
  const left = visit.leaves(OPEN_MS).then(() => false)
  return Promise.race([isReady, left, visit.messages.peek('offer', OPEN_MS).then(() => false, () => false)]) // prettier-ignore
}

/** The phone must leave, or at least make no offer to whom it was told of. */
async function doesNotTrust(stage: PhoneStage, manners: { asksForProof?: boolean; proves?: boolean }): Promise<void> {
  const visit = await stage.open()
  await stage.admit(visit, manners)
  if (visit.isHere) stage.join(visit)
  const left = await Promise.race([visit.leaves(WRONG_MS), visit.messages.take('offer', WRONG_MS).then(() => null, () => false)]) // prettier-ignore
  must(left !== null, 'the phone makes an offer to a hub that has not proved the key')
}

/** Sections 2 to 4: each on a link of its own, as a phone may not come back from them. */
export const PHONE_MEETING: readonly Check<PhoneStage>[] = [
  {
    name: 'wrong-hub-proof',
    section: '3.3',
    about: 'leaves a hub whose own proof is wrong, without an offer',
    run: (stage) => doesNotTrust(stage, { proves: false }),
  },
  {
    name: 'hub-without-proof',
    section: '3.3',
    about: 'leaves a hub that asks for no proof, without an offer',
    run: (stage) => doesNotTrust(stage, { asksForProof: false }),
  },
  {
    name: 'swapped-fingerprint',
    section: '4',
    about: 'applies no answer whose mac is of another description',
    run: async (stage) => {
      const visit = await stage.open()
      await stage.admit(visit)
      stage.join(visit)
      // One that does trust it might fail for other reasons; it offers again then, as does one that does not.
      for (let tries = 0; tries < SWAPS && visit.isHere; tries++) {
        const attempt = await stage
          .answer(visit, { swapsAnswer: true }, tries === 0 ? ANSWER_MS : AGAIN_MS)
          .catch(() => null)
        must(attempt !== null || tries > 0, 'it makes no offer')
        if (attempt === null) return
        const isOpen = await opens(visit, attempt.channel)
        await attempt.channel.close()
        must(!isOpen, 'a channel opens, though the answer was changed on its way')
      }
    },
  },
  {
    name: 'wrong-confirm',
    section: '4',
    about: 'says `close` with `tampered` to a wrong `confirm`, and reads nothing',
    run: async (stage) => {
      const visit = await stage.open()
      await stage.admit(visit)
      stage.join(visit)
      const conversation = await stage.confirm(await stage.answer(visit), true)
      const next = await conversation.heard.take('`close`', ANSWER_MS, ({ t }) => t !== 'ping')
      await conversation.close()
      must(next.t === 'close' && next.code === 'tampered', `it says \`${next.t}\`, not \`close\` with \`tampered\``)
    },
  },
]

/** Sections 3 to 5 on one link, in order. */
export const PHONE_GREETING: readonly Check<PhoneStage>[] = [
  {
    name: 'registration',
    section: '3.2',
    about: 'registers as an app of version 2 and proves the key of the link',
    run: async (stage) => {
      const visit = await stage.open()
      const { registration } = await stage.admit(visit)
      must(registration.type === 1, '`type` is not 1')
      must(registration.v === 2, '`v` is not 2')
      must(registration.kind !== undefined && registration.kind !== 'desktop', '`kind` is neither `app` nor `page`')
      must(registration.name !== undefined, '`name` is missing')
      stage.join(visit)
    },
  },
  {
    name: 'offer',
    section: '4',
    about: 'offers one data section, others inactive, bound to the key',
    run: async (stage) => {
      await stage.connected()
      const offers = stage.visit?.messages.all.filter((one) => one !== 'bye' && one.type === 'offer') ?? []
      for (const one of offers) {
        readDescription(one.sdp)
        const sections = one.sdp.split(/^(?=m=)/m).slice(1)
        const others = sections.filter((section) => !section.startsWith('m=application'))
        must(others.length <= 1, 'the offer has more than one section beside the data')
        const idle = others.every((section) => section.startsWith('m=video') && section.includes('a=inactive'))
        must(idle, 'the offer has a section beside the data that is not an inactive video section')
      }
    },
  },
  {
    name: 'hello',
    section: '5',
    about: 'says `hello` as the first frame after `confirm`',
    run: async (stage) => {
      const conversation = await stage.connected()
      must(conversation.heard.all[0]?.t === 'hello', `the first frame is \`${String(conversation.heard.all[0]?.t)}\``)
      must(stage.hello?.v === 2, '`v` is not 2')
      must(stage.hello.session !== undefined, '`session` is missing')
    },
  },
  {
    name: 'ping',
    section: '5.4',
    about: 'says something at least every 6.5 s',
    run: async (stage) => {
      const conversation = await stage.connected()
      await conversation.next('ping', () => true, 6_500)
    },
  },
]

/** The last on the link of the checks before. */
export const PHONE_ENDING: readonly Check<PhoneStage>[] = [
  {
    name: 'own-key',
    section: '3.3',
    about: 'comes back to the hub by the key of `credentials`, with a fresh nonce',
    run: async (stage) => {
      const on = await stage.connected()
      // It has read the key by the time that it says something more.
      while (on.heard.takeNow(({ t }) => t === 'ping') !== undefined);
      await on.next('ping')
      const { before, after } = await stage.returned()
      must(after.with === 'device', 'it proves the key of the link, which is used')
      must(before.nonce !== after.nonce, 'it uses a nonce twice')
    },
  },
  {
    name: 'no-fault',
    section: '5',
    about: 'has sent nothing that is not of the protocol',
    run: async (stage) => {
      const faults = [...stage.faults, ...(stage.conversation?.faults ?? []), ...(stage.visit?.faults ?? [])]
      must(faults.length === 0, faults.slice(0, 3).join('; '))
    },
  },
  {
    name: 'ended',
    section: '3.2',
    about: 'does not come back by itself after `ended`',
    run: async (stage) => {
      await stage.connected()
      const { visit } = stage
      visit?.expel('replaced')
      const again = await stage.desk.visits.take('visit', WRONG_MS).catch(() => null)
      must(again === null, 'it came back, though another one has its place')
    },
  },
  {
    name: 'unknown-frame',
    section: '9',
    about: 'ignores a frame that it does not know, or says `close`; it does not fall silent',
    run: async (stage) => {
      await stage.leave()
      const conversation = await stage.connected()
      conversation.sayRaw('{"t":"of-a-later-version","n":2}')
      const next = await conversation.heard.take(
        '`ping` or `close`',
        ANSWER_MS,
        ({ t }) => t === 'ping' || t === 'close',
      )
      if (next.t === 'ping') await pause(0)
      else must(next.t === 'close' && next.code === 'malformed', 'it ends with another reason than `malformed`')
    },
  },
]
