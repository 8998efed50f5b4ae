import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SyncFrame } from '#protocol/frames.ts'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import { LooseWire, type Way } from '../testing/loose-wire.ts'
import { freshId } from '../testing/ends.ts'
import { nextTask } from '../testing/lanes.ts'
import { Texts, WAITING_MAX, type TextsPorts } from './texts.ts'

function open(rest: Partial<TextsPorts> = {}) {
  const said: SyncFrame[] = []
  const shown: string[] = []
  const heard: string[] = []
  const texts = new Texts({
    say: (frame) => said.push(frame),
    newId: freshId,
    onText: (_, text) => void shown.push(text),
    onHeard: (id) => heard.push(id),
    ...rest,
  })
  return { texts, said, shown, heard }
}

test('said at once, and at each greeting until it is heard', () => {
  const { texts, said, heard } = open()
  texts.greeted(true)
  const id = texts.send('hello')
  texts.greeted(true)
  expect(said).toEqual([{ t: 'text', id, text: 'hello' }, { t: 'text', id, text: 'hello' }]) // prettier-ignore
  texts.receive({ t: 'text-ack', id })
  texts.receive({ t: 'text-ack', id })
  texts.receive({ t: 'text-ack', id: freshId() })
  texts.greeted(true)
  expect([said.length, heard, texts.waiting]).toEqual([2, [id], []])
})

test('waits while nobody is there, or who is there takes none', () => {
  const { texts, said } = open()
  texts.send('a')
  texts.greeted(false)
  texts.send('b')
  expect(said).toEqual([])
  texts.greeted(true)
  expect(said.map((frame) => frame.t === 'text' && frame.text)).toEqual(['a', 'b'])
})

test.each([['nothing', ''], ['too long a one', 'x'.repeat(TEXT_CHARS_MAX + 1)]])('%s is no text', (_, text) => {
  expect(() => open().texts.send(text)).toThrow(RangeError)
}) // prettier-ignore

test('what waits is bounded, and may be forgotten or taken over by the next run', () => {
  const { texts } = open()
  const sent = Array.from({ length: WAITING_MAX }, (_, i) => texts.send(String(i)))
  expect(() => texts.send('one more')).toThrow(RangeError)
  texts.forget(sent[0]!)
  texts.send('one more')
  const next = open()
  next.texts.resume(texts.waiting)
  next.texts.greeted(true)
  expect(next.said).toHaveLength(WAITING_MAX)
})

describe('what comes', () => {
  test('twice is shown once, and heard each time', async () => {
    const { texts, shown, said } = open()
    const id = freshId()
    for (let i = 0; i < 3; i++) {
      texts.receive({ t: 'text', id, text: 'x' })
      await nextTask()
    }
    expect([shown, said]).toEqual([['x'], Array(3).fill({ t: 'text-ack', id })])
  })

  test('is heard once it is kept, and not before', async () => {
    let kept = (): void => undefined
    const { texts, said } = open({ onText: () => new Promise<void>((resolve) => (kept = resolve)) })
    const id = freshId()
    texts.receive({ t: 'text', id, text: 'x' })
    texts.receive({ t: 'text', id, text: 'x' })
    await nextTask()
    expect(said).toEqual([])
    kept()
    await nextTask()
    expect(said).toEqual([{ t: 'text-ack', id }])
  })

  test('and could not be kept is not heard: it comes again', async () => {
    let tries = 0
    const onText = (): void => {
      if (++tries === 1) throw new Error('disk full')
    }
    const { texts, said } = open({ onText })
    const id = freshId()
    for (let i = 0; i < 2; i++) {
      texts.receive({ t: 'text', id, text: 'x' })
      await nextTask()
    }
    expect([tries, said]).toEqual([2, [{ t: 'text-ack', id }]])
  })

  test('in a flood is bounded: ids that are remembered, and texts that are being kept', async () => {
    let keeping = 0
    const slow = open({ onText: () => (keeping++, new Promise<void>(() => undefined)) })
    for (let i = 0; i < 1_000; i++) slow.texts.receive({ t: 'text', id: freshId(), text: 'x' })
    expect(keeping).toBe(64)
    const { texts, shown } = open()
    const first = freshId()
    for (const id of [first, ...Array.from({ length: 256 }, freshId), first]) {
      texts.receive({ t: 'text', id, text: 'x' })
      await nextTask()
    }
    expect(shown).toHaveLength(258)
  })
})

test('whatever is lost or comes twice: each text is shown once', async () => {
  const way = fc.constantFrom<Way>('toDesk', 'toPhone')
  const step = fc.tuple(fc.constantFrom('send', 'deliver', 'repeat', 'lose', 'greet'), way, fc.nat(5))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const wire = new LooseWire()
      const a = open({ say: wire.say('toDesk') })
      const b = open({ say: wire.say('toPhone') })
      wire.onArrive('toPhone', (frame) => a.texts.receive(frame)) // prettier-ignore
      wire.onArrive('toDesk', (frame) => b.texts.receive(frame)) // prettier-ignore
      const sent = { a: [] as string[], b: [] as string[] }
      const greet = (): void => [a, b].forEach(({ texts }) => texts.greeted(true)) // prettier-ignore
      for (const [i, [what, to, place]] of steps.entries()) {
        if (what === 'send') {
          const [from, list] = to === 'toDesk' ? [a, sent.a] : [b, sent.b]
          from.texts.send(String(i))
          list.push(String(i))
        } else if (what === 'greet') greet()
        else if (what === 'lose') wire.lose(to, place)
        else wire.deliver(to, place, what === 'repeat')
        await Promise.resolve()
      }
      wire.loseAll()
      greet()
      for (let i = 0; i < 3; i++) {
        wire.settle()
        await nextTask()
      }
      expect([a.shown.sort(), b.shown.sort()]).toEqual([sent.b.sort(), sent.a.sort()])
      expect([a.texts.waiting, b.texts.waiting]).toEqual([[], []])
    }),
  )
})
