import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nativeAead, startExchange, primitives as node } from '#hub/node-crypto.ts'
import { primitives as noble } from '#peer/noble-crypto.ts'
import { x25519 } from '@noble/curves/ed25519.js'
import { nobleAead } from '#transfer/sealing/noble.ts'
import { sodiumAead } from '#transfer/sealing/sodium.ts'
import { ProtocolError } from './errors.ts'
import { RECORD, RecordOpener, RecordSealer, recordWith, type MakeAead, type RecordType } from './sealed-records.ts'
import { isRightHello, laneAnswer, laneHello, laneKeys, readLaneAnswer, readLaneHello } from './sealed.ts'

interface Row {
  sessionId: string
  sessionKey: string
  clientSecret: string
  serverSecret: string
  hello: string
  answer: string
  shared: string
  clientKey: string
  serverKey: string
  records: { from: 'client' | 'server'; type: RecordType; payload: string; record: string }[]
}
/** Golden values, made by another program. */
const { lanes } = JSON.parse(readFileSync(new URL('./vectors/sealed.json', import.meta.url), 'utf8')) as {
  lanes: Row[]
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

/** Every function here throws ProtocolError or nothing. */
function refused(act: () => unknown): boolean {
  try {
    act()
    return false
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError)
    return true
  }
}

describe.each([
  ['Node', node],
  ['noble', noble],
])('the handshake with the functions of %s', (_, p) => {
  test.each(lanes)('of $sessionId', (row) => {
    const session = { id: bytes(row.sessionId), key: bytes(row.sessionKey) }
    const client = x25519.getPublicKey(bytes(row.clientSecret))
    const server = x25519.getPublicKey(bytes(row.serverSecret))
    expect(hex(laneHello(p, session, client))).toBe(row.hello)
    const hello = readLaneHello(bytes(row.hello))
    expect([hex(hello.sessionId), hex(hello.clientPublic), isRightHello(p, session, hello)]).toEqual([row.sessionId, hex(client), true]) // prettier-ignore
    expect(hex(laneAnswer(p, session, client, server))).toBe(row.answer)
    expect(hex(readLaneAnswer(p, session, client, bytes(row.answer)))).toBe(hex(server))
    const shared = x25519.getSharedSecret(bytes(row.clientSecret), server)
    expect(hex(shared)).toBe(row.shared)
    const keys = laneKeys(p, session, { client, server }, shared)
    expect([hex(keys.client), hex(keys.server)]).toEqual([row.clientKey, row.serverKey])
  })

  test('every changed bit of hello and answer is seen, and another session', () => {
    const [row, other] = lanes as [Row, Row]
    const session = { id: bytes(row.sessionId), key: bytes(row.sessionKey) }
    const client = readLaneHello(bytes(row.hello)).clientPublic
    for (let at = 0; at < 96; at++) {
      const hello = bytes(row.hello)
      hello[at]! ^= 1
      const read = readLaneHello(hello)
      // The id is what the session is looked up by; what is found there has another key.
      const found = at < 32 ? { id: read.sessionId, key: session.key } : session
      expect(isRightHello(p, found, read)).toBe(false)
    }
    for (let at = 0; at < 64; at++) {
      const answer = bytes(row.answer)
      answer[at]! ^= 1
      expect(refused(() => readLaneAnswer(p, session, client, answer))).toBe(true)
    }
    expect(isRightHello(p, session, readLaneHello(bytes(other.hello)))).toBe(false)
    // Its own MAC comes back to it: what each side has said is worth nothing in the other's mouth.
    const reflected = bytes(row.hello).slice(32)
    expect(refused(() => readLaneAnswer(p, session, client, reflected))).toBe(true)
  })

  test('a secret of zeros is refused', () => {
    const [row] = lanes as [Row]
    const session = { id: bytes(row.sessionId), key: bytes(row.sessionKey) }
    const publics = { client: new Uint8Array(32), server: new Uint8Array(32) }
    expect(refused(() => laneKeys(p, session, publics, new Uint8Array(32)))).toBe(true)
  })
})

test('both X25519 agree, and neither takes a public key that makes zero', () => {
  const hub = startExchange()
  const phone = x25519.keygen()
  expect(hex(hub.shared(phone.publicKey))).toBe(hex(x25519.getSharedSecret(phone.secretKey, hub.publicKey)))
  expect(hex(startExchange().publicKey)).not.toBe(hex(hub.publicKey))
  for (const low of ['00', '01'].map((first) => bytes(first.padEnd(64, '0')))) {
    expect(refused(() => hub.shared(low))).toBe(true)
    expect(() => x25519.getSharedSecret(phone.secretKey, low)).toThrow()
  }
  // RFC 7748, 5.2
  const scalar = bytes('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4')
  const point = bytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c')
  expect(hex(x25519.getSharedSecret(scalar, point))).toBe('c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552') // prettier-ignore
})

test('random bytes are no hello and no answer, and throw nothing but ProtocolError', () => {
  const [row] = lanes as [Row]
  const session = { id: bytes(row.sessionId), key: bytes(row.sessionKey) }
  const some = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 96, maxLength: 96 }), fc.uint8Array({ minLength: 64, maxLength: 64 })) // prettier-ignore
  fc.assert(
    fc.property(some, (junk) => {
      refused(() => expect(isRightHello(node, session, readLaneHello(junk))).toBe(false))
      expect(refused(() => readLaneAnswer(node, session, new Uint8Array(32), junk))).toBe(true)
    }),
  )
})

const KEY = new Uint8Array(32).fill(9)
const OTHER_KEY = new Uint8Array(32).fill(8)
const frame = fc.record({
  type: fc.constantFrom(RECORD.text, RECORD.binary),
  payload: fc.uint8Array({ maxLength: 300 }),
})
const frames = fc.array(frame, { minLength: 1, maxLength: 8 })
type Frames = { type: RecordType; payload: Uint8Array }[]

/** A whole direction: confirm, the frames, end. */
function sealed(make: MakeAead, said: Frames, key = KEY): Uint8Array[] {
  const sealer = new RecordSealer(make(key))
  const nothing = new Uint8Array(0)
  return [{ type: RECORD.confirm, payload: nothing }, ...said, { type: RECORD.end, payload: nothing }].map((one) => {
    const record = recordWith(one.payload)
    sealer.seal(one.type, record)
    return record
  })
}

/** How many records open before the first that does not; and that nothing opens after it. */
function opens(make: MakeAead, records: readonly Uint8Array[], key = KEY): { count: number; ended: boolean } {
  const opener = new RecordOpener(make(key))
  let ended = false
  let count = 0
  for (const record of records) {
    const failed = refused(() => {
      ended = opener.open(Uint8Array.from(record)).type === RECORD.end
    })
    if (failed) {
      for (const later of records) expect(refused(() => opener.open(Uint8Array.from(later)))).toBe(true)
      break
    }
    count++
  }
  return { count, ended }
}

describe.each<[string, MakeAead]>([
  ['noble', nobleAead],
  ['WebAssembly', (await sodiumAead())!],
  ['Node', nativeAead],
])('records by %s', (_, make) => {
  test.each(lanes)('of $sessionId', (row) => {
    for (const from of ['client', 'server'] as const) {
      const key = bytes(from === 'client' ? row.clientKey : row.serverKey)
      const said = row.records.filter((one) => one.from === from)
      const [sealer, opener] = [new RecordSealer(make(key)), new RecordOpener(make(key))]
      for (const one of said) {
        const record = recordWith(bytes(one.payload))
        sealer.seal(one.type, record)
        expect(hex(record)).toBe(one.record)
        const { type, payload } = opener.open(bytes(one.record))
        expect([type, hex(payload)]).toEqual([one.type, one.payload])
      }
      expect(refused(() => opener.open(bytes(said[0]!.record)))).toBe(true)
    }
  })

  test('what is said is heard, to the end', () => {
    fc.assert(
      fc.property(frames, (said) => {
        const opener = new RecordOpener(make(KEY))
        const heard = sealed(make, said).map((record) => opener.open(record))
        expect(heard.slice(1, -1).map(({ type, payload }) => [type, hex(payload)])).toEqual(said.map(({ type, payload }) => [type, hex(payload)])) // prettier-ignore
        expect(heard.at(-1)?.type).toBe(RECORD.end)
      }),
    )
  })

  test('a changed, lost, repeated, swapped, cut or lengthened record ends it there, unheard', () => {
    const trick = fc.constantFrom('change', 'lose', 'repeat', 'swap', 'cut', 'lengthen')
    fc.assert(
      fc.property(frames, trick, fc.nat(), fc.nat(), (said, how, where, bit) => {
        const records = sealed(make, said)
        const at = where % (records.length - 1)
        const one = Uint8Array.from(records[at]!)
        one[bit % one.length]! ^= 1 << (bit % 8)
        const whole = records[at]!
        const instead: Record<typeof how, Uint8Array[]> = {
          change: [one],
          lose: [],
          repeat: [whole, whole],
          swap: [],
          cut: [whole.subarray(0, -1)],
          lengthen: [Uint8Array.from([...whole, 0])],
        }
        const changed = [...records.slice(0, at), ...instead[how], ...records.slice(at + 1)]
        if (how === 'swap') changed.splice(at + 1, 0, whole)
        expect(opens(make, changed)).toEqual({ count: how === 'repeat' ? at + 1 : at, ended: false })
      }),
    )
  })

  test('the other direction, another connection and random bytes do not open', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.uint8Array({ maxLength: 80 })), (said, junk) => {
        const records = sealed(make, said)
        expect(opens(make, records, OTHER_KEY)).toEqual({ count: 0, ended: false })
        expect(opens(make, junk).count).toBe(0)
        expect(opens(make, [records[0]!, ...junk]).count).toBe(1)
      }),
    )
  })

  test('a connection that is cut is told from one that has ended', () => {
    const records = sealed(make, [{ type: RECORD.text, payload: Uint8Array.of(65) }])
    expect(opens(make, records)).toEqual({ count: 3, ended: true })
    expect(opens(make, records.slice(0, -1))).toEqual({ count: 2, ended: false })
  })

  test('confirm comes first and once, and neither it nor end bears anything', () => {
    const sealOf = (...types: [RecordType, number][]): Uint8Array[] => {
      const sealer = new RecordSealer(make(KEY))
      return types.map(([type, length]) => {
        const record = recordWith(new Uint8Array(length))
        sealer.seal(type, record)
        return record
      })
    }
    expect(opens(make, sealOf([RECORD.text, 1])).count).toBe(0)
    expect(opens(make, sealOf([RECORD.confirm, 0], [RECORD.confirm, 0])).count).toBe(1)
    expect(opens(make, sealOf([RECORD.confirm, 1])).count).toBe(0)
    expect(opens(make, sealOf([RECORD.confirm, 0], [RECORD.end, 1])).count).toBe(1)
    expect(opens(make, sealOf([RECORD.confirm, 0], [4 as RecordType, 1])).count).toBe(1)
    expect(opens(make, sealOf([RECORD.confirm, 0], [RECORD.end, 0], [RECORD.text, 0])).count).toBe(2)
  })
})
