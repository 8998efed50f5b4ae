import fc from 'fast-check'
import type * as v from 'valibot'
import { afterEach, describe, expect, test } from 'vitest'
import { bytesFrom, toBase64Url } from './base64url.ts'
import { readDescription } from './binding.ts'
import { ProtocolError, REASONS, toReason } from './errors.ts'
import * as frames from './frames.ts'
import * as events from './hub-events.ts'
import { CONTROL_CHARS_MAX, DEVICE_NAME_CHARS_MAX, NAME_CHARS_MAX, PATH_DEPTH_MAX, TIME_MS_MAX } from './limits.ts'
import * as port from './link-port.ts'
import { parseFragment, parseLink } from './pairing.ts'
import { parse, parseJson } from './parse.ts'

// Every schema that this folder exports, found by itself: a new one without a row below fails here.
const isSchema = (value: unknown): value is v.GenericSchema =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema'
const exports: readonly [string, unknown][] = Object.entries({ ...events, ...frames, ...port })
const EXPORTED = exports.filter((entry): entry is [string, v.GenericSchema] => isSchema(entry[1]))

afterEach(() => {
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const base64 = (length: number) => bytes(length).map(toBase64Url)
const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength })
const code = fc.constantFrom(...REASONS)
const claimed = fc.constantFrom('page' as const, 'app' as const, 'desktop' as const)
const kind = fc.oneof(claimed, fc.constant('legacy' as const))
const role = fc.constantFrom(events.WEB, events.APP)
const size = fc.maxSafeNat()
const two = fc.constant(2 as const)
const sdp = text(300)
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

/** An object without its undefined fields, as JSON has it. */
const bare = <T extends object>(some: fc.Arbitrary<T>) =>
  some.map((x) => Object.fromEntries(Object.entries(x).filter(([, value]) => value !== undefined)))

const proofStart = fc.record({ kid: fc.oneof(base64(8), base64(16)), nonce: base64(32), caps: text(256) })
const refused = fc.record({ ok: fc.constant(false as const), code })
const ok = fc.constant(true as const)
const joined = fc.oneof(
  fc.record({ v: fc.constant(1 as const), name: text(60), kind: fc.constant('legacy' as const) }),
  fc.record({ v: two, name: text(60), kind: claimed }),
)
const described = (type: 'offer' | 'answer') => bare(fc.record({ type: fc.constant(type), sdp, mac: maybe(text(64)) }))
const candidate = fc.record({
  type: fc.constant('candidate' as const),
  label: fc.nat(),
  id: text(9),
  candidate: text(99),
})
const refusal = fc.record({ type: fc.constant('refusal' as const), code })
const keep = fc.record({ t: fc.constant('credentials' as const), id: base64(16), key: base64(32) })
const hex32 = bytes(16).map((x) => Buffer.from(x).toString('hex'))
const wish = fc.constantFrom('auto' as const, 'webrtc' as const, 'socket' as const)
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
/** Frames of which some fields may be left out; the others are in parsers.test.ts. */
const hello = bare(
  fc.record({
    t: fc.constant('hello' as const),
    v: fc.integer({ min: 1 }),
    name: text(DEVICE_NAME_CHARS_MAX),
    kind: claimed,
    session: maybe(hex32),
    lane: maybe(wish),
    folders: maybe(fc.boolean()),
    records: maybe(fc.boolean()),
    texts: maybe(fc.boolean()),
  }),
)
const offer = bare(
  fc.record({
    t: fc.constant('offer' as const),
    n: u32,
    id: hex32,
    name: text(200),
    size,
    mtime: fc.integer({ min: -TIME_MS_MAX, max: TIME_MS_MAX }),
    mime: text(100),
    thumb: maybe(fc.boolean()),
    batch: maybe(hex32),
    path: maybe(fc.array(text(50), { maxLength: PATH_DEPTH_MAX })),
  }),
)
const accept = bare(
  fc.record({ t: fc.constant('accept' as const), n: u32, have: maybe(fc.stringMatching(/^[\w-]{0,99}$/)) }),
)
const hold = bare(fc.record({ t: fc.constant('pause' as const), n: u32, on: fc.boolean(), code: maybe(code) }))
const register = bare(
  fc.record({
    uid: text(99).filter((uid) => uid !== ''),
    type: role,
    v: maybe(two),
    name: maybe(text(NAME_CHARS_MAX)),
    kind: maybe(claimed),
    proof: maybe(proofStart),
  }),
)
const legacy = fc.constantFrom('syncto', 'export', 'transfile', 'ctrlSendSpeed', 'exception')
const data = fc.record({ t: fc.constant('data'), data: fc.oneof(text(40), fc.uint8Array({ maxLength: 40 })) })
const signal = fc.record({ t: fc.constant('signal'), event: legacy, payload: fc.jsonValue() }) // prettier-ignore
const t = <T extends string>(name: T) => fc.constant(name)

/** What is right, for every schema: whatever of it is written is read as it was. */
const RIGHT: Record<string, fc.Arbitrary<unknown>> = {
  Uid: text(99).filter((uid) => uid !== ''),
  PeerKind: kind,
  ClaimedKind: claimed,
  ProofStart: proofStart,
  Register: register,
  RegisterReply: fc.oneof(bare(fc.record({ ok, v: two, challenge: maybe(base64(32)) })), refused),
  Prove: fc.record({ mac: base64(32) }),
  ProveReply: fc.oneof(fc.record({ ok, mac: base64(32) }), refused),
  Joined: joined,
  Ended: fc.record({ code }),
  Welcome: fc.record({ message: text(40), id: text(40) }),
  Transfile: fc.record({ size, name: text(NAME_CHARS_MAX) }),
  CtrlSendSpeed: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
  Exception: text(4096),
  Offer: described('offer'),
  Answer: described('answer'),
  Refusal: refusal,
  Candidate: candidate,
  Message: fc.oneof(described('offer'), described('answer'), candidate, refusal, fc.constant('bye')),
  LaneWish: wish,
  Frame: fc.oneof(keep, hello, offer, accept, hold),
  FromWindow: fc.oneof(
    fc.record({ t: fc.constantFrom('registered', 'left', 'lane-closed') }),
    fc.record({ t: t('joined'), peer: joined }),
    fc.record({ t: t('check-offer'), n: size, sdp, mac: text(64) }),
    fc.record({ t: t('sign-answer'), n: size, sdp }),
    fc.record({ t: t('lane-open'), lane: fc.constantFrom('webrtc', 'legacy'), maxMessage: size, local: sdp, remote: sdp }),
    data, signal,
    fc.record({ t: t('credit'), bytes: size }),
    fc.record({ t: t('trouble'), code }),
  ),
  ToWindow: fc.oneof(
    data, signal,
    fc.record({ t: t('offer-checked'), n: size, refused: fc.option(code) }),
    fc.record({ t: t('answer-signed'), n: size, mac: text(64) }),
    fc.record({ t: t('close-lane') }),
  ),
} // prettier-ignore

/** Messages of the port are cloned, not written as text: they hold bytes. */
const overTheWire = (name: string, x: unknown): unknown =>
  name.endsWith('Window') ? structuredClone(x) : (JSON.parse(JSON.stringify(x)) as unknown)

const onlyProtocolErrors = (act: () => unknown): void => {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
  }
}

const strange = fc.anything({ withMap: true, withSet: true, withNullPrototype: true, withTypedArray: true, withBigInt: true, withDate: true, withSparseArray: true }) // prettier-ignore
const polluting = fc
  .json({ maxDepth: 3 })
  .map(
    (json) => `{"__proto__":{"polluted":${json}},"constructor":{"prototype":{"polluted":1}},"t":"hello","ok":true,"type":"offer"}`,
  ) // prettier-ignore

test('there is a row for every schema', () => {
  expect(Object.keys(RIGHT).sort()).toEqual(EXPORTED.map(([name]) => name).sort())
  expect(EXPORTED.length).toBeGreaterThan(15)
})

describe.each(EXPORTED)('%s', (name, schema) => {
  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(RIGHT[name]!, (x) => {
        expect(parse(schema, overTheWire(name, x))).toEqual(x)
      }),
    )
  })

  test('anything gives it or the one error, and pollutes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(strange, fc.jsonValue(), polluting), (x) => {
        onlyProtocolErrors(() => parse(schema, x))
        if (typeof x === 'string') onlyProtocolErrors(() => parseJson(schema, x, 10_000))
      }),
    )
  })

  test('what is right but for one field gives it or the one error', () => {
    fc.assert(
      fc.property(RIGHT[name]!, fc.nat(), fc.oneof(strange, fc.jsonValue()), (x, which, value) => {
        const keys = typeof x === 'object' && x !== null ? Object.keys(x) : []
        const key = keys[which % Math.max(1, keys.length)]
        onlyProtocolErrors(() => parse(schema, key === undefined ? value : { ...(x as object), [key]: value }))
      }),
    )
  })

  test('random bytes, read as text, give the one error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (x) => {
        for (const encoding of ['latin1', 'utf8'] as const)
          onlyProtocolErrors(() => parseJson(schema, Buffer.from(x).toString(encoding), 10_000))
      }),
    )
  })
})

test('JSON as deep as a frame may be long is refused, not a crash', () => {
  const deep = '['.repeat(CONTROL_CHARS_MAX)
  for (const deepest of [deep, deep.slice(1) + ']', `{"t":"hello","name":${'['.repeat(9000)}${']'.repeat(9000)}}`])
    onlyProtocolErrors(() => frames.decodeFrame(deepest))
})

describe('a description', () => {
  const token = fc.string({ unit: fc.constantFrom('a', 'Z', '9', '+', '/'), minLength: 4, maxLength: 22 })
  const facts = fc.record({
    fingerprint: bytes(32),
    setup: fc.constantFrom('actpass', 'active', 'passive'),
    ufrag: token,
  })
  const write = ({ fingerprint, setup, ufrag }: ReturnType<typeof readDescription>, end: string): string =>
    ['v=0', 'm=application 9 x y', `a=fingerprint:sha-256 ${Array.from(fingerprint, (b) => b.toString(16).padStart(2, '0')).join(':')}`, `a=setup:${setup}`, `a=ice-ufrag:${ufrag}`].join(end) // prettier-ignore

  test('decode(encode(x)) = x', () => {
    fc.assert(
      fc.property(facts, fc.constantFrom('\r\n', '\n'), (x, end) => {
        expect(readDescription(write(x, end))).toEqual(x)
      }),
    )
  })

  test('any bytes, and any right one with a line spoiled, throw nothing but the one error', () => {
    fc.assert(
      fc.property(facts, fc.uint8Array({ maxLength: 200 }), fc.nat(200), (x, random, at) => {
        const noise = Buffer.from(random).toString('latin1')
        onlyProtocolErrors(() => readDescription(noise))
        const right = write(x, '\r\n')
        onlyProtocolErrors(() => readDescription(right.slice(0, at) + noise + right.slice(at)))
      }),
    )
  })
})

test('links, base64url and codes made of random bytes throw nothing at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (x) => {
      const noise = Buffer.from(x).toString('latin1')
      parseLink(noise)
      parseFragment(noise)
      expect(bytesFrom(noise)).toBeInstanceOf(Uint8Array)
      expect(bytesFrom(toBase64Url(x))).toEqual(x)
      expect(REASONS).toContain(toReason(noise))
    }),
  )
})
