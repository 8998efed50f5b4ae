import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Source } from '#transfer/source.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { Core } from './core.ts'
import { Network } from './devices/shown-link.ts'
import { sendPaths } from './transfers/send.ts'
import { dataFor, hubOn } from './testing/hub.ts'
import { FakeWindow } from './testing/window.ts'

let inbox = ''
let core: Core
beforeEach(async () => {
  inbox = await mkdtemp(join(tmpdir(), 'lanyard-batches-'))
  core = new Core({
    ...{ inbox, data: dataFor(inbox), name: 'Desk', token: '' },
    network: new Network([]),
    onEvent: () => undefined,
    onChange: () => undefined,
  })
  core.start(hubOn(1))
})
afterEach(async () => {
  await core.close()
  for (const folder of [inbox, dataFor(inbox)]) await rm(folder, { recursive: true, force: true })
})

function joined() {
  const id = core.links.current.id
  const device = core.deviceOf(id)!
  const window = new FakeWindow(() => device)
  core.attach(id, window)
  return { id, phone: window.join() }
}

/** Files of the folder `holiday`, each of its own bytes. */
async function* files(count: number, from = 0): AsyncGenerator<Source, void, undefined> {
  for (let i = from; i < from + count; i++) {
    const source = new MemorySource(`${i}`, bytesOf(100 + i, i))
    yield await Promise.resolve(Object.assign(source, { path: ['holiday', 'deep'] }))
  }
}
const batch = (letter: string, count: number) => ({
  id: letter.repeat(32),
  name: 'holiday',
  files: count,
  bytes: 9_000,
})
const over = (count = 1) =>
  until('batches over', () => core.state().batches.filter(({ state }) => state === 'done').length === count)
/** An app, whatever its greeting says. */
const takesFolders = (id: string) =>
  Object.defineProperty(core.deviceOf(id)!, 'takesFolders', { get: () => true, set: () => undefined })

test('E84: files that are there by size, time and hash are counted on both sides, and the folder can be shown', async () => {
  const { id, phone } = joined()
  phone.sendBatch(batch('a', 31), files(31))
  await over()
  expect(core.state().batches).toMatchObject([{ done: 31, already: 0, canShow: true }])
  phone.sendBatch(batch('b', 40), files(40))
  await over(2)
  const [row] = core.state().batches
  expect(row).toMatchObject({ id: `${id}-${'b'.repeat(32)}`, done: 40, verified: 40, already: 31, canShow: true })
  expect(phone.told.ended.filter(({ already }) => already)).toHaveLength(31)
  expect(core.transferList.pathOf(row!.id)).toBe(join(inbox, 'holiday'))
  core.transferList.clearFinished()
  expect(core.transferList.pathOf(row!.id)).toBeNull()
})

test('one id of two devices is two batches: each is counted, shown and cancelled alone', async () => {
  const [one, two] = [joined(), joined()]
  for (const { id } of [one, two]) core.setAutoAccept(id, false)
  one.phone.sendBatch(batch('a', 31), files(31))
  two.phone.sendBatch(batch('a', 31), files(31))
  await until('all ask', () => core.state().transfers.length === 62)
  const [a, b] = core.state().batches
  expect([a?.id, b?.id].sort()).toEqual([one.id, two.id].map((id) => `${id}-${'a'.repeat(32)}`).sort())
  // What a row of the list says of its batch is that batch’s id.
  for (const { batch: of, deviceId } of core.state().transfers) expect(of).toBe(`${deviceId}-${'a'.repeat(32)}`)
  core.transferList.cancel(`${one.id}-${'a'.repeat(32)}`)
  await until('cancelled', () => one.phone.told.moving.length === 0)
  expect(two.phone.told.moving).toHaveLength(31)
  const states = core.state().batches.map(({ deviceId, state }) => [deviceId === one.id, state])
  expect(states.sort()).toEqual([[false, 'moving'], [true, 'cancelled']]) // prettier-ignore
})

test('D71: what can’t be sent of a folder is counted and named', async () => {
  const { id } = joined()
  takesFolders(id)
  const folder = join(inbox, 'out')
  await mkdir(folder)
  for (let i = 0; i < 31; i++) await writeFile(join(folder, `${i}`), `${i}`)
  await symlink('/etc/hostname', join(folder, 'link'))
  await sendPaths(core, id, [folder])
  expect(core.state().batches).toMatchObject([{ files: 31, skipped: 1, skippedNames: ['out/link'] }])
  await over()
  expect(core.state().batches[0]?.canShow).toBe(false)
})

test('where nobody is there to take a batch it is said, and no row is left that never moves', async () => {
  const { id } = joined()
  takesFolders(id)
  core.deviceOf(id)!.cut('failed')
  await writeFile(join(inbox, 'a'), 'a')
  await mkdir(join(inbox, 'out'))
  await writeFile(join(inbox, 'out', 'b'), 'b')
  for (const path of ['a', 'out']) {
    await expect(sendPaths(core, id, [join(inbox, path)])).rejects.toMatchObject({ code: 'peer-left' })
  }
  expect([core.state().batches, core.state().transfers, core.resendQueue.filesFor(id)]).toEqual([[], [], []])
})
