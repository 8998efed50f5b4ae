import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GENERATIONS, type Client } from '#hub/testing/client.ts'
import { setStage, type Stage } from '#hub/testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage({ open: true })
})
afterEach(() => stage.clear())

const WEB = { uid: 'u', type: 0, v: 2, name: 'Desk', kind: 'desktop' }
const APP = { uid: 'u', type: 1, v: 2, name: '手机', kind: 'page' }
const told = (client: Client) => client.news().map(({ event, payload }) => [event, payload])

async function registered(payload: unknown): Promise<Client> {
  const client = await stage.join()
  expect(await client.ask('register', payload)).toEqual({ ok: true, v: 2 })
  return client
}

test('both are told who the other is, the app before it is asked to offer', async () => {
  const web = await registered(WEB)
  const app = await registered(APP)
  await app.settle()
  await web.settle()
  expect(told(app)).toEqual([
    ['joined', { v: 2, name: 'Desk', kind: 'desktop' }],
    ['syncfrom', undefined],
  ])
  expect(told(web)).toEqual([['joined', { v: 2, name: '手机', kind: 'page' }]])
})

test('the app first', async () => {
  const app = await registered(APP)
  const web = await registered(WEB)
  await web.settle()
  await app.settle()
  expect(told(web)).toEqual([['joined', { v: 2, name: '手机', kind: 'page' }]])
  expect(told(app).map(([event]) => event)).toEqual(['joined', 'syncfrom'])
})

test.each(GENERATIONS)('a legacy app of the %s generation hears nothing new', async (generation) => {
  const web = await registered(WEB)
  const app = await stage.join({ generation })
  app.send('register', { uid: 'u', type: 1, name: 'ignored', kind: 'page' })
  await app.settle()
  await web.settle()
  expect(told(app)).toEqual([['syncfrom', undefined]])
  expect(told(web)).toEqual([['joined', { v: 1, name: '', kind: 'legacy' }]])
  const again = await stage.join({ generation })
  again.send('register', { uid: 'u', type: 1 })
  await app.disconnected()
  expect(told(app)).toEqual([])
})

test('a replaced client of version 2 is told so before it is ended', async () => {
  await registered(WEB)
  const app = await registered(APP)
  await app.next('syncfrom')
  await registered(APP)
  await app.disconnected()
  expect(told(app)).toEqual([['ended', { code: 'replaced' }]])
})

test('joined comes again whenever the pair is complete again', async () => {
  const web = await registered(WEB)
  const app = await registered(APP)
  await web.next('joined')
  expect(await app.ask('register', { ...APP, name: 'renamed' })).toEqual({ ok: true, v: 2 })
  expect(await web.next('joined')).toEqual({ v: 2, name: 'renamed', kind: 'page' })
  app.close()
  await web.next('byebye')
  await registered(APP)
  expect(await web.next('joined')).toEqual({ v: 2, name: '手机', kind: 'page' })
})

test('who says no name and no kind gets the kind of its role', async () => {
  const web = await registered({ uid: 'u', type: 0, v: 2 })
  const app = await registered({ uid: 'u', type: 1, v: 2 })
  expect(await web.next('joined')).toEqual({ v: 2, name: '', kind: 'app' })
  expect(await app.next('joined')).toEqual({ v: 2, name: '', kind: 'desktop' })
})

describe('refusals by open signaling', () => {
  test.each([
    [{ ...APP, type: 2 }, 'malformed'],
    [{ ...APP, uid: '' }, 'malformed'],
    [{ ...APP, kind: 'legacy' }, 'malformed'],
    [{ ...APP, name: 'x'.repeat(5000) }, 'malformed'],
    [{ ...APP, v: 3 }, 'version'],
    [null, 'malformed'],
  ])('%j: %s, and the client may try again', async (payload, code) => {
    const client = await stage.join()
    expect(await client.ask('register', payload)).toEqual({ ok: false, code })
    expect(await client.ask('register', APP)).toEqual({ ok: true, v: 2 })
  })

  test('no acknowledgement asked for: nothing breaks', async () => {
    const client = await stage.join()
    client.send('register', { ...APP, type: 2 })
    client.send('register', APP)
    await client.settle()
    expect(told(client)).toEqual([])
    expect(stage.hub.links()).toBe(1)
  })
})
