import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { TESTS_MAX, type KeptTest, type Remembered } from '#store/device-store.ts'
import { MeasureAnswers } from '#transfer/measuring/measure-answers.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { Core } from '#core/core.ts'
import { dataFor, hubOn } from '#core/testing/hub.ts'
import { FakePhone, FakeWindow, PAGE } from '#core/testing/window.ts'
import { Network } from './shown-link.ts'

let inbox = ''
let saved: readonly Remembered[] = []
const cores: Core[] = []
beforeEach(async () => {
  inbox = await mkdtemp(join(tmpdir(), 'lanyard-tests-'))
})
afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.close()))
  await rm(inbox, { recursive: true, force: true })
})

function run(testMs: number, remembered: readonly Remembered[] = []): Core {
  const core = new Core({
    inbox,
    data: dataFor(inbox),
    name: 'Desk',
    network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
    token: '',
    phones: {
      earlier: { devices: remembered },
      save: (kept) => {
        saved = kept.devices
        return Promise.resolve()
      },
      knowsAll: () => true,
    },
    testMs,
    onEvent: () => undefined,
    onChange: () => undefined,
  })
  cores.push(core)
  core.start(hubOn(3186))
  return core
}

/** A phone joins the link on the screen; it answers to tests, unless it is of an earlier version. */
function joined(core: Core, measures = true): { id: string; phone: FakePhone } {
  const { id } = core.links.current
  const window: FakeWindow = new FakeWindow(() => device!)
  const device = core.attach(id, window)
  const own = measures ? { newMeasuring: (say: ConstructorParameters<typeof MeasureAnswers>[0]) => new MeasureAnswers(say) } : {} // prettier-ignore
  const phone = new FakePhone({ ...own, self: { name: 'Pixel', kind: 'page', measures } })
  window.rejoin(phone, PAGE)
  return { id, phone }
}

const testOf = (core: Core, id: string) => core.state().devices.find((one) => one.id === id)?.test

test('what came of it is shown, and kept with the phone', async () => {
  const core = run(30)
  const { id } = joined(core)
  await until('greeted', () => testOf(core, id) !== undefined)
  expect(testOf(core, id)).toEqual({ step: null, isCut: false, kept: [] })
  const running = core.testConnection(id)
  expect(testOf(core, id)?.step).toEqual({ lane: 'webrtc', what: 'round-trip' })
  await running
  const [kept] = testOf(core, id)?.kept ?? []
  expect(kept?.lanes).toMatchObject([{ lane: 'webrtc' }])
  expect(kept?.lanes[0]?.out).toBeGreaterThan(0)
  expect(kept?.lanes[0]?.in).toBeGreaterThan(0)
  expect(saved[0]?.tests).toEqual([kept])
  const next = run(30, saved)
  expect(next.deviceOf(id)?.test.kept).toEqual([kept])
})

test('the last twenty are kept', () => {
  const core = run(30)
  const { id } = joined(core)
  const many = Array.from({ length: 30 }, (_, at): KeptTest => ({ at, lanes: [] }))
  core.deviceOf(id)?.test.restore(many)
  expect(core.deviceOf(id)?.test.kept).toEqual(many.slice(-TESTS_MAX))
})

test('a phone that does not know it is not asked', async () => {
  const core = run(30)
  const { id, phone } = joined(core, false)
  await until('greeted', () => core.deviceOf(id)?.name === 'Pixel')
  await core.testConnection(id)
  await core.testConnection('nobody')
  expect(testOf(core, id)).toBeUndefined()
  expect(phone.session.lanes).toEqual(['webrtc'])
})

test('files of another phone that move end it, and it does not begin while they do', async () => {
  const core = run(60_000)
  const first = joined(core)
  await until('greeted', () => testOf(core, first.id) !== undefined)
  const other = joined(core)
  const running = core.testConnection(first.id)
  await until('it fills', () => testOf(core, first.id)?.step?.what === 'out')
  // One at a time.
  await core.testConnection(other.id)
  expect(testOf(core, other.id)?.step ?? null).toBeNull()
  other.phone.send(new MemorySource('moves.bin', bytesOf(40 * BLOCK_BYTES)))
  await running
  expect(testOf(core, first.id)).toEqual({ step: null, isCut: true, kept: [] })
  await until('it moves', () => core.transferList.isMoving)
  await core.testConnection(first.id)
  expect(testOf(core, first.id)).toEqual({ step: null, isCut: true, kept: [] })
})

test('a person ends it, and removing the phone does', async () => {
  const core = run(60_000)
  const { id } = joined(core)
  await until('greeted', () => testOf(core, id) !== undefined)
  const first = core.testConnection(id)
  core.deviceOf(id)?.test.stop()
  await first
  expect(testOf(core, id)?.isCut).toBe(true)
  const second = core.testConnection(id)
  core.pairedDevices.revoke(id)
  await second
  expect(core.deviceOf(id)).toBeUndefined()
})
