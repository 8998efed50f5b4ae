import * as v from 'valibot'
import { EXCEPTION_CHARS_MAX, NAME_CHARS_MAX, PROTOCOL_VERSION, UID_CHARS_MAX } from './limits.ts'
import { ReasonOfPeer, type Reason } from './errors.ts'

/**
 * The Socket.IO events of the hub: who sends them and what they carry. The first eleven are those of the
 * 2018 protocol and keep their form for ever; Lanyard's own bear new names or ride in acknowledgements,
 * so that a legacy client never meets them. Types and checks on both sides come from this file.
 */

/** web = the side that keeps files (the desktop window), app = the phone. */
export const WEB = 0
export const APP = 1
export type Role = typeof WEB | typeof APP

export const otherRole = (role: Role): Role => (role === WEB ? APP : WEB)

/** Any bounded text; a finite number becomes text, as 2018 clients sent both. Only ever a Map key. */
export const Uid = v.pipe(
  v.union([v.string(), v.pipe(v.number(), v.finite(), v.transform(String))]),
  v.minLength(1),
  v.maxLength(UID_CHARS_MAX),
)

const RoleType = v.union([
  v.literal(WEB),
  v.literal(APP),
  v.pipe(
    v.literal('0'),
    v.transform((): Role => WEB),
  ),
  v.pipe(
    v.literal('1'),
    v.transform((): Role => APP),
  ),
])

/** What kind of program a peer is: the phone page, a native app, the desktop window, or a 2018 client. */
export const PeerKind = v.picklist(['page', 'app', 'desktop', 'legacy'])
export type PeerKind = v.InferOutput<typeof PeerKind>

const CLAIMED_KINDS = ['page', 'app', 'desktop'] as const
export type ClaimedKind = (typeof CLAIMED_KINDS)[number]

/** Characters of a word of a later version, in the place of one of ours. */
const WORD_CHARS_MAX = 32

/** Reads one of these words; another one, of a later version, as `instead`. */
export const wordOf = <const Words extends readonly string[]>(words: Words, instead: Words[number]) =>
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(WORD_CHARS_MAX),
    v.transform((word): Words[number] => words.find((known) => known === word) ?? instead),
  )

/** What a client of version 2 may call itself. `legacy` is not among them: only a registration without `v` is that. */
export const ClaimedKind = v.pipe(v.string(), v.notValue('legacy'), wordOf(CLAIMED_KINDS, 'app'))

/** base64url of 32 bytes; decoded where it is used. */
const bytes32 = v.pipe(v.string(), v.regex(/^[\w-]{43}$/))
const CAPS_CHARS_MAX = 256

/** How a client says which key it will prove, see proof.ts. */
export const ProofStart = v.object({
  /** base64url of 8 bytes (a link's key) or 16 (a device's). */
  kid: v.pipe(v.string(), v.regex(/^(?:[\w-]{11}|[\w-]{22})$/)),
  nonce: bytes32,
  caps: v.pipe(v.string(), v.maxLength(CAPS_CHARS_MAX)),
})
export type ProofStart = v.InferOutput<typeof ProofStart>

/**
 * C -> S. A 2018 client sends `uid` and `type` alone. A client of version 2 adds `v` and what it calls
 * itself, and gets a RegisterReply as the acknowledgement.
 */
export const Register = v.object({
  uid: Uid,
  type: RoleType,
  v: v.optional(v.literal(PROTOCOL_VERSION)),
  name: v.optional(v.pipe(v.string(), v.maxLength(NAME_CHARS_MAX))),
  kind: v.optional(ClaimedKind),
  proof: v.optional(ProofStart),
})
export type Register = v.InferOutput<typeof Register>

export const RegisterReply = v.variant('ok', [
  v.object({
    ok: v.literal(true),
    v: v.literal(PROTOCOL_VERSION),
    /** Not registered yet: prove the key, for this nonce of the hub. */
    challenge: v.optional(bytes32),
  }),
  v.object({ ok: v.literal(false), code: ReasonOfPeer }),
])
export type RegisterReply = v.InferOutput<typeof RegisterReply>

/** C -> S, after a challenge. Its ProveReply bears the hub's own proof: without the right one, do not go on. */
export const Prove = v.object({ mac: bytes32 })
export const ProveReply = v.variant('ok', [
  v.object({ ok: v.literal(true), mac: bytes32 }),
  v.object({ ok: v.literal(false), code: ReasonOfPeer }),
])
/** What goes over the wire as an acknowledgement: bytes as base64url. */
export type Reply =
  | { readonly ok: true; readonly v?: typeof PROTOCOL_VERSION; readonly challenge?: string; readonly mac?: string }
  | { readonly ok: false; readonly code: Reason }

/**
 * S -> C, version 2 only, once whenever both roles are present: who the other side is.
 * `v` 1 means a 2018 client; its `name` is empty.
 */
export const Joined = v.variant('v', [
  v.object({ v: v.literal(1), name: v.string(), kind: v.literal('legacy') }),
  v.object({ v: v.literal(PROTOCOL_VERSION), name: v.string(), kind: ClaimedKind }),
])
export type Joined = v.InferOutput<typeof Joined>

/** S -> C, version 2 only, just before the hub ends the socket: why. */
export const Ended = v.object({ code: ReasonOfPeer })
export type Ended = v.InferOutput<typeof Ended>

/** S -> C, once at connection. */
export const Welcome = v.object({ message: v.string(), id: v.string() })

/** The file's sender -> its receiver; only these two fields are relayed. Size in bytes. */
export const Transfile = v.object({
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  name: v.pipe(v.string(), v.maxLength(NAME_CHARS_MAX)),
})
export type Transfile = v.InferOutput<typeof Transfile>

/** The file's receiver -> its sender: bytes received so far, cumulative. */
export const CtrlSendSpeed = v.pipe(v.number(), v.finite(), v.minValue(0))

/** Text for a person on the other side. */
export const Exception = v.pipe(v.string(), v.maxLength(EXCEPTION_CHARS_MAX))

/** `mac` binds the description to the proved registration (binding.ts); 2018 clients have none. */
const mac = v.optional(v.pipe(v.string(), v.maxLength(64)))
export const Offer = v.object({ type: v.literal('offer'), sdp: v.string(), mac })
export const Answer = v.object({ type: v.literal('answer'), sdp: v.string(), mac })
export type Offer = v.InferOutput<typeof Offer>
export type Answer = v.InferOutput<typeof Answer>
/** Version 2: no connection will be made of this offer, and why. */
export const Refusal = v.object({ type: v.literal('refusal'), code: ReasonOfPeer })
export const Candidate = v.object({
  type: v.literal('candidate'),
  /** sdpMLineIndex */
  label: v.number(),
  /** sdpMid */
  id: v.string(),
  candidate: v.string(),
})
export type Candidate = v.InferOutput<typeof Candidate>
/** What a peer accepts as `message`. The hub itself passes any JSON on untouched. */
export const Message = v.union([Offer, Answer, Candidate, Refusal, v.literal('bye')])
export type Message = v.InferOutput<typeof Message>

/**
 * Events that the hub relays to the peer: what it checks before, and which role alone may send it
 * (null = either).
 */
export const RELAYED = {
  syncto: { payload: v.unknown(), from: APP },
  message: { payload: v.unknown(), from: null },
  export: { payload: v.unknown(), from: null },
  transfile: { payload: Transfile, from: null },
  ctrlSendSpeed: { payload: CtrlSendSpeed, from: null },
  exception: { payload: Exception, from: null },
} as const satisfies Record<string, { payload: v.GenericSchema; from: Role | null }>
export type RelayedEvent = keyof typeof RELAYED
