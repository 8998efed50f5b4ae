import { randomBytes } from 'node:crypto'
import { primitives } from '#hub/node-crypto.ts'
import { Call } from './call.ts'
import { must, type Check } from './checks.ts'
import { ANSWER_MS } from './conversation.ts'
import type { DesktopStage } from './desktop-stage.ts'

/** What a registration of these fields is refused with. */
async function refusedWith({ url, link }: DesktopStage, fields: object): Promise<string> {
  const call = new Call(url)
  try {
    await call.welcome()
    const reply = await call.register({ uid: link.uid, type: 1, v: 2, name: 'Conformance', kind: 'app', ...fields })
    if (reply.ok) return 'ok'
    await call.ended()
    return reply.code
  } finally {
    call.close()
  }
}

async function wrongProof(
  { url }: DesktopStage,
  secret: Parameters<Call['comeWith']>[0],
  wrong: boolean,
): Promise<string> {
  const call = new Call(url)
  try {
    const code = await call.comeWith(secret, { wrong })
    if (typeof code !== 'string') return 'ok'
    await call.ended()
    return code
  } finally {
    call.close()
  }
}

/** Sections 2 to 4, before the link is used. */
export const DESKTOP_MEETING: readonly Check<DesktopStage>[] = [
  {
    name: 'wrong-proof',
    section: '3.3',
    about: 'answers a wrong proof, a wrong kid and an unknown uid alike, by `unknown-link`',
    run: async (stage) => {
      const { link } = stage
      const other = { ...link, kid: primitives.random(8) }
      const nowhere = { ...link, uid: 'AAAAAAAAAAAAAAAAAAAAAA' }
      const codes = [await wrongProof(stage, link, true), await wrongProof(stage, other, false), await wrongProof(stage, nowhere, false)] // prettier-ignore
      must(
        codes.every((code) => code === 'unknown-link'),
        `it answers ${codes.join(', ')}`,
      )
    },
  },
  {
    name: 'later-version',
    section: '9',
    about: 'refuses a registration of another version by `version`',
    run: async (stage) => {
      const code = await refusedWith(stage, { v: 3 })
      must(code === 'version', `it answers ${code}`)
    },
  },
  {
    name: 'claims-legacy',
    section: '3.2',
    about: 'refuses the kind `legacy` by `malformed`',
    run: async (stage) => {
      const code = await refusedWith(stage, { kind: 'legacy' })
      must(code === 'malformed', `it answers ${code}`)
    },
  },
  {
    name: 'web-role',
    section: '3.2',
    about: "keeps role 0 for the computer's own window, by `not-allowed`",
    run: async (stage) => {
      const code = await refusedWith(stage, { type: 0 })
      must(code === 'not-allowed', `it answers ${code}`)
    },
  },
  {
    name: 'proof',
    section: '3.3',
    about: 'lets the right key in, proves that it has it too, and takes words in `caps` that it does not know',
    run: async (stage) => {
      const { call } = await stage.met()
      const before = call.events.all.map(({ event }) => event)
      must(
        !before.includes('syncfrom') || before.indexOf('joined') < before.indexOf('syncfrom'),
        '`syncfrom` comes before `joined`',
      )
    },
  },
  {
    name: 'changed-offer',
    section: '4',
    about: 'refuses an offer whose mac is not right by `refusal` with `tampered`',
    run: async (stage) => {
      const answer = await stage.offered(true)
      must('type' in Object(answer), 'it says `bye`')
      const { type, code } = answer as { type?: string; code?: string }
      must(type === 'refusal' && code === 'tampered', `it answers by ${String(type)} ${String(code)}`)
    },
  },
  {
    name: 'wrong-confirm',
    section: '4',
    about: 'says `close` with `tampered` to a wrong `confirm`, and reads nothing',
    run: async (stage) => {
      const on = await stage.confirmed(true)
      on.greet({ kind: 'app', session: stage.session })
      const next = await on.heard.take('`close`', ANSWER_MS, ({ t }) => t !== 'ping')
      await on.close()
      must(next.t === 'close' && next.code === 'tampered', `it says \`${next.t}\`, not \`close\` with \`tampered\``)
    },
  },
  {
    name: 'hello',
    section: '5',
    about: 'says `hello` first, and gives the phone a key of its own',
    run: async (stage) => {
      const on = await stage.connected()
      must(on.heard.all[0]?.t === 'hello', `the first frame is \`${String(on.heard.all[0]?.t)}\``)
      must(stage.hello?.kind === 'desktop', '`kind` is not `desktop`')
      must(stage.hello.session !== undefined, '`session` is missing')
    },
  },
  {
    name: 'used-link',
    section: '3.3',
    about: 'takes the key of a link no more once a channel was made with it',
    run: async (stage) => {
      await stage.connected()
      const code = await wrongProof(stage, stage.link, false)
      must(code === 'unknown-link', `it answers ${code}`)
    },
  },
]

/** The last checks of a phone that is connected. */
export const DESKTOP_ENDING: readonly Check<DesktopStage>[] = [
  {
    name: 'own-key',
    section: '3.3',
    about: 'lets the phone come back by the key of `credentials`',
    run: async (stage) => {
      await stage.connected()
      must(stage.device !== null, 'there were no `credentials`')
      await stage.leave()
      await stage.connected()
    },
  },
  {
    name: 'replaced',
    section: '3.2',
    about: 'tells `ended` with `replaced` to whoever held the place before',
    run: async (stage) => {
      const { call } = await stage.met()
      await stage.drop()
      stage.call = stage.proved = null
      await stage.met()
      const { payload } = await call.events.take('`ended`', ANSWER_MS, ({ event }) => event === 'ended')
      const { code } = payload as { code?: unknown }
      must(code === 'replaced', `it says ${String(code)}`)
      await call.ended()
    },
  },
  {
    name: 'later-kinds',
    section: '9',
    about: 'takes kinds and lanes that it does not know for `app` and `auto`',
    run: async (stage) => {
      await stage.drop()
      const on = await stage.confirmed()
      const hello = {
        t: 'hello',
        v: 2,
        name: 'Conformance',
        kind: 'watch',
        session: stage.session,
        lane: 'carrier-pigeon',
      }
      on.sayRaw(JSON.stringify({ ...hello, aLaterFlag: true }))
      await on.next('hello')
      stage.conversation = on
      const next = await on.heard.take('`ping`', ANSWER_MS, ({ t }) => t === 'ping' || t === 'close')
      must(next.t === 'ping', 'it ends the conversation')
    },
  },
  {
    name: 'no-fault',
    section: '5',
    about: 'has sent nothing that is not of the protocol',
    run: async (stage) => {
      const faults = [...stage.faults, ...(stage.conversation?.faults ?? [])]
      must(faults.length === 0, faults.slice(0, 3).join('; '))
    },
  },
  {
    name: 'unknown-frame',
    section: '9',
    about: 'ends the conversation by `close` with `malformed` at a frame that it does not know',
    run: async (stage) => {
      await stage.drop()
      const on = await stage.connected()
      on.sayRaw(JSON.stringify({ t: 'of-a-later-version', n: 1, id: randomBytes(16).toString('hex') }))
      const close = await on.next('close')
      must(close.code === 'malformed', `it says ${close.code}`)
      await stage.drop()
    },
  },
  {
    name: 'later-hello',
    section: '9',
    about: 'ends the conversation by `close` with `version` at a `hello` of another version',
    run: async (stage) => {
      await stage.leave()
      const on = await stage.confirmed()
      on.sayRaw(JSON.stringify({ t: 'hello', v: 3, name: 'Conformance', kind: 'app', session: stage.session }))
      const close = await on.next('close')
      must(close.code === 'version', `it says ${close.code}`)
      await on.close()
    },
  },
]
