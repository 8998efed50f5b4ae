import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { primitives } from './node-crypto.ts'
import type { Client } from '#hub/testing/client.ts'
import { setStage, WINDOW_ORIGIN, WINDOW_TOKEN, type Stage } from '#hub/testing/stage.ts'
import { fromBase64Url, toBase64Url } from '#protocol/base64url.ts'
import { kidOfLink, proofsOf, type Proofs, type SessionKey } from '#protocol/proof.ts'

const UID = 'AAECAwQFBgcICQoLDA0ODw'
const REFUSED = { ok: false, code: 'unknown-link' }
const key = randomBytes(32)
const kid = kidOfLink(primitives, key)

let stage: Stage
let good: boolean
let proved: { uid: string; kid: string; session: SessionKey }[]

beforeEach(async () => {
  good = true
  proved = []
  stage = await setStage({
    windowToken: WINDOW_TOKEN,
    windowOrigin: WINDOW_ORIGIN,
    admit: () => true,
    keyring: {
      find: (uid, name) => (good && uid === UID && Buffer.from(name).equals(Buffer.from(kid)) ? key : null),
      proved: (uid, name, session) => {
        proved.push({ uid, kid: toBase64Url(name), session })
        return null
      },
    },
  })
})
afterEach(() => stage.clear())

interface Attempt {
  readonly client: Client
  readonly socketId: string
  readonly nonce: Uint8Array
  readonly challenge: Uint8Array
}
interface Change {
  readonly uid?: string
  readonly kid?: Uint8Array
}

/** Registers as far as the challenge. */
async function begin(change: Change = {}, nonce = randomBytes(32)): Promise<Attempt> {
  const client = stage.attempt()
  const { id: socketId } = (await client.next('welcome')) as { id: string }
  const proof = { kid: toBase64Url(change.kid ?? kid), nonce: toBase64Url(nonce), caps: '' }
  const reply = await client.ask('register', { uid: change.uid ?? UID, type: 1, v: 2, name: 'P', kind: 'page', proof })
  expect(reply).toMatchObject({ ok: true, v: 2, challenge: expect.stringMatching(/^[\w-]{43}$/) as string })
  const challenge = fromBase64Url((reply as { challenge: string }).challenge) ?? new Uint8Array(0)
  return { client, socketId, nonce, challenge }
}

const proofsFor = (a: Attempt, change: Change & { key?: Uint8Array; socketId?: string } = {}): Proofs =>
  proofsOf(primitives, change.key ?? key, {
    uid: change.uid ?? UID,
    role: 1,
    kid: change.kid ?? kid,
    caps: '',
    clientNonce: a.nonce,
    hubNonce: a.challenge,
    socketId: change.socketId ?? a.socketId,
  })

const prove = (a: Attempt, mac: Uint8Array) => a.client.ask('prove', { mac: toBase64Url(mac) })

async function join(): Promise<Attempt & { proofs: Proofs }> {
  const attempt = await begin()
  const proofs = proofsFor(attempt)
  expect(await prove(attempt, proofs.client)).toEqual({ ok: true, mac: toBase64Url(proofs.hub) })
  return { ...attempt, proofs }
}

test('both prove the key, and the session is told before anybody hears of the other', async () => {
  const window = await stage.window()
  await window.ask('register', { uid: UID, type: 0, v: 2, name: 'Desk', kind: 'desktop' })
  const { client, proofs } = await join()
  expect(proved).toEqual([{ uid: UID, kid: toBase64Url(kid), session: proofs.session }])
  await client.next('syncfrom')
  expect(await window.next('joined')).toEqual({ v: 2, name: 'P', kind: 'page' })
})

describe('refused alike, and told nothing of why', () => {
  test.each<[string, () => Promise<[Attempt, Uint8Array]>]>([
    [
      'a wrong key',
      async () => {
        const a = await begin()
        return [a, proofsFor(a, { key: randomBytes(32) }).client]
      },
    ],
    [
      'a key that nobody has',
      async () => {
        const a = await begin({ kid: randomBytes(8) })
        return [a, proofsFor(a).client]
      },
    ],
    [
      'a link that nobody has',
      async () => {
        const a = await begin({ uid: 'someone else' })
        return [a, proofsFor(a, { uid: 'someone else' }).client]
      },
    ],
    [
      'B33: the hub’s own proof, sent back',
      async () => {
        const a = await begin()
        return [a, proofsFor(a).hub]
      },
    ],
    [
      'a proof made for another connection',
      async () => {
        const a = await begin()
        return [a, proofsFor(a, { socketId: 'another' }).client]
      },
    ],
    [
      'B34: a key that was used up or grew old since the challenge',
      async () => {
        const a = await begin()
        good = false
        return [a, proofsFor(a).client]
      },
    ],
  ])('%s', async (_, make) => {
    const [attempt, mac] = await make()
    expect(await prove(attempt, mac)).toEqual(REFUSED)
    await attempt.client.disconnected()
    expect(proved).toEqual([])
    expect(stage.hub.links()).toBe(0)
  })

  test('B30: no proof at all, for a link that there is', async () => {
    const client = await stage.join()
    expect(await client.ask('register', { uid: UID, type: 1, v: 2 })).toEqual(REFUSED)
    await client.disconnected()
  })

  test('a proof before a challenge, and nonsense in its place', async () => {
    const early = await stage.join()
    expect(await early.ask('prove', { mac: toBase64Url(randomBytes(32)) })).toEqual(REFUSED)
    for (const payload of [null, 7, {}, { mac: 7 }, { mac: 'AAAA' }, { mac: '!'.repeat(43) }]) {
      const { client } = await begin()
      expect(await client.ask('prove', payload)).toEqual(REFUSED)
    }
    expect(stage.hub.links()).toBe(0)
  })
})

test('B32: what was said once is worth nothing again', async () => {
  const first = await join()
  const second = await begin({}, Buffer.from(first.nonce))
  expect(Buffer.from(second.challenge).equals(Buffer.from(first.challenge))).toBe(false)
  expect(await prove(second, first.proofs.client)).toEqual(REFUSED)
})

test('a challenge is good for one try', async () => {
  const attempt = await begin()
  expect(await prove(attempt, randomBytes(32))).toEqual(REFUSED)
  const again = attempt.client.ask('prove', { mac: toBase64Url(proofsFor(attempt).client) }).catch(() => 'gone')
  expect(await Promise.race([again, attempt.client.disconnected()])).not.toMatchObject({ ok: true })
  expect(proved).toEqual([])
})

test('who has not proved it yet replaces nobody and hears nothing', async () => {
  const window = await stage.window()
  await window.ask('register', { uid: UID, type: 0, v: 2, name: 'Desk', kind: 'desktop' })
  const phone = await join()
  await phone.client.next('syncfrom')
  const stranger = await begin()
  window.send('message', { type: 'candidate', label: 0, id: '0', candidate: 'x' })
  expect(await phone.client.next('message')).toMatchObject({ candidate: 'x' })
  await stranger.client.settle()
  expect(stranger.client.news().map(({ event }) => event)).not.toContain('message')
})

test('the newest proof of one link wins', async () => {
  const first = await join()
  const second = await join()
  expect(await first.client.next('ended')).toEqual({ code: 'replaced' })
  await first.client.disconnected()
  expect(stage.hub.links()).toBe(1)
  await second.client.settle()
  expect(proved).toHaveLength(2)
})
