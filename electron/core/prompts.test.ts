import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { terminalResponder } from '#electron/terminal.ts'
import { speak } from '#messages/locale'
import type { AppEvent } from './app-events.ts'
import { LegacyPrompts } from './prompts.ts'
import { FilePrompts, type FileQuestion } from './prompts.ts'
import type { Responder } from './prompts.ts'

speak(['en'])
const REQUEST = { address: '192.168.1.30', role: 1 } as const
const OFFER: FileQuestion = { id: 'f', from: '', kind: 'legacy', trusted: false, wary: false, name: 'a.txt', size: 3 }
const never = new AbortController().signal

function apps(policy: LegacyPrompts['policy'], person: Responder) {
  const events: AppEvent[] = []
  return {
    events,
    made: new LegacyPrompts({ policy, person, onEvent: (e) => events.push(e), onChange: () => undefined }),
  }
}

describe('an app at the door', () => {
  test.each(['always', 'never'] as const)('%s: nobody is asked', async (policy) => {
    const { made } = apps(policy, 'window')
    expect(await made.ask(REQUEST, never)).toBe(policy === 'always')
    expect(made.questions()).toEqual([])
  })

  test('is a question in the window until somebody answers', async () => {
    const { made } = apps('ask', 'window')
    const answer = made.ask(REQUEST, never)
    const [question] = made.questions()
    expect(question).toMatchObject(REQUEST)
    made.answer('nonsense', true)
    made.answer(question!.id, true)
    expect([await answer, made.questions()]).toEqual([true, []])
  })

  test('is no question any more once it has gone', async () => {
    const { made } = apps('ask', 'window')
    const gone = new AbortController()
    const answer = made.ask(REQUEST, gone.signal)
    gone.abort()
    expect([await answer, made.questions()]).toEqual([false, []])
  })

  test('is refused where nobody can be asked, and one line says so, not a hundred', async () => {
    const { made, events } = apps('ask', 'nobody')
    for (let i = 0; i < 100; i++) expect(await made.ask(REQUEST, never)).toBe(false)
    expect(events).toMatchObject([{ event: 'error', code: 'legacy-refused' }])
  })
})

describe('files without a window', () => {
  const offers = (person: Responder, always = false) =>
    new FilePrompts({ person, legacyAlways: () => always, onChange: () => undefined })

  test('are taken from a trusted device, and from a legacy one that is always let in; else refused', async () => {
    expect(await offers('nobody').ask({ ...OFFER, kind: 'page', trusted: true })).toBe(true)
    expect(await offers('nobody', true).ask(OFFER)).toBe(true)
    expect(await offers('nobody').ask(OFFER)).toBe(false)
    expect(await offers('nobody', true).ask({ ...OFFER, kind: 'page' })).toBe(false)
  })

  test('a person at the terminal is asked; a file that ends meanwhile takes the question away', async () => {
    const signals: AbortSignal[] = []
    const made = offers((_question, gone) => {
      signals.push(gone)
      return signals.length === 1 ? Promise.resolve(true) : new Promise(() => undefined)
    })
    expect(await made.ask(OFFER)).toBe(true)
    const second = made.ask({ ...OFFER, id: 'g' })
    made.answer(['g'], false)
    expect([await second, signals[1]?.aborted, made.has('g')]).toEqual([false, true, false])
  })
})

describe('the terminal', () => {
  function terminal(answerMs?: number) {
    const [input, output] = [new PassThrough(), new PassThrough()]
    let shown = ''
    output.on('data', (data: Buffer) => (shown += data.toString()))
    return { input, ask: terminalResponder({ input, output }, answerMs), shown: () => shown }
  }

  test.each([
    ['y', true],
    ['YES', true],
    ['', false],
    ['n', false],
    ['yesterday', false],
  ])('%j is %s', async (line, yes) => {
    const { input, ask, shown } = terminal()
    const answer = ask({ about: 'app', request: REQUEST }, never)
    // Who types before the question is there is not heard.
    await expect.poll(shown).toContain('(y/N)')
    input.write(`${line}\n`)
    expect(await answer).toBe(yes)
    expect(shown()).toContain('192.168.1.30')
    expect(shown()).toContain('(y/N)')
  })

  test('no answer in time, the end of input, and a question that is gone are a no', async () => {
    expect(await terminal(20).ask({ about: 'app', request: REQUEST }, never)).toBe(false)
    const closed = terminal()
    closed.input.end()
    expect(await closed.ask({ about: 'app', request: REQUEST }, never)).toBe(false)
    const gone = new AbortController()
    const answer = terminal().ask({ about: 'app', request: REQUEST }, gone.signal)
    gone.abort()
    expect(await answer).toBe(false)
  })

  test('a file’s name is text: it moves no cursor and is cut', async () => {
    const { ask, shown } = terminal(20)
    await ask({ about: 'file', from: '', name: `\u001b[2J\u202e${'x'.repeat(5_000)}`, size: 7 }, never)
    expect(shown()).not.toContain('\u001b[2J')
    expect(shown()).not.toContain('\u202e')
    expect(shown().length).toBeLessThan(400)
  })
})
