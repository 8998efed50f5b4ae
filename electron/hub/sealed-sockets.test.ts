import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HubLimits } from './limits.ts'
import { primitives } from './node-crypto.ts'
import { eventually, type Client } from '#hub/testing/client.ts'
import { knock } from '#hub/testing/http.ts'
import { LaneClient } from '#hub/testing/lane-client.ts'
import { registered } from '#hub/testing/registered.ts'
import { cipherHere, type CipherHere } from '#hub/testing/cipher-here.ts'
import { setStage, type Stage } from '#hub/testing/stage.ts'
import { toBase64Url } from '#protocol/base64url.ts'
import { MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { RECORD, RECORD_BYTES_MAX } from '#protocol/sealed-records.ts'
import { LANE_PATH, laneHello } from '#protocol/sealed.ts'
import type { SealedLane } from './socket-lane.ts'

/** What the desk would have of one lane. */
interface Held {
  readonly id: string
  readonly lane: SealedLane
  readonly frames: (string | Uint8Array)[]
  closed: number
}

/** A frame's memory is the lane's again once its listener has returned. */
const copyOf = (data: string | Uint8Array) => (typeof data === 'string' ? data : data.slice())
const newSession = (): SessionKey => ({ id: randomBytes(32), key: randomBytes(32) })
const idOf = (session: SessionKey): string => toBase64Url(session.id)

const KEY = randomBytes(32)
let phone1: Client
let session: SessionKey
let live: Map<string, SessionKey>
let held: Held[]
let workers: CipherHere[]
let stage: Stage
let clients: LaneClient[]

async function start(limits: Partial<HubLimits> = {}): Promise<void> {
  stage = await setStage({
    limits,
    keyring: {
      find: () => KEY,
      proved: (_uid, _kid, proved) => {
        live.set(idOf(proved), proved)
        return null
      },
    },
    lanes: {
      sessionOf: (id) => live.get(id) ?? null,
      onLane: (id, lane) => {
        const one: Held = { id, lane, frames: [], closed: 0 }
        held.push(one)
        lane.listen({
          onFrame: (data) => one.frames.push(copyOf(data)),
          onClose: () => one.closed++,
        })
      },
    },
    startCipher: () => {
      const worker = cipherHere()
      workers.push(worker)
      return worker
    },
  })
  ;({ client: phone1, session } = await registered(stage, 'one', KEY))
}

beforeEach(async () => {
  live = new Map()
  held = []
  workers = []
  clients = []
  await start()
})
afterEach(async () => {
  for (const client of clients) client.ws.terminate()
  await stage.clear()
})

function dial(from?: string): LaneClient {
  const client = new LaneClient(stage.hub.port, from)
  clients.push(client)
  return client
}
const restart = async (limits: Partial<HubLimits>): Promise<void> => {
  await stage.clear()
  await start(limits)
}

test('frames go both ways, whole and in order, text and bytes', async () => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  const { lane, frames } = held[0]!
  expect([held[0]!.id, lane.kind, lane.maxMessage]).toEqual([idOf(session), 'socket', MESSAGE_BYTES_MAX])
  const large = randomBytes(MESSAGE_BYTES_MAX)
  phone.say(RECORD.text, 'Zoë \ufeff')
  phone.say(RECORD.binary, large)
  phone.say(RECORD.binary, '')
  await eventually('frames', () => frames.length === 3)
  expect(frames[0]).toBe('Zoë \ufeff')
  expect(Buffer.compare(frames[1] as Uint8Array, large)).toBe(0)
  expect(frames[2]).toHaveLength(0)
  const mine = Uint8Array.from(large)
  lane.send('one')
  lane.send(mine)
  mine.fill(0)
  expect(Buffer.from((await phone.hear(RECORD.text)).payload).toString()).toBe('one')
  expect(Buffer.compare((await phone.hear(RECORD.binary)).payload, large)).toBe(0)
})

test('what came before anybody listened is delivered then', async () => {
  const late: (string | Uint8Array)[] = []
  let lane: SealedLane | null = null
  await stage.clear()
  stage = await setStage({
    keyring: { find: () => KEY, proved: () => null },
    lanes: {
      sessionOf: () => session,
      onLane: (_, given) => {
        lane = given
      },
    },
    startCipher: cipherHere,
  })
  ;({ session } = await registered(stage, 'one', KEY))
  const phone = await dial().join(session)
  for (let i = 0; i < 200; i++) phone.say(RECORD.binary, new Uint8Array(MESSAGE_BYTES_MAX).fill(i))
  phone.say(RECORD.end)
  await eventually('lane', () => lane !== null)
  // It takes in a few, and leaves the others where they are: nothing moves any more.
  const readings: number[] = []
  while (readings.length < 12 || new Set(readings.slice(-8)).size > 1) {
    await delay(100)
    readings.push(phone.ws.bufferedAmount)
  }
  expect(readings.at(-1)).toBeGreaterThan(0)
  expect(lane!.ending).toBeNull()
  let closed = 0
  lane!.listen({ onFrame: (data) => late.push(copyOf(data)), onClose: () => closed++ })
  await eventually('close', () => closed === 1)
  expect(late.map((one) => [one.length, one[0]])).toEqual(Array.from({ length: 200 }, (_, i) => [MESSAGE_BYTES_MAX, i]))
})

test('the end is told from a cut, and each is heard of once', async () => {
  const [ended, cut] = [await dial().join(session), await dial().join(session)]
  await eventually('lanes', () => held.length === 2)
  ended.say(RECORD.end)
  expect(await ended.closed()).toBe(1000)
  cut.ws.terminate()
  await eventually('both', () => held.every(({ closed }) => closed > 0))
  expect(held.map(({ lane, closed }) => [lane.ending, closed])).toEqual([['end', 1], ['broken', 1]]) // prettier-ignore
  held[0]!.lane.close()
  held[0]!.lane.send('nobody')
  await held[0]!.lane.ready()
  expect(held.map(({ closed }) => closed)).toEqual([1, 1])
})

test('a socket that is closed without an end was cut', async () => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  phone.ws.close(1000)
  await eventually('close', () => held[0]!.closed === 1)
  expect(held[0]!.lane.ending).toBe('broken')
})

test('what came before a socket closed is heard, however late the cipher is', async () => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  const release = workers.at(-1)!.hold()
  phone.say(RECORD.text, 'last')
  phone.say(RECORD.end)
  phone.ws.close()
  expect(await phone.closed()).toBe(1005)
  await delay(20)
  expect([held[0]!.closed, held[0]!.frames]).toEqual([0, []])
  release()
  await eventually('close', () => held[0]!.closed === 1)
  expect([held[0]!.lane.ending, held[0]!.frames]).toEqual(['end', ['last']])
})

test('closing says the end', async () => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  held[0]!.lane.send('last')
  held[0]!.lane.close()
  expect([held[0]!.closed, held[0]!.lane.ending]).toEqual([1, 'end'])
  await phone.hear(RECORD.text)
  await phone.hear(RECORD.end)
  expect(await phone.closed()).toBe(1000)
})

test('C55: an unknown session, a wrong MAC and nonsense get the same answer, and nothing is opened', async () => {
  const answers: unknown[] = []
  const flip = (at: number) => (hello: Uint8Array) => {
    const wrong = Uint8Array.from(hello)
    wrong[at]! ^= 1
    return wrong
  }
  const attempts: [SessionKey, (hello: Uint8Array) => Uint8Array][] = [
    [newSession(), (hello) => hello],
    [{ id: session.id, key: randomBytes(32) }, (hello) => hello],
    [session, flip(40)],
    [session, flip(80)],
    [session, () => randomBytes(96)],
    [session, () => randomBytes(95)],
    [session, (hello) => Uint8Array.from([...hello, 0])],
    [session, () => new Uint8Array(0)],
    // Zero is no public key, however well it is signed.
    [session, () => laneHello(primitives, session, new Uint8Array(32))],
  ]
  for (const [who, change] of attempts) {
    const phone = dial()
    await expect(phone.agree(who, change)).rejects.toThrow('no message; closed with 1008')
    answers.push(await phone.closed())
  }
  expect(new Set(answers)).toEqual(new Set([1008]))
  expect([held.length, workers.length]).toEqual([0, 0])
  expect(stage.log[0]).toBe('hub: sealed socket from 127.0.0.1 refused')
  expect(stage.log).toHaveLength(1)
})

test('text for a first message, or for a record, ends it', async () => {
  const phone = dial()
  await phone.opened()
  phone.ws.send('x'.repeat(96))
  // Who has shown no key is told nothing of why.
  expect(await phone.farewell()).toBe('1008')
  const other = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  other.ws.send('hello')
  expect(await other.farewell()).toBe('1008 malformed')
  expect([held[0]!.closed, held[0]!.lane.ending, held[0]!.frames]).toEqual([1, 'broken', []])
})

test('a hello that somebody has recorded opens nothing', async () => {
  let recorded = new Uint8Array(0)
  const phone = dial()
  await phone.agree(session, (hello) => {
    recorded = Uint8Array.from(hello)
    return hello
  })
  const replay = dial()
  await replay.opened()
  replay.ws.send(recorded)
  expect(await replay.message()).toHaveLength(64)
  // Without the secret of its key there is no record that opens.
  replay.ws.send(phone.record(RECORD.confirm))
  expect(await replay.farewell()).toBe('1008 tampered')
  expect(held).toEqual([])
})

test.each([
  [
    'changed',
    (phone: LaneClient, record: Uint8Array) => {
      record[3]! ^= 4
      phone.ws.send(record)
    },
  ],
  [
    'repeated',
    (phone: LaneClient, record: Uint8Array) => {
      phone.ws.send(record)
      phone.ws.send(record)
    },
  ],
  [
    'left out',
    (phone: LaneClient) => {
      phone.say(RECORD.text, 'two')
    },
  ],
  [
    'cut short',
    (phone: LaneClient, record: Uint8Array) => {
      phone.ws.send(record.subarray(0, 16))
    },
  ],
  [
    'of the other direction',
    (phone: LaneClient) => {
      held[0]!.lane.send('one')
      void phone.message().then((own) => phone.ws.send(own))
    },
  ],
])('a record that is %s ends the lane at once', async (_, trick) => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  trick(phone, phone.record(RECORD.text, 'one'))
  expect(await phone.farewell()).toBe('1008 tampered')
  expect(stage.log).toEqual(['hub: sealed socket from 127.0.0.1 ended: tampered'])
  expect([held[0]!.closed, held[0]!.lane.ending]).toEqual([1, 'broken'])
  expect(held[0]!.frames.length).toBeLessThanOrEqual(1)
})

test('a record that is too large ends the lane before it is whole', async () => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  phone.ws.send(new Uint8Array(RECORD_BYTES_MAX + 1))
  expect(await phone.closed()).toBe(1009)
  await eventually('close', () => held[0]!.closed === 1)
  expect(held[0]!.lane.ending).toBe('broken')
})

test('text that is no UTF-8 ends the lane', async () => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  phone.say(RECORD.text, Uint8Array.of(0xff, 0xfe))
  expect(await phone.farewell()).toBe('1008 malformed')
  expect(held[0]!.frames).toEqual([])
})

test.each([
  ['tampered', 'hub: sealed socket from 127.0.0.1 ended by the phone: tampered'],
  // Of a closed list, whatever it says.
  ['x\u001b[2J\n'.repeat(10), 'hub: sealed socket from 127.0.0.1 ended by the phone: failed'],
])('E6: why a phone ends it is logged: %j', async (reason, line) => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  phone.ws.close(4008, reason)
  await eventually('close', () => held[0]!.closed === 1)
  expect([held[0]!.lane.ending, stage.log]).toEqual(['broken', [line]])
})

test('who does not show its keys in time is cut: silent, after the answer, and before any message', async () => {
  await restart({ laneHandshakeMs: 150 })
  const silent = dial()
  const answered = dial()
  await answered.agree(session)
  expect([await silent.closed(), await answered.closed()]).toEqual([1006, 1006])
  const good = await dial().join(session)
  await delay(300)
  good.say(RECORD.text, 'still here')
  await eventually('frame', () => held[0]?.frames.length === 1)
})

test.each<[string, (ws: LaneClient['ws']) => void]>([
  ['pings', (ws) => ws.ping('', true)],
  ['pieces of a message that never ends', (ws) => ws.send('x', { binary: true, fin: false })],
  ['one large message', (ws) => ws.send(Buffer.alloc(60_000))],
])('E3: a stranger that sends more than a hello is cut off: %s', async (_, say) => {
  await restart({ laneHandshakeMs: 600_000 })
  const stranger = dial()
  await stranger.opened()
  for (let n = 0; n < 400; n++) say(stranger.ws)
  expect(await stranger.closed()).toBe(1006)
  // Who says hello may say as much as it likes.
  const phone = await dial().join(session)
  phone.say(RECORD.text, 'x'.repeat(50_000))
  await eventually('frame', () => held[0]?.frames.length === 1)
})

test('until it is let in it is a guest, and then it makes room', async () => {
  await restart({ guestsPerAddress: 2, laneHandshakeMs: 60_000 })
  const [first, second] = [dial('127.0.0.2'), dial('127.0.0.2')]
  await Promise.all([first.agree(session), second.opened()])
  const third = dial('127.0.0.2')
  await expect(third.opened()).rejects.toThrow('503')
  first.say(RECORD.confirm)
  await first.hear(RECORD.confirm)
  await dial('127.0.0.2').opened()
  await expect(dial('127.0.0.2').opened()).rejects.toThrow('503')
  second.ws.terminate()
  await eventually('the room of the second', () => second.ws.readyState === 3)
  await dial('127.0.0.2').opened()
})

test('a third lane of one session ends the first; other sessions keep theirs', async () => {
  const { session: other } = await registered(stage, 'two', KEY)
  const alone = await dial().join(other)
  const [first] = [await dial().join(session), await dial().join(session)]
  await eventually('lanes', () => held.length === 3)
  await dial().join(session)
  await first.hear(RECORD.end)
  expect(await first.closed()).toBe(1000)
  expect(held.map(({ closed }) => closed)).toEqual([0, 1, 0, 0])
  alone.say(RECORD.text, 'here')
  await eventually('frame', () => held[0]!.frames.length === 1)
})

test('A3: a session opens sealed sockets at a pace, whatever becomes of them; other sessions keep theirs', async () => {
  await restart({ lanesBurst: 3, lanesPerSecond: 0 })
  const { session: other } = await registered(stage, 'two', KEY)
  for (let n = 0; n < 3; n++) {
    const opened = await dial().join(session)
    opened.ws.terminate()
  }
  const refused = dial()
  await expect(refused.agree(session)).rejects.toThrow()
  expect(await refused.closed()).toBe(1008)
  await dial().join(other)
  // A new registration is a new session.
  const { session: next } = await registered(stage, 'three', KEY)
  await dial().join(next)
})

test('once the registration has ended no lane is opened, nor one that was being opened; those that are open go on', async () => {
  const [open, half, unsaid] = [await dial().join(session), dial(), dial()]
  await half.agree(session)
  await unsaid.opened()
  phone1.close()
  await eventually('the end of the registration', () => stage.hub.links() === 0)
  half.say(RECORD.confirm)
  half.say(RECORD.text, 'too late')
  expect(await half.closed()).toBe(1006)
  await expect(unsaid.agree(session)).rejects.toThrow('closed with 1008')
  await expect(dial().agree(session)).rejects.toThrow('closed with 1008')
  open.say(RECORD.text, 'here')
  await eventually('frame', () => held[0]!.frames.length === 1)
  expect(held).toHaveLength(1)
  // Back at the hub the phone proves its key anew, and that session opens lanes.
  const back = await registered(stage, 'one', KEY)
  await expect(dial().agree(session)).rejects.toThrow('closed with 1008')
  await dial().join(back.session)
})

test('a registration that another one replaced opens no lane', async () => {
  const newer = await registered(stage, 'one', KEY)
  await expect(dial().agree(session)).rejects.toThrow('closed with 1008')
  await dial().join(newer.session)
})

test('B41: a phone that is removed gets no lane, at whatever step of the handshake it was', async () => {
  const { session: other } = await registered(stage, 'two', KEY)
  const [silent, half, alone] = [dial(), dial(), await dial().join(other)]
  await Promise.all([silent.opened(), half.agree(session)])
  // Still known to whoever has the keys: it is the hub that must not let it in.
  stage.hub.expel('one', 'revoked')
  expect(await half.closed()).toBe(1006)
  await expect(silent.agree(session)).rejects.toThrow('closed with 1008')
  await expect(dial().agree(session)).rejects.toThrow('closed with 1008')
  expect(held.map(({ id }) => id)).toEqual([idOf(other)])
  alone.say(RECORD.text, 'here')
  await eventually('frame', () => held[0]!.frames.length === 1)
})

test('ready waits while much is under way, and ends with the lane', async () => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  const { lane } = held[0]!
  phone.ws.pause()
  const frame = new Uint8Array(MESSAGE_BYTES_MAX)
  let sent = 0
  let waiting = lane.ready()
  // What the system's own buffers take in is not ours to wait for.
  while (sent < 400 && (await Promise.race([waiting.then(() => true), delay(300).then(() => false)]))) {
    lane.send(frame)
    sent++
    waiting = lane.ready()
  }
  expect(sent).toBeGreaterThan(16)
  expect(sent).toBeLessThan(400)
  phone.ws.resume()
  for (let i = 0; i < sent; i++) await phone.hear(RECORD.binary)
  await waiting
  phone.ws.pause()
  for (let i = 0; i < 100; i++) lane.send(frame)
  const last = lane.ready()
  lane.close()
  await last
})

test('E5: who asks and never reads is cut before the answers fill the memory', async () => {
  const phone = await dial().join(session)
  await eventually('lane', () => held.length === 1)
  phone.ws.pause()
  let sent = 0
  // Answers, which do not wait for `ready`.
  for (; sent < 4000 && held[0]!.closed === 0; sent++) {
    held[0]!.lane.send('x'.repeat(100_000))
    await new Promise(setImmediate)
  }
  expect([held[0]!.closed, held[0]!.lane.ending]).toEqual([1, 'broken'])
  expect(stage.log.at(-1)).toContain('overrun')
})

test('a thread that fails takes its lanes along, and the next lane has another one', async () => {
  await dial().join(session)
  await eventually('lane', () => held.length === 1)
  workers[0]!.fail()
  await eventually('close', () => held[0]!.closed === 1)
  const phone = await dial().join(session)
  phone.say(RECORD.text, 'again')
  await eventually('frame', () => held[1]?.frames.length === 1)
  expect(workers).toHaveLength(2)
})

test('the door is the same as for everything else', async () => {
  const ours = `127.0.0.1:${stage.hub.port}`
  expect(await knock(stage.hub.port, { Host: 'evil.example' }, LANE_PATH)).toBe(421)
  expect(await knock(stage.hub.port, { Host: ours, Origin: 'http://evil.example' }, LANE_PATH)).toBe(403)
  expect(await knock(stage.hub.port, { Host: ours, Origin: 'null' }, LANE_PATH)).toBe(403)
  expect(await knock(stage.hub.port, { Host: ours, Origin: `http://${ours}` }, LANE_PATH)).toBe(101)
  expect(await knock(stage.hub.port, { Host: ours }, `${LANE_PATH}x`)).toBe(404)
})

test('a hub without phones to prove anything has no such place', async () => {
  await stage.clear()
  stage = await setStage()
  expect(await knock(stage.hub.port, { Host: `127.0.0.1:${stage.hub.port}` }, LANE_PATH)).toBe(404)
})
