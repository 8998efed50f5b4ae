import { randomBytes } from 'node:crypto'
import { PairingLinks } from '#core/devices/pairing-links.ts'
import { primitives } from '#hub/node-crypto.ts'
import type { HubOptions } from '#hub/hub.ts'
import type { Client, Generation } from '#hub/testing/client.ts'
import type { Stage } from '#hub/testing/stage.ts'
import { fromBase64Url, toBase64Url } from '#protocol/base64url.ts'
import { kidOfLink, proofsOf, type Proofs } from '#protocol/proof.ts'
import { scene } from './scene.ts'

/** Who a client says it is, and what it signs with. */
export interface Claimed {
  readonly uid: string
  readonly key: Uint8Array
  /** That of a link's key, unless told. */
  readonly kid?: Uint8Array
  readonly nonce?: Uint8Array
  /** Source address. */
  readonly from?: string
  readonly generation?: Generation
}

/** A hub whose keys are those of the real links, as in the app. `now`: ms, the clock of the links. */
export async function sceneWithLinks(
  options: HubOptions = {},
  now?: () => number,
): Promise<{ stage: Stage; links: PairingLinks }> {
  const links = new PairingLinks(now)
  const keyring = { find: (uid: string, kid: Uint8Array) => links.find(uid, kid), proved: () => null }
  const mayBeLegacy = (uid: string): boolean => links.mayBeLegacy(uid)
  const stage = await scene({ keyring, admit: (uid) => links.hosts(uid), mayBeLegacy, ...options })
  return { stage, links }
}

/** A phone of version 2, right or wrong, as far as the hub is concerned. */
export class Prover {
  readonly client: Client
  readonly nonce: Uint8Array
  /** What the hub said to `register`. */
  readonly reply: unknown
  readonly #said: Claimed
  readonly #socketId: string

  private constructor(client: Client, said: Claimed, socketId: string, nonce: Uint8Array, reply: unknown) {
    this.client = client
    this.#said = said
    this.#socketId = socketId
    this.nonce = nonce
    this.reply = reply
  }

  /** Registers as far as the challenge, or the refusal. */
  static async begin(stage: Stage, said: Claimed): Promise<Prover> {
    const { from, generation } = said
    const client = stage.attempt({ ...(from && { from }), ...(generation && { generation }) })
    const { id } = (await client.next('welcome')) as { id: string }
    const nonce = said.nonce ?? randomBytes(32)
    const proof = { kid: toBase64Url(said.kid ?? kidOfLink(primitives, said.key)), nonce: toBase64Url(nonce), caps: '' }
    const reply = await client.ask('register', { uid: said.uid, type: 1, v: 2, name: 'P', kind: 'page', proof })
    return new Prover(client, said, id, nonce, reply)
  }

  /** All of it; resolves with the hub's last word. */
  static async join(stage: Stage, said: Claimed): Promise<unknown> {
    const prover = await Prover.begin(stage, said)
    return prover.isChallenged ? prover.prove() : prover.reply
  }

  get isChallenged(): boolean {
    return typeof (this.reply as { challenge?: unknown }).challenge === 'string'
  }

  /** `socketId`: of another connection, for a transcript that is not of this one. */
  proofs(socketId = this.#socketId): Proofs {
    const { uid, key, kid = kidOfLink(primitives, key) } = this.#said
    const { challenge } = this.reply as { challenge: string }
    const hubNonce = fromBase64Url(challenge) ?? new Uint8Array(0)
    const said = { uid, role: 1, kid, caps: '', clientNonce: this.nonce, hubNonce, socketId } as const
    return proofsOf(primitives, key, said)
  }

  prove(mac: Uint8Array = this.proofs().client): Promise<unknown> {
    return this.client.ask('prove', { mac: toBase64Url(mac) })
  }
}
