import { randomBytes } from 'node:crypto'
import { primitives } from '#hub/node-crypto.ts'
import type { Client } from './client.ts'
import type { Stage } from './stage.ts'
import { fromBase64Url, toBase64Url } from '#protocol/base64url.ts'
import { kidOfLink, proofsOf, type SessionKey } from '#protocol/proof.ts'

/** Registers a phone of version 2 by a right proof of `key`; the stage's keyring must know it for `uid`. */
export async function registered(
  stage: Stage,
  uid: string,
  key: Uint8Array,
): Promise<{ readonly client: Client; readonly session: SessionKey }> {
  const client = stage.attempt()
  const { id: socketId } = (await client.next('welcome')) as { id: string }
  const [kid, clientNonce] = [kidOfLink(primitives, key), randomBytes(32)]
  const proof = { kid: toBase64Url(kid), nonce: toBase64Url(clientNonce), caps: '' }
  const { challenge } = (await client.ask('register', { uid, type: 1, v: 2, kind: 'page', proof })) as {
    challenge: string
  }
  const hubNonce = fromBase64Url(challenge) ?? new Uint8Array(0)
  const proofs = proofsOf(primitives, key, { uid, role: 1, kid, caps: '', clientNonce, hubNonce, socketId })
  const reply = (await client.ask('prove', { mac: toBase64Url(proofs.client) })) as { ok: boolean }
  if (!reply.ok) throw new Error('the proof was refused')
  return { client, session: proofs.session }
}
