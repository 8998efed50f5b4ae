import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { plainEvent, RelayFastPath } from './relay-fast-path.ts'
import { GENERATIONS, WAYS, type Client } from '#hub/testing/client.ts'
import { setStage, type Stage } from '#hub/testing/stage.ts'

describe('a plain event', () => {
  test.each([
    ['2["message",{"a":1}]', 'message', { a: 1 }],
    ['2["message"]', 'message', undefined],
    ['2["export", [ 1 ] ]', 'export', [1]],
    ['2["ctrlSendSpeed",5]', 'ctrlSendSpeed', 5],
  ])('%s', (text, event, payload) => {
    expect(plainEvent(text)).toEqual({ event, payload })
  })
  test.each([
    ['an acknowledgement is wanted', '21["message",1]'],
    ['another namespace', '2/a,["message",1]'],
    ['attachments follow', '51-["message",{"_placeholder":true,"num":0}]'],
    ['not relayed', '2["register",{"uid":"u","type":0}]'],
    ['not relayed, by the name of a thing that every object has', '2["constructor",1]'],
    ['more than one payload', '2["message",1,2]'],
    ['the name does not end', '2["message'],
    ['the array does not end', '2["message",1'],
    ['something follows', '2["message",1]x'],
    ['a packet may end in a control character', '2["message","a\u001e42[\\"byebye\\"]"]'],
    ['the name is spelled oddly', '2["mess\\u0061ge",1]'],
    ['a space before the name', '2[ "message",1]'],
    ['nothing', ''],
  ])('is none when %s', (_why, text) => {
    expect(plainEvent(text)).toBeNull()
  })
})

test('nothing overtakes what Socket.IO still has, and the next turn is free again', async () => {
  const fastPath = new RelayFastPath()
  const relayed: string[] = []
  const relay = (_event: string, _payload: unknown, text: string): void => void relayed.push(text)
  const taken = ['2["message",1]', '2["register",{}]', '2["message",2]'].map((text) => fastPath.takes(text, relay))
  expect(taken).toEqual([true, false, false])
  await nextTurn()
  expect(fastPath.takes('2["message",3]', relay)).toBe(true)
  expect([fastPath.takes('2["message",4]', null), fastPath.takes('2["message",5]', relay)]).toEqual([false, false])
  expect(relayed).toEqual(['2["message",1]', '2["message",3]'])
})

test('whoever says something between an event and its attachment is ended, and it is not passed on', async () => {
  const stage = await setStage({ open: true })
  const [web, app] = [await stage.join(), await stage.join()]
  web.send('register', { uid: 'u', type: 0 })
  await web.settle()
  app.send('register', { uid: 'u', type: 1 })
  await app.next('syncfrom')
  app.raw('51-["message",{"_placeholder":true,"num":0}]')
  // It has arrived, and Socket.IO has looked at it.
  for (let turn = 0; turn < 3; turn++) await web.settle()
  app.raw('2["message","between"]')
  await app.until(() => !app.connected, 'its end')
  await web.settle()
  expect(web.news().map(({ event }) => event)).not.toContain('message')
  await stage.clear()
})

describe.each(GENERATIONS.flatMap((generation) => WAYS.map((way) => ({ generation, way }))))(
  'a $generation client by $way',
  (kind) => {
    let stage: Stage
    let web: Client
    let app: Client
    beforeEach(async () => {
      stage = await setStage({ open: true })
      web = await stage.join(kind)
      app = await stage.join(kind)
      web.send('register', { uid: 'u', type: 0 })
      await web.settle()
    })
    afterEach(() => stage.clear())

    test('is heard in order when everything comes at once, by either road', async () => {
      app.send('register', { uid: 'u', type: 1 })
      app.send('message', 1)
      app.send('message', Buffer.from([2]))
      app.send('message', 3)
      app.send('message', 4, () => undefined)
      app.send('syncto', 5)
      app.send('exception', '6')
      await web.next('exception')
      app.send('message', 'again')
      expect(await web.next('message')).toBe('again')
      expect(stage.log).toEqual([])
    })

    test('gets what was sent, by either road, in one order', async () => {
      app.send('register', { uid: 'u', type: 1 })
      await app.next('syncfrom')
      web.news()
      for (const payload of [1, Buffer.from([2]), { a: [3] }, Buffer.from([4]), 'é\u2028"\\', null]) app.send('message', payload)
      app.send('transfile', { size: 1, name: 'a', more: true })
      await app.settle()
      await web.settle()
      const heard = web.news().map(({ payload }) => (ArrayBuffer.isView(payload) || payload instanceof ArrayBuffer ? 'bytes' : payload))
      expect(heard).toEqual([1, 'bytes', { a: [3] }, 'bytes', 'é\u2028"\\', null, { size: 1, name: 'a' }])
    }) // prettier-ignore
  },
)
