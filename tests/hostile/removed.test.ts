import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Core } from '#core/core.ts'
import type { AppEvent } from '#core/app-events.ts'
import { Network } from '#core/devices/shown-link.ts'
import { LaneClient } from '#hub/testing/lane-client.ts'
import { registered } from '#hub/testing/registered.ts'
import { cipherHere } from '#hub/testing/cipher-here.ts'
import type { Stage } from '#hub/testing/stage.ts'
import { eventually } from '#hub/testing/client.ts'
import type { SessionKey } from '#protocol/proof.ts'
import { RECORD } from '#protocol/sealed-records.ts'
import { endScenes, scene } from './support/scene.ts'

endScenes()

/** The core and the hub as the app puts them together; a fake would hide what lies between them. */
let core: Core
let stage: Stage
let folder: string
let events: AppEvent[]
const clients: LaneClient[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-removed-'))
  events = []
  core = new Core({
    inbox: join(folder, 'inbox'),
    data: join(folder, 'data'),
    name: 'Desk',
    network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
    token: '',
    onEvent: (event) => events.push(event),
    onChange: () => undefined,
  })
  stage = await scene({
    admit: (uid) => core.links.hosts(uid),
    mayBeLegacy: (uid) => core.links.mayBeLegacy(uid),
    askLegacy: core.legacyPrompts.ask,
    keyring: core.pairedDevices.keyring,
    lanes: core.laneHost,
    startCipher: cipherHere,
  })
  core.start(stage.hub)
})
afterEach(async () => {
  for (const { ws } of clients.splice(0)) ws.terminate()
  await core.close()
  await rm(folder, { recursive: true, force: true })
})

function dial(): LaneClient {
  const client = new LaneClient(stage.hub.port)
  clients.push(client)
  return client
}
/** A phone that has scanned the code; the window says that it is there. */
async function phone() {
  const { id, uid, key } = core.links.current
  const { client, session } = await registered(stage, uid, key)
  const device = core.deviceOf(id)!
  device.receive({ t: 'joined', peer: { v: 2, name: 'P', kind: 'page' } })
  return { id, uid, key, client, session, device }
}
const HELLO = JSON.stringify({ t: 'hello', v: 2, name: 'P', kind: 'page' })
const OFFER = JSON.stringify({ t: 'offer', n: 1, id: 'a'.repeat(32), name: 'a.txt', size: 0, mtime: 0 })
const sendsFile = (lane: LaneClient): void => {
  for (const frame of [HELLO, OFFER]) lane.say(RECORD.text, frame)
}
const paired = (): number => events.filter(({ event }) => event === 'paired').length

/** How far the phone is when it is removed; returns what it does afterwards. */
const STEPS: Record<string, (session: SessionKey) => Promise<() => Promise<unknown>>> = {
  'before its first byte': (session) => Promise.resolve(() => expect(dial().agree(session)).rejects.toThrow('1008')),
  'before its hello': async (session) => {
    const lane = dial()
    await lane.opened()
    return () => expect(lane.agree(session)).rejects.toThrow('1008')
  },
  'after the answer': async (session) => {
    const lane = dial()
    await lane.agree(session)
    return async () => {
      lane.say(RECORD.confirm)
      sendsFile(lane)
      expect(await lane.closed()).toBe(1006)
    }
  },
  'with its confirm under way': async (session) => {
    const lane = dial()
    await lane.agree(session)
    lane.say(RECORD.confirm)
    sendsFile(lane)
    return async () => expect([1000, 1006]).toContain(await lane.closed())
  },
  'with its lane open': async (session) => {
    const lane = await dial().join(session)
    await eventually('the lane', () => paired() === 1)
    return async () => {
      sendsFile(lane)
      expect(await lane.closed()).toBe(1000)
    }
  },
}

test.each(Object.keys(STEPS))('B41: a phone that is removed %s sends nothing any more', async (step) => {
  const { id, uid, key, client, session } = await phone()
  const then = await STEPS[step]!(session)
  const before = paired()
  core.pairedDevices.revoke(id)
  await then()
  await expect(dial().agree(session)).rejects.toThrow('1008')
  await client.disconnected()
  await expect(registered(stage, uid, key)).rejects.toThrow('refused')
  expect([core.deviceOf(id), paired(), core.state().transfers]).toEqual([undefined, before, []])
})

test('B41: what the window still says of a phone that was removed comes to nothing', async () => {
  const { id, device } = await phone()
  core.pairedDevices.revoke(id)
  device.proved({ id: randomBytes(32), key: randomBytes(32) })
  device.receive({ t: 'joined', peer: { v: 1, name: '', kind: 'legacy' } })
  device.receive({ t: 'lane-open', lane: 'legacy', maxMessage: 65_536, local: '', remote: '' })
  device.receive({ t: 'signal', event: 'transfile', payload: { size: 1, name: 'a.txt' } })
  device.receive({ t: 'data', data: Uint8Array.of(1) })
  expect([device.sessionKey, device.lane, paired(), core.state().transfers]).toEqual([null, null, 0, []])
})
