import { isIPv4 } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { candidateCopy, isLoopback, plainAddress } from './candidates.ts'
import { ownAddresses } from './addresses.ts'
import { WAYS } from '#hub/testing/client.ts'
import { setStage, type Stage } from '#hub/testing/stage.ts'

const HIDDEN = 'candidate:1 1 udp 2113937151 0a1b2c3d-1234-5678-9abc-def012345678.local 54321 typ host generation 0'
const OPEN = 'candidate:1 1 udp 2113937151 10.1.1.1 54321 typ host generation 0'
const message = (candidate: string) => ({ type: 'candidate', label: 0, id: '0', candidate })

const PHONE = { remote: '192.168.1.30', local: '192.168.1.20' }
const WINDOW = { remote: '127.0.0.1', local: '127.0.0.1' }

describe('a copy', () => {
  test('from a phone bears the address where its socket comes from', () => {
    expect(candidateCopy(message(HIDDEN), PHONE, WINDOW)).toEqual(
      message('candidate:1 1 udp 2113937151 192.168.1.30 54321 typ host generation 0'),
    )
  })
  test('from the window bears the address that the phone dialled', () => {
    expect(candidateCopy(message(HIDDEN), WINDOW, PHONE)?.candidate).toContain(' 192.168.1.20 54321 ')
  })
  test('is made of the four fields alone', () => {
    const payload = JSON.parse(
      JSON.stringify({ ...message(HIDDEN), extra: 1 }).replace('{', '{"__proto__":{"x":1},'),
    ) as unknown
    expect(Object.keys(candidateCopy(payload, PHONE, WINDOW) ?? {}).sort()).toEqual([
      'candidate',
      'id',
      'label',
      'type',
    ])
  })

  test.each([
    ['on one computer', message(HIDDEN), WINDOW, WINDOW],
    ['of an open candidate', message(OPEN), PHONE, WINDOW],
    ['of the end of candidates', message(''), PHONE, WINDOW],
    ['of another name', message(HIDDEN.replace('0a1b2c3d-', 'printer-')), PHONE, WINDOW],
    ['of a name inside something longer', message(HIDDEN.replace('.local ', '.local.evil.example ')), PHONE, WINDOW],
    ['of a very long one', message(HIDDEN + ' '.repeat(2000)), PHONE, WINDOW],
    ['of an offer', { type: 'offer', sdp: HIDDEN }, PHONE, WINDOW],
    ['of a text', 'bye', PHONE, WINDOW],
    ['of nothing', null, PHONE, WINDOW],
    ['without its label', { type: 'candidate', id: '0', candidate: HIDDEN }, PHONE, WINDOW],
    ['from nowhere', message(HIDDEN), { remote: '', local: '' }, PHONE],
  ])('is not made %s', (_, payload, sender, receiver) => {
    expect(candidateCopy(payload, sender, receiver)).toBeNull()
  })
})

test('addresses lose their dressing', () => {
  expect(plainAddress('::ffff:192.168.1.2')).toBe('192.168.1.2')
  expect(plainAddress('fe80::1%eth0')).toBe('fe80::1')
  expect(plainAddress(undefined)).toBe('')
  expect([isLoopback('127.0.0.53'), isLoopback('::1'), isLoopback('12.7.0.1')]).toEqual([true, true, false])
})

describe('through a hub', () => {
  let stage: Stage
  afterEach(() => stage.clear())

  test('loopback alone gets no copies; the original passes untouched', async () => {
    stage = await setStage({ open: true })
    const [web, app] = [await stage.join(), await stage.join()]
    web.send('register', { uid: 'u', type: 0 })
    await web.settle()
    app.send('register', { uid: 'u', type: 1 })
    await app.next('syncfrom')
    app.send('message', { ...message(HIDDEN), more: [1] })
    await app.settle()
    await web.settle()
    expect(web.news()).toEqual([{ event: 'message', payload: { ...message(HIDDEN), more: [1] } }])
  })

  test.each(WAYS)('each original has its copy after it, both ways, by %s', async (way) => {
    // A computer without any network has no address to tell; then there is nothing but the originals.
    const dial = ownAddresses().find(isIPv4) ?? '127.0.0.1'
    stage = await setStage({ open: true, bind: '0.0.0.0', ownAddresses: () => [dial] })
    const window = await stage.join({ way })
    const phone = await stage.join({ dial, way })
    window.send('register', { uid: 'u', type: 0 })
    await window.settle()
    phone.send('register', { uid: 'u', type: 1 })
    await phone.next('syncfrom')
    const open = HIDDEN.replace(/ \S+\.local /, ` ${dial} `)
    const expected = isLoopback(dial) ? [HIDDEN, 'bye'] : [HIDDEN, open, 'bye']
    for (const [from, to] of [
      [phone, window],
      [window, phone],
    ] as const) {
      from.send('message', message(HIDDEN))
      from.send('message', message('bye'))
      await from.settle()
      await to.settle()
      expect(to.news().map(({ payload }) => (payload as { candidate: string }).candidate)).toEqual(expected)
    }
  })
})
