import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HubOptions } from './hub.ts'
import type { LegacyRequest } from './legacy-approval.ts'
import { eventually, GENERATIONS, type Client } from '#hub/testing/client.ts'
import { setStage, WINDOW_ORIGIN, WINDOW_TOKEN, type Stage } from '#hub/testing/stage.ts'

interface Asked {
  readonly request: LegacyRequest
  readonly gone: AbortSignal
  readonly answer: (allowed: boolean) => void
}

const WEB = { uid: 'hosted', type: 0, v: 2, name: 'Desk', kind: 'desktop' }
const OLD = { uid: 'hosted', type: 1 }

let stage: Stage
let asked: Asked[]
let window: Client

async function open(options: HubOptions = {}): Promise<void> {
  asked = []
  stage = await setStage({
    windowToken: WINDOW_TOKEN,
    windowOrigin: WINDOW_ORIGIN,
    admit: (uid) => uid === 'hosted' || uid === 'second',
    askLegacy: (request, gone) => new Promise((answer) => asked.push({ request, gone, answer })),
    ...options,
    limits: { endGraceMs: 50, ...options.limits },
  })
  window = await stage.window()
  await window.ask('register', WEB)
}

async function knocking(payload: object = OLD, generation: 'old' | 'new' = 'old'): Promise<Client> {
  const before = asked.length
  const app = await stage.join({ generation })
  app.send('register', payload)
  await eventually('the question', () => asked.length > before)
  return app
}

beforeEach(() => open())
afterEach(() => stage.clear())

describe('an app of 2018', () => {
  test.each(GENERATIONS)('of the %s generation waits outside, and is let in by a yes', async (generation) => {
    const app = await knocking(OLD, generation)
    expect(asked[0]?.request).toEqual({ address: '127.0.0.1', role: 1 })
    app.send('message', 'early')
    await app.settle()
    await window.settle()
    expect([app.news(), window.news(), stage.hub.links()]).toEqual([[], [], 1])
    asked[0]?.answer(true)
    await app.next('syncfrom')
    expect(await window.next('joined')).toEqual({ v: 1, name: '', kind: 'legacy' })
  })

  test.each(GENERATIONS)('of the %s generation is told no and ended', async (generation) => {
    const app = await knocking(OLD, generation)
    asked[0]?.answer(false)
    expect(await app.next('exception')).toBe('not-allowed')
    await app.disconnected()
    await window.settle()
    expect(window.news()).toEqual([])
  })

  test('replaces nobody while it waits', async () => {
    const phone = await stage.join()
    await phone.ask('register', { ...OLD, v: 2, name: 'Phone', kind: 'page' })
    await phone.next('syncfrom')
    await window.next('joined')
    const app = await knocking()
    phone.send('message', 'still here')
    expect(await window.next('message')).toBe('still here')
    asked[0]?.answer(true)
    await app.next('syncfrom')
    expect(await phone.next('ended')).toEqual({ code: 'replaced' })
  })

  test('that nobody answers for is refused in time; the question goes away', async () => {
    await stage.clear()
    await open({ limits: { legacyAskMs: 60 } })
    const app = await knocking()
    expect(await app.next('exception')).toBe('not-allowed')
    expect(asked[0]?.gone.aborted).toBe(true)
    await app.disconnected()
  })

  test('that leaves takes the question with it, and a late yes changes nothing', async () => {
    const app = await knocking()
    app.close()
    await eventually('the end of the question', () => asked[0]?.gone.aborted === true)
    asked[0]?.answer(true)
    await window.settle()
    expect([window.news(), stage.hub.links()]).toEqual([[], 1])
  })

  test('that asks twice is one question', async () => {
    const app = await knocking()
    app.send('register', OLD)
    await app.settle()
    expect(asked).toHaveLength(1)
    asked[0]?.answer(true)
    await app.next('syncfrom')
    // The yes holds for this connection and this uid.
    app.send('register', OLD)
    await app.next('syncfrom')
    expect(asked).toHaveLength(1)
  })

  test('B40: that was let in is a stranger under another uid, and keeps its own place', async () => {
    const app = await knocking()
    asked[0]?.answer(true)
    await app.next('syncfrom')
    expect(await app.ask('register', { ...OLD, uid: 'second' })).toEqual({ ok: false, code: 'not-allowed' })
    app.send('message', 'mine')
    expect(await window.next('message')).toBe('mine')
    expect([asked.length, stage.hub.links()]).toEqual([1, 1])
  })

  test('a yes ends with the connection', async () => {
    const app = await knocking()
    asked[0]?.answer(true)
    await app.next('syncfrom')
    app.close()
    await knocking()
    expect(asked).toHaveLength(2)
  })

  test('that sends nonsense while it waits is ended, and so is the question', async () => {
    const app = await knocking()
    app.send('register', { uid: 'hosted', type: 7 })
    expect(await app.next('exception')).toBe('malformed')
    expect(asked[0]?.gone.aborted).toBe(true)
  })

  test('without a hosted link nobody is asked', async () => {
    const app = await stage.join()
    app.send('register', { uid: 'another', type: 1 })
    expect(await app.next('exception')).toBe('unknown-link')
    expect(asked).toEqual([])
  })

  test('waits longer than others may take to register', async () => {
    await stage.clear()
    await open({ limits: { registerMs: 50 } })
    const app = await knocking()
    await new Promise((resolve) => setTimeout(resolve, 150))
    asked[0]?.answer(true)
    await app.next('syncfrom')
  })
})

test('B39: 50 at once are one question from one address; the rest is refused at once', async () => {
  await stage.clear()
  await open({ limits: { connectionsPerAddress: 100 } })
  const first = await knocking()
  for (let i = 0; i < 49; i++) {
    const app = await stage.join()
    app.send('register', OLD)
    expect(await app.next('exception')).toBe('not-allowed')
  }
  expect(asked).toHaveLength(1)
  asked[0]?.answer(true)
  await first.next('syncfrom')
})

test('B39: three wait in all, whatever their addresses', async () => {
  await stage.clear()
  await open({ limits: { legacyWaitingPerAddress: 50 } })
  for (let i = 0; i < 3; i++) await knocking()
  const fourth = await stage.join()
  fourth.send('register', OLD)
  expect(await fourth.next('exception')).toBe('not-allowed')
  expect(asked).toHaveLength(3)
})

test('B38: a uid whose device proved a key is not open to legacy apps', async () => {
  await stage.clear()
  await open({ mayBeLegacy: (uid) => uid !== 'hosted' })
  const app = await stage.join()
  app.send('register', OLD)
  expect(await app.next('exception')).toBe('not-allowed')
  expect(asked).toEqual([])
})

test('a question that fails is a no, and a hub that is not told whom to ask asks nobody', async () => {
  for (const askLegacy of [() => Promise.reject(new Error('no person')), undefined]) {
    await stage.clear()
    await open({ askLegacy })
    const app = await stage.join()
    app.send('register', OLD)
    expect(await app.next('exception')).toBe('not-allowed')
  }
})
