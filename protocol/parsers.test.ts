import fc from 'fast-check'
import * as v from 'valibot'
import { afterEach, describe, expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from './base64url.ts'
import { blockCount, blockLength, decodePart, encodePart, rootInput } from './blocks.ts'
import { assertNever, ProtocolError, REASONS, toReason } from './errors.ts'
import { decodeFrame, encodeFrame, Frame } from './frames.ts'
import * as events from './hub-events.ts'
import { BLOCK_BYTES, CONTROL_CHARS_MAX, DEVICE_NAME_CHARS_MAX, TIME_MS_MAX } from './limits.ts'
import { FromWindow, ToWindow } from './link-port.ts'
import { formatLink, parseFragment, parseLink, uidFrom } from './pairing.ts'
import { parse, parseJson } from './parse.ts'
import { cleanDeviceName } from './text.ts'

const SCHEMAS: Record<string, v.GenericSchema> = {
  Frame,
  FromWindow,
  ToWindow,
  Register: events.Register,
  RegisterReply: events.RegisterReply,
  Joined: events.Joined,
  Ended: events.Ended,
  Welcome: events.Welcome,
  Transfile: events.Transfile,
  CtrlSendSpeed: events.CtrlSendSpeed,
  Exception: events.Exception,
  Message: events.Message,
}

afterEach(() => {
  // Whatever was read, no prototype was written to.
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})

/** What it threw; undefined if nothing. */
function thrown(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return error
  }
}
const onlyProtocolErrors = (act: () => unknown): void => {
  const error = thrown(act)
  if (error !== undefined) expect(error).toBeInstanceOf(ProtocolError)
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const size = fc.maxSafeNat()
const time = fc.integer({ min: -TIME_MS_MAX, max: TIME_MS_MAX })
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => Buffer.from(b).toString('hex'))
const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength })
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ t: fc.constant('hello' as const), v: fc.constant(2 as const), name: text(40), kind: fc.constantFrom('page' as const, 'app' as const, 'desktop' as const) }),
  fc.record({
    t: fc.constant('offer' as const), n: u32, id: hash.map((h) => h.slice(0, 32)), name: text(200), size,
    mtime: time, mime: text(100),
  }),
  fc.record({ t: fc.constant('want-thumb' as const), n: u32 }),
  fc.record({ t: fc.constant('thumb' as const), n: u32, data: fc.stringMatching(/^[\w-]{1,200}$/) }),
  fc.record({ t: fc.constant('accept' as const), n: u32 }),
  fc.record({ t: fc.constant('accept' as const), n: u32, have: fc.stringMatching(/^[\w-]{0,200}$/) }),
  fc.record({ t: fc.constant('block' as const), n: u32, i: u32, hash }),
  fc.record({ t: fc.constantFrom('ack' as const, 'resend' as const), n: u32, i: u32 }),
  fc.constant({ t: 'ping' as const }),
  fc.record({ t: fc.constant('ping' as const), got: fc.maxSafeNat() }),
  fc.record({ t: fc.constant('resume' as const), ns: fc.array(u32, { maxLength: 256 }) }),
  fc.record({ t: fc.constant('unfinished' as const), id: hash.map((h) => h.slice(0, 32)), name: text(200), size, mtime: time, bytes: size }),
  fc.record({ t: fc.constant('batch' as const), id: hash.map((h) => h.slice(0, 32)), name: text(200), files: fc.integer({ min: 1, max: 200_000 }), bytes: size }),
  fc.record({ t: fc.constant('pause' as const), n: u32, on: fc.boolean(), code: fc.constantFrom(...REASONS) }),
  fc.record({ t: fc.constant('fetch' as const), n: u32 }),
  fc.record({ t: fc.constant('download' as const), n: u32, path: fc.stringMatching(/^\/d\/[\w-]{43}$/) }),
  fc.record({ t: fc.constant('download-progress' as const), n: u32, bytes: size, over: fc.boolean() }),
  fc.record({ t: fc.constant('end' as const), n: u32, root: hash }),
  fc.record({ t: fc.constant('done' as const), n: u32, root: hash }),
  fc.record({ t: fc.constant('stop' as const), n: u32, code: fc.constantFrom(...REASONS) }),
) // prettier-ignore

/** JSON with the keys that a careless merge would follow into a prototype. */
const hostileJson = fc
  .json({ maxDepth: 4 })
  .map(
    (json) => `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"t":"offer","x":${json}}`,
  )
const strange = fc.anything({ withMap: true, withSet: true, withNullPrototype: true, withTypedArray: true, withBigInt: true, withDate: true, withSparseArray: true }) // prettier-ignore

describe('decode(encode(x)) = x', () => {
  test('frames', () => {
    fc.assert(
      fc.property(frame, (x) => {
        expect(decodeFrame(encodeFrame(x))).toEqual(x)
      }),
    )
  })

  test('parts', () => {
    const part = fc
      .record({
        n: u32,
        block: u32,
        offset: fc.nat(BLOCK_BYTES - 1),
        payload: fc.uint8Array({ minLength: 1, maxLength: 2000 }),
      })
      .filter(({ offset, payload }) => offset + payload.length <= BLOCK_BYTES)
    fc.assert(
      fc.property(part, fc.nat(64), (x, shift) => {
        const encoded = encodePart(x)
        expect(decodePart(encoded)).toEqual(x)
        // The same when it is a view somewhere inside a larger buffer, as Node's and browsers' are.
        const larger = new Uint8Array(encoded.length + shift + 7)
        larger.set(encoded, shift)
        expect(decodePart(larger.subarray(shift, shift + encoded.length))).toEqual(x)
      }),
    )
  })

  test('links', () => {
    const link = fc.record({
      address: fc.ipV4(),
      port: fc.integer({ min: 1, max: 65_535 }),
      uid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(uidFrom),
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    })
    fc.assert(
      fc.property(link, (x) => {
        expect(parseLink(formatLink(x))).toEqual(x)
        const fragment = formatLink(x).split('/').at(-1)!
        expect(parseFragment(fragment)).toEqual({ uid: x.uid, key: x.key })
        expect(parseFragment(fragment.slice(1))).toEqual({ uid: x.uid, key: x.key })
      }),
    )
  })

  test('base64url, as Node writes it; a text is taken only if it is the one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (x) => {
        expect(toBase64Url(x)).toBe(Buffer.from(x).toString('base64url'))
        expect(fromBase64Url(toBase64Url(x))).toEqual(x)
      }),
    )
    const alphabet = fc.string({ unit: fc.constantFrom('A', 'B', 'a', 'b', '0', '9', '-', '_'), maxLength: 12 })
    fc.assert(
      fc.property(alphabet, (x) => {
        const read = fromBase64Url(x)
        if (read !== null) expect(toBase64Url(read)).toBe(x)
      }),
    )
  })
})

describe('nothing but ProtocolError comes out', () => {
  test('random bytes as a part', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (x) => {
        onlyProtocolErrors(() => decodePart(x))
      }),
    )
  })

  test('random text as a frame', () => {
    fc.assert(
      fc.property(fc.oneof(text(300), fc.json(), hostileJson), (x) => {
        onlyProtocolErrors(() => decodeFrame(x))
      }),
    )
  })

  test('frames with one field spoiled', () => {
    fc.assert(
      fc.property(frame, fc.string(), fc.jsonValue(), (x, key, value) => {
        const keys = Object.keys(x)
        const spoiled = { ...x, [keys[key.length % keys.length]!]: value }
        onlyProtocolErrors(() => decodeFrame(JSON.stringify(spoiled)))
      }),
    )
  })

  test('random text as a link or a fragment', () => {
    const near = fc.array(
      fc.constantFrom('http://', '1.2.3.4', ':', '80', '/#', '2', '.', 'A'.repeat(22), 'A'.repeat(43), '0', '\n', '😀'),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          text(200),
          near.map((parts) => parts.join('')),
        ),
        (x) => {
          expect(thrown(() => [parseLink(x), parseFragment(x), fromBase64Url(x)])).toBeUndefined()
        },
      ),
    )
  })

  test.each(Object.entries(SCHEMAS))('anything as %s', (_, schema) => {
    fc.assert(
      fc.property(
        fc.oneof(
          strange,
          fc.jsonValue(),
          hostileJson.map((json) => JSON.parse(json) as unknown),
        ),
        (x) => {
          onlyProtocolErrors(() => parse(schema, x))
        },
      ),
    )
  })

  test('and it tells the place, never the content', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(SCHEMAS)), fc.uuid(), (schema, secret) => {
        for (const value of [
          secret,
          { t: secret },
          { uid: 'u', type: secret },
          { uid: [secret], type: 1, name: [secret] },
          [secret],
        ]) {
          const error = thrown(() => parse(schema, value))
          if (error !== undefined) expect((error as Error).message).not.toContain(secret)
        }
      }),
    )
  })
})

test('what was read is rebuilt: no field that the schema does not name', () => {
  const payload = JSON.parse('{"uid":"u","type":1,"more":1,"__proto__":{"polluted":true}}') as unknown
  const read = parse(events.Register, payload)
  expect(Object.keys(read).sort()).toEqual(['type', 'uid'])
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
})

test.each<[string, v.GenericSchema & { readonly options: readonly object[] }]>(
  Object.entries({ Frame, FromWindow, ToWindow }),
)('%s is read as if one shape were tried after the other, whatever comes', (_, schema) => {
  const slow = v.variant('t', schema.options as never) as unknown as v.GenericSchema
  const words = schema.options.map((shape) => (shape as { entries: { t: { literal: string } } }).entries.t.literal)
  const value = fc.record(
    {
      t: fc.oneof(fc.constantFrom(...words), fc.string(), fc.anything()),
      n: fc.oneof(fc.nat(), fc.anything()),
      bytes: fc.nat(),
    },
    { requiredKeys: [] },
  )
  const outcome = (of: v.GenericSchema, input: unknown): unknown => thrown(() => parse(of, input)) ?? parse(of, input)
  fc.assert(
    fc.property(fc.oneof(value, fc.anything()), (input) => {
      expect(outcome(schema, input)).toEqual(outcome(slow, input))
    }),
  )
})

test('a text beyond the limit is refused unread', () => {
  const long = `{"t":"accept","n":1${' '.repeat(CONTROL_CHARS_MAX)}}`
  expect(thrown(() => decodeFrame(long))).toMatchObject({ code: 'malformed' })
  expect(thrown(() => parseJson(Frame, '{"t":"accept","n":1}', 5))).toMatchObject({ code: 'malformed' })
})

describe('blocks', () => {
  test.each([
    [0, 0], [1, 1], [BLOCK_BYTES - 1, 1], [BLOCK_BYTES, 1], [BLOCK_BYTES + 1, 2], [2 ** 32 + 1, 4097], [Number.MAX_SAFE_INTEGER, 2 ** 33],
  ])('%i bytes are %i blocks', (bytes, count) => {
    expect(blockCount(bytes)).toBe(count)
  }) // prettier-ignore

  test('lengths add up, and none but the last is short', () => {
    fc.assert(
      fc.property(fc.nat(BLOCK_BYTES * 40), (bytes) => {
        const lengths = Array.from({ length: blockCount(bytes) }, (_, i) => blockLength(bytes, i))
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes)
        expect(lengths.slice(0, -1).every((length) => length === BLOCK_BYTES)).toBe(true)
        expect(lengths.every((length) => length > 0)).toBe(true)
      }),
    )
  })

  test('another size, order or hash is another root', () => {
    const [a, b] = ['aa'.repeat(32), 'bb'.repeat(32)]
    const inputs = [rootInput(1, [a]), rootInput(2, [a]), rootInput(1, [b]), rootInput(1, [a, b]), rootInput(1, [b, a])]
    expect(new Set(inputs.map((input) => input.join())).size).toBe(inputs.length)
  })
})

describe('reasons', () => {
  test('known codes are kept, all else is `failed`', () => {
    for (const code of REASONS) expect(toReason(code)).toBe(code)
    fc.assert(
      fc.property(strange, (x) => {
        expect(REASONS).toContain(toReason(x))
      }),
    )
    expect([toReason('__proto__'), toReason('constructor'), toReason(undefined)]).toEqual([
      'failed',
      'failed',
      'failed',
    ])
  })
  test('each has one meaning', () => {
    expect(new Set(REASONS).size).toBe(REASONS.length)
  })
  test('a forgotten case is loud', () => {
    expect(() => assertNever('x' as never)).toThrow('not handled')
  })
})

describe('names of devices', () => {
  test('are one short visible line, and cleaning twice is cleaning once', () => {
    fc.assert(
      fc.property(fc.oneof(text(200), fc.string({ unit: 'grapheme', maxLength: 200 })), (x) => {
        const name = cleanDeviceName(x)
        expect(Array.from(name).length).toBeLessThanOrEqual(DEVICE_NAME_CHARS_MAX)
        expect(name).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b]/u)
        expect(name).toBe(name.trim())
        expect(cleanDeviceName(name)).toBe(name)
      }),
    )
  })
})

test('a uid is made of 16 bytes', () => {
  expect(uidFrom(new Uint8Array(16))).toBe('A'.repeat(22))
  expect(() => uidFrom(new Uint8Array(15))).toThrow()
})

test('the other role', () => {
  expect([events.otherRole(events.WEB), events.otherRole(events.APP)]).toEqual([events.APP, events.WEB])
})
