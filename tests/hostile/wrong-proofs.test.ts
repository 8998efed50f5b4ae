import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { SHIPPED_LIMITS } from '#hub/limits.ts'
import { toBase64Url } from '#protocol/base64url.ts'
import { Prover, sceneWithLinks } from './support/prover.ts'
import { frame } from '#hub/testing/websocket-frame.ts'
import { rawClient } from './support/raw.ts'
import { endScenes } from './support/scene.ts'

endScenes()

// macOS has no other address on loopback.
const OTHERS = process.platform !== 'darwin'
const [BAD, GOOD] = ['127.0.0.2', '127.0.0.3']
const WRONG = { ok: false, code: 'unknown-link' }
const SHUT = { ok: false, code: 'overrun' }
const RIGHT = { ok: true, mac: expect.stringMatching(/^[\w-]{43}$/) as string }

const PROOF = { kid: toBase64Url(randomBytes(8)), nonce: toBase64Url(randomBytes(32)), caps: '' }

/** The hub's last word to who proves with a key that is none, as cheaply as it can be asked for. */
async function wrongProof(port: number, uid: string, from: string): Promise<unknown> {
  const raw = await rawClient(port, from)
  raw.write(frame(`421["register",${JSON.stringify({ uid, type: 1, v: 2, name: 'P', kind: 'page', proof: PROOF })}]`))
  await raw.hears('"challenge"')
  raw.write(frame(`422["prove",{"mac":"${PROOF.nonce}"}]`))
  await raw.hears('432[')
  raw.socket.destroy()
  return (JSON.parse(/432(\[.*?\])/.exec(raw.text)?.[1] ?? '[]') as unknown[])[0]
}

test.runIf(OTHERS)(
  'B36: a thousand wrong proofs are told so, and disturb nobody, behind their own address neither',
  async () => {
    const { stage, links } = await sceneWithLinks()
    const shown = { ...links.current }
    const { uid, key } = shown
    const window = await stage.window()
    await window.ask('register', { uid, type: 0, v: 2 })
    // Somebody who was let in, from the same address as what comes.
    const friend = await Prover.begin(stage, { uid, key, from: BAD })
    expect(await friend.prove()).toEqual(RIGHT)

    const since = performance.now()
    const replies: unknown[] = []
    for (let n = 0; n < 250; n++) {
      const four = [1, 2, 3, 4].map(() => wrongProof(stage.hub.port, uid, BAD))
      replies.push(...(await Promise.all(four)))
    }
    // Four are under way at once, in an order of their own: the fours of which none was too many, the one in
    // which the limit was reached (all of it may have got that far), and the rest.
    const reached = SHIPPED_LIMITS.wrongProofs - (SHIPPED_LIMITS.wrongProofs % 4)
    expect(replies.slice(0, reached)).toEqual(Array.from({ length: reached }, () => WRONG))
    const told = replies.slice(reached, reached + 4).filter((reply) => (reply as { code: string }).code === WRONG.code)
    expect(told.length).toBeGreaterThanOrEqual(SHIPPED_LIMITS.wrongProofs - reached)
    expect(replies.slice(reached + 4)).toEqual(Array.from({ length: 996 - reached }, () => SHUT))
    // The phone that has the right key is let in from that very address, in the midst of it, and elsewhere.
    expect(await Prover.join(stage, { uid, key: randomBytes(32), from: BAD })).toEqual(SHUT)
    expect(await Prover.join(stage, { uid: 'nobody', key: randomBytes(32), from: BAD })).toEqual(SHUT)
    const own = await Prover.begin(stage, { uid, key, from: BAD })
    expect(await own.prove()).toEqual(RIGHT)
    await friend.client.disconnected()

    own.client.send('message', 'still here')
    expect(await window.next('message')).toBe('still here')
    expect(links.current).toEqual(shown)
    expect(await Prover.join(stage, { uid, key, from: GOOD })).toEqual(RIGHT)
    expect(window.connected).toBe(true)

    const lines = stage.log.filter((line) => line.includes(BAD))
    expect(lines.length).toBeLessThanOrEqual(1 + (performance.now() - since) / 10_000)
    for (const secret of [uid, toBase64Url(key), friend.client.id ?? '?'])
      expect(stage.log.join()).not.toContain(secret)
  },
)

test.runIf(OTHERS)('B36: the address may try again after a while', async () => {
  const limits = { wrongProofs: 2, refuseProofsMs: 300 }
  const { stage, links } = await sceneWithLinks({ limits })
  const { uid } = links.current
  for (let n = 0; n < 2; n++) await Prover.join(stage, { uid, key: randomBytes(32), from: BAD })
  expect(await Prover.join(stage, { uid, key: randomBytes(32), from: BAD })).toEqual(SHUT)
  let reply: unknown = SHUT
  while ((reply as { code: string }).code === 'overrun') {
    await new Promise((resolve) => setTimeout(resolve, 320))
    reply = await Prover.join(stage, { uid, key: randomBytes(32), from: BAD })
  }
  expect(reply).toEqual(WRONG)
})

test('B36: an unknown key and a wrong proof get the same answers, one after the other, on a shut address too', async () => {
  const { stage, links } = await sceneWithLinks()
  const { uid, key } = links.current
  const strangers = [{ uid: 'nobody', key }, { uid, key: randomBytes(32) }, { uid, key, kid: randomBytes(8) }, { uid, key, kid: randomBytes(16) }] // prettier-ignore
  const replies: unknown[] = []
  for (let n = 0; n < 6; n++)
    for (const one of strangers) {
      const prover = await Prover.begin(stage, one)
      expect(prover.isChallenged).toBe(true)
      replies.push(await prover.prove(randomBytes(32)))
    }
  const { wrongProofs } = SHIPPED_LIMITS
  expect(replies).toEqual(replies.map((_, n) => (n < wrongProofs ? WRONG : SHUT)))
})

test('B36: wrong proofs from this computer count like others, and shut nobody out, the window neither', async () => {
  const { stage, links } = await sceneWithLinks({ limits: { wrongProofs: 2 } })
  const { uid, key } = links.current
  for (let n = 0; n < 5; n++)
    expect(await Prover.join(stage, { uid, key: randomBytes(32) })).toEqual(n < 2 ? WRONG : SHUT)
  const window = await stage.window()
  expect(await window.ask('register', { uid, type: 0, v: 2 })).toEqual({ ok: true, v: 2 })
  expect(await Prover.join(stage, { uid, key })).toEqual(RIGHT)
})
