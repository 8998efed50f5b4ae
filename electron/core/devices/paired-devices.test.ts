import { beforeEach, describe, expect, test } from 'vitest'
import { primitives } from '#hub/node-crypto.ts'
import { fromBase64Url, toBase64Url } from '#protocol/base64url.ts'
import { answerMac, channelMac, offerMac } from '#protocol/binding.ts'
import { APP, WEB } from '#protocol/hub-events.ts'
import type { ToWindow } from '#protocol/link-port.ts'
import { kidOfLink } from '#protocol/proof.ts'
import { Told } from '#transfer/testing/ends.ts'
import { hubOn, dataFor } from '#core/testing/hub.ts'
import { Core } from '#core/core.ts'
import { Device } from './device.ts'
import type { AppEvent } from '#core/app-events.ts'
import { PairingLinks, LINK_LIFE_MS } from './pairing-links.ts'
import { Network } from './shown-link.ts'
import { quietOptions } from '#core/testing/device-options.ts'
import { ANSWER, confirmOf, FakeWindow, LEGACY, OFFER, PAGE, SESSION } from '#core/testing/window.ts'

const kidOf = (key: Uint8Array): Uint8Array => kidOfLink(primitives, key)

describe('links', () => {
  let now: number
  let links: PairingLinks
  beforeEach(() => {
    now = 1000
    links = new PairingLinks(() => now)
  })

  test('the code’s key is good for five minutes of a clock that nobody sets', () => {
    const { uid, key } = links.current
    expect(links.find(uid, kidOf(key))).toBe(key)
    expect([links.find(uid, kidOf(new Uint8Array(32))), links.find('x', kidOf(key))]).toEqual([null, null])
    now += LINK_LIFE_MS - 1
    expect([links.isOld, links.find(uid, kidOf(key))]).toEqual([false, key])
    now += 1
    expect([links.isOld, links.find(uid, kidOf(key))]).toEqual([true, null])
  })

  test('it is used up by its first channel; then only the device’s own key is good, however old', () => {
    const { id, uid, key } = links.current
    const own = links.use(id)
    expect([own?.kid.length, own?.key.length]).toEqual([16, 32])
    expect(links.use(id)).toBeNull()
    expect(links.find(uid, kidOf(key))).toBeNull()
    now += 100 * LINK_LIFE_MS
    expect(links.find(uid, own?.kid ?? new Uint8Array(0))).toBe(own?.key)
    expect(links.find(links.renew().uid, own?.kid ?? new Uint8Array(0))).toBeNull()
  })

  test('B38: where a phone has proved a key, no app of 2018 may join', () => {
    const { id, uid } = links.current
    expect(links.mayBeLegacy(uid)).toBe(true)
    links.use(id)
    expect([links.mayBeLegacy(uid), links.mayBeLegacy('x')]).toEqual([false, false])
  })
})

test('a code that nobody used in time makes room for a fresh one, and its place is gone', () => {
  let now = 0
  const events: AppEvent[] = []
  const core = new Core({
    inbox: '',
    data: dataFor(''),
    name: 'Desk',
    network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
    token: '',
    clocks: { unset: () => now },
    onEvent: (event) => events.push(event),
    onChange: () => undefined,
  })
  core.start(hubOn(3186))
  const window = new FakeWindow(() => device!)
  const device = core.attach(core.links.current.id, window)
  window.say({ t: 'registered' })
  const first = core.state().link
  core.renewLink()
  expect(core.state().link).toEqual(first)
  now = LINK_LIFE_MS
  core.renewLink()
  const second = core.state().link
  expect(second?.text).not.toBe(first?.text)
  expect(events.at(-1)).toEqual({ event: 'link', link: second?.text })
  expect(core.state().hosted.map(({ id }) => id)).toEqual([second?.id])
})

describe('a device', () => {
  let device: Device
  let window: FakeWindow
  let events: string[]
  beforeEach(() => {
    events = []
    const told = new Told()
    device = new Device(
      'link',
      quietOptions({
        files: { openSink: () => Promise.reject(new Error('no file is expected')) },
        events: {
          onTransfer: (_device, view) => {
            told.put(view)
          },
          onConfirmed: (_device, give) => {
            give({ t: 'credentials', id: 'A'.repeat(22), key: 'B'.repeat(43) })
          },
          onHere: () => events.push('here'),
        },
      }),
    )
    window = new FakeWindow(() => device)
    device.attach(window)
    window.say({ t: 'registered' })
  })
  const joined = (): void => {
    device.proved(SESSION)
    window.say({ t: 'joined', peer: PAGE })
  }
  const last = (): ToWindow | undefined => window.posted.at(-1)
  const macOf = (sdp: string): string => toBase64Url(offerMac(primitives, SESSION, sdp))

  test('its own offer is answered, and the answer is signed for that offer', () => {
    joined()
    window.say({ t: 'check-offer', n: 1, sdp: OFFER, mac: macOf(OFFER) })
    expect(last()).toEqual({ t: 'offer-checked', n: 1, refused: null })
    window.say({ t: 'sign-answer', n: 1, sdp: ANSWER })
    const mac = toBase64Url(answerMac(primitives, SESSION, offerMac(primitives, SESSION, OFFER), ANSWER))
    expect(last()).toEqual({ t: 'answer-signed', n: 1, mac })
  })

  test.each([
    ['another fingerprint', OFFER.replace('0A', '0C'), macOf(OFFER)],
    ['another ufrag', OFFER.replace('abcd', 'abce'), macOf(OFFER)],
    ['no signature', OFFER, ''],
    ['a description that is none', 'v=0', macOf(OFFER)],
  ])('an offer with %s is not answered, and the card says why', (_, sdp, mac) => {
    joined()
    window.say({ t: 'check-offer', n: 1, sdp, mac })
    expect(last()).toEqual({ t: 'offer-checked', n: 1, refused: 'tampered' })
    expect(device.view().trouble).toBe('tampered')
  })

  test('nobody who has not proved a key is answered or gets a lane', () => {
    window.say({ t: 'joined', peer: PAGE })
    window.say({ t: 'check-offer', n: 1, sdp: OFFER, mac: macOf(OFFER) })
    expect(last()).toEqual({ t: 'offer-checked', n: 1, refused: 'not-allowed' })
    window.say({ t: 'lane-open', lane: 'webrtc', maxMessage: 65_536, local: ANSWER, remote: OFFER })
    expect(last()).toEqual({ t: 'close-lane' })
    window.say({ t: 'lane-open', lane: 'legacy', maxMessage: 65_536, local: '', remote: '' })
    expect(last()).toEqual({ t: 'close-lane' })
    expect(events).toEqual([])
  })

  test('a channel is confirmed by both before it is used; then the device gets its key', () => {
    joined()
    window.say({ t: 'lane-open', lane: 'webrtc', maxMessage: 65_536, local: ANSWER, remote: OFFER })
    const own = confirmOf(channelMac(primitives, SESSION, WEB, ANSWER, OFFER))
    expect(window.posted).toEqual([{ t: 'data', data: own }])
    expect(events).toEqual([])
    window.say({ t: 'data', data: confirmOf(channelMac(primitives, SESSION, APP, OFFER, ANSWER)) })
    expect(events).toEqual(['here'])
    expect(window.posted[1]).toMatchObject({ t: 'data', data: expect.stringContaining('"hello"') as string })
    expect(window.posted[2]).toMatchObject({ t: 'data', data: expect.stringContaining('"credentials"') as string })
  })

  test.each([
    ['our own word, sent back', channelMac(primitives, SESSION, WEB, ANSWER, OFFER)],
    ['the word for another connection', channelMac(primitives, SESSION, APP, OFFER.replace('0A', '0C'), ANSWER)],
    ['the word of another session', channelMac(primitives, { ...SESSION, key: SESSION.id }, APP, OFFER, ANSWER)],
  ])('%s shuts the channel', (_, mac) => {
    joined()
    window.say({ t: 'lane-open', lane: 'webrtc', maxMessage: 65_536, local: ANSWER, remote: OFFER })
    window.say({ t: 'data', data: confirmOf(mac) })
    window.say({ t: 'data', data: '{"t":"hello","v":2,"name":"x","kind":"page"}' })
    expect(last()).toEqual({ t: 'close-lane' })
    expect(device.view()).toMatchObject({ state: 'connecting', trouble: 'tampered' })
    expect(events).toEqual([])
  })

  test('an app of 2018 confirms nothing, and what it may not claim is a lane of the other kind', () => {
    window.say({ t: 'joined', peer: LEGACY })
    window.openLegacy()
    expect(events).toEqual(['here'])
    window.say({ t: 'lane-open', lane: 'webrtc', maxMessage: 65_536, local: ANSWER, remote: OFFER })
    expect(last()).toEqual({ t: 'close-lane' })
  })
})

test('a key’s base64url is what the phone decodes', () => {
  const links = new PairingLinks()
  const own = links.use(links.current.id)
  expect(fromBase64Url(toBase64Url(own?.key ?? new Uint8Array(0)))).toEqual(new Uint8Array(own?.key ?? []))
})
