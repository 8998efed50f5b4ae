import { expect, test } from 'vitest'
import { toBase64Url } from '#protocol/base64url.ts'
import { decodeFrame, encodeFrame, type Frame } from '#protocol/frames.ts'
import { THUMB_BYTES_MAX } from '#protocol/limits.ts'
import type { WantThumb } from './receiver.ts'
import { connect, End, until } from './testing/ends.ts'
import { bytesOf, MemorySource } from './testing/quick.ts'
import { MemoryLane, nextTask } from './testing/lanes.ts'

const JPEG = bytesOf(THUMB_BYTES_MAX, 7)

/** A desktop whose person looks at each file before the answer. */
function looking(wantsThumbs = true) {
  const seen: Uint8Array[] = []
  const answers: ((yes: boolean) => void)[] = []
  const mayTake = (_: unknown, look: WantThumb) => {
    if (wantsThumbs) look((jpeg) => seen.push(jpeg))
    return new Promise<boolean>((answer) => answers.push(answer))
  }
  return { seen, answers, mayTake }
}

function source(thumbnail: () => Promise<Uint8Array | null>) {
  let made = 0
  const file = new MemorySource('a.jpg', bytesOf(1_000))
  file.thumbnail = () => {
    made++
    return thumbnail()
  }
  return { file, made: () => made }
}

const framesOf = ({ lane }: End): string[] =>
  lane.sent.filter((data) => typeof data === 'string').map((data) => decodeFrame(data).t)

test('a person who is asked sees a thumbnail, before any bytes of the file', async () => {
  const { seen, answers, mayTake } = looking()
  const { phone, desktop } = connect({}, {}, { mayTake })
  const { file, made } = source(() => Promise.resolve(JPEG))
  const id = phone.session.send(file)
  await until('it is seen', () => seen.length > 0)
  expect(seen).toEqual([JPEG])
  expect([file.opened, desktop.sinks, framesOf(phone)]).toEqual([0, [], ['hello', 'offer', 'thumb']])
  answers[0]?.(true)
  expect((await phone.told.end(id)).state).toBe('done')
  expect(made()).toBe(1)
})

test('nothing is made where nobody is asked, or nobody looks', async () => {
  for (const desk of [{}, { mayTake: looking(false).mayTake }]) {
    const { phone, desktop } = connect({}, {}, desk)
    const { file, made } = source(() => Promise.resolve(JPEG))
    phone.session.send(file)
    await until('offered', () => desktop.told.all.length > 0)
    for (let i = 0; i < 20; i++) await nextTask()
    expect(made()).toBe(0)
    expect(framesOf(desktop)).not.toContain('want-thumb')
  }
})

test('a file without one is asked about all the same, and its sender is sent no frame it may not know', async () => {
  const { seen, answers, mayTake } = looking()
  const { phone, desktop } = connect({}, {}, { mayTake })
  phone.session.send(new MemorySource('a.txt', bytesOf(10)))
  await until('asked', () => answers.length === 1)
  expect(phone.lane.sent[1]).not.toContain('thumb')
  expect([framesOf(desktop), seen]).toEqual([['hello'], []])
})

test.each([
  ['none after all', () => Promise.resolve(null)],
  ['an error', () => Promise.reject(new Error('no picture'))],
])('%s: the question stands, the file comes', async (_, thumbnail) => {
  const { seen, answers, mayTake } = looking()
  const { phone } = connect({}, {}, { mayTake })
  const id = phone.session.send(source(thumbnail).file)
  await until('asked', () => answers.length === 1)
  answers[0]?.(true)
  expect([(await phone.told.end(id)).state, seen, phone.broken]).toEqual(['done', [], []])
})

test('one that was lost with its lane is asked for again on the next', async () => {
  const { seen, mayTake } = looking()
  const { phone, desktop } = connect({}, {}, { mayTake })
  const ready: ((jpeg: Uint8Array) => void)[] = []
  phone.session.send(source(() => new Promise((resolve) => ready.push(resolve))).file)
  await until('it is being made', () => ready.length === 1)
  phone.lane.close()
  const [a, b] = MemoryLane.pair()
  phone.join(a)
  desktop.join(b)
  await until('it is made again', () => ready.length === 2)
  ready[1]?.(JPEG)
  await until('it is seen', () => seen.length > 0)
  expect([seen, desktop.broken, phone.broken]).toEqual([[JPEG], [], []])
})

/** A desktop that looks, and a peer that says whatever the test says. */
function stranger() {
  const [mine, theirs] = MemoryLane.pair()
  const heard: Frame[] = []
  mine.listen({
    onFrame: (data) => typeof data === 'string' && heard.push(decodeFrame(data)),
    onClose: () => undefined,
  })
  const look = looking()
  const desktop = new End(theirs, { parity: 0, mayTake: look.mayTake })
  const say = (frame: Frame | string): void => {
    desktop.lane.inject(typeof frame === 'string' ? frame : encodeFrame(frame))
  }
  const offer = (n: number, thumb?: boolean): void => {
    const id = n.toString(16).padStart(32, 'b')
    say({ t: 'offer', n, id, name: 'a.jpg', size: 9, mtime: 0, mime: '', ...(thumb && { thumb }) })
  }
  const thumb = (n: number, bytes = JPEG): void => {
    say({ t: 'thumb', n, data: toBase64Url(bytes) })
  }
  return { desktop, heard, say, offer, thumb, ...look }
}

test('one that is too large is no frame, and ends the connection', () => {
  const { desktop, offer, say, seen } = stranger()
  offer(1, true)
  say(`{"t":"thumb","n":1,"data":"${'A'.repeat(8_193)}"}`)
  expect([desktop.broken, seen]).toEqual([['malformed'], []])
})

test('one of another number, not asked for, or of no text that is base64url, is dropped', async () => {
  const { desktop, offer, say, thumb, seen, heard } = stranger()
  thumb(1)
  offer(1, true)
  offer(3)
  thumb(3)
  thumb(5)
  desktop.session.send(new MemorySource('out', bytesOf(3)))
  thumb(2)
  say('{"t":"want-thumb","n":1}')
  say('{"t":"want-thumb","n":2}')
  say('{"t":"thumb","n":1,"data":"A"}')
  await until('looked', () => heard.some(({ t }) => t === 'want-thumb'))
  for (let i = 0; i < 20; i++) await nextTask()
  expect([seen, desktop.broken]).toEqual([[], []])
  expect(heard.filter(({ t }) => t === 'want-thumb' || t === 'thumb')).toMatchObject([{ t: 'want-thumb', n: 1 }])
})

test('a second one is dropped, and so is one after the answer or the end', async () => {
  const { desktop, offer, say, thumb, seen, answers, heard } = stranger()
  for (const n of [1, 3, 5]) offer(n, true)
  thumb(1)
  thumb(1, bytesOf(10))
  answers[1]?.(true)
  await until('accepted', () => heard.some(({ t }) => t === 'accept'))
  thumb(3)
  say({ t: 'stop', n: 5, code: 'cancelled' })
  thumb(5)
  expect([seen, desktop.broken]).toEqual([[JPEG], []])
})

test('asked twice, or after the answer, a sender makes no other', async () => {
  const [mine, theirs] = MemoryLane.pair()
  mine.listen({ onFrame: () => undefined, onClose: () => undefined })
  const phone = new End(theirs, { parity: 1 })
  const { file, made } = source(() => Promise.resolve(JPEG))
  phone.session.send(file)
  for (let i = 0; i < 3; i++) phone.lane.inject('{"t":"want-thumb","n":1}')
  await until('sent', () => framesOf(phone).includes('thumb'))
  phone.lane.inject('{"t":"accept","n":1}')
  phone.lane.inject('{"t":"want-thumb","n":1}')
  for (let i = 0; i < 20; i++) await nextTask()
  expect([made(), framesOf(phone).filter((t) => t === 'thumb').length]).toEqual([1, 1])
})
