import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { formatLink } from '#protocol/pairing.ts'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { hubOn, dataFor } from './testing/hub.ts'
import { Core } from './core.ts'
import type { AppEvent } from './app-events.ts'
import { Network } from './devices/shown-link.ts'
import { FakeWindow } from './testing/window.ts'

/** What the window is told must not be enough to join on a phone's link, nor name a place on this computer. */

let inbox = ''
const cores: Core[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(cores.splice(0).map((one) => one.close()))
  await rm(inbox, { recursive: true, force: true })
})

async function deskWithPhone() {
  inbox = await mkdtemp(join(tmpdir(), 'lanyard-secrets-'))
  const events: AppEvent[] = []
  const core = new Core({
    inbox,
    data: dataFor(inbox),
    name: 'Desk',
    network: new Network([{ address: '192.168.1.20', adapter: 'eth0', kind: 'real' }]),
    token: 'token',
    onEvent: (event) => events.push(event),
    onChange: () => undefined,
  })
  cores.push(core)
  core.start(hubOn(3186))
  const device = core.attach(core.links.current.id, new FakeWindow(() => device!))
  const window = new FakeWindow(() => device!)
  device!.attach(window)
  return { core, events, phone: window.join() }
}

test('the state holds no path, and no key but the one in the link on the screen', async () => {
  const { core, phone } = await deskWithPhone()
  phone.send(new MemorySource('up.bin', bytesOf(10)))
  core.transferList.send(core.state().devices[0]!.id, [new MemorySource('down.bin', bytesOf(10))])
  await until('both', () => core.state().transfers.filter(({ state }) => state === 'done').length === 2)

  const { link, ...rest } = core.state()
  const { uid, key } = core.links.current
  expect(link?.text).toBe(formatLink({ address: '192.168.1.20', port: 3186, uid, key }))
  const shown = JSON.stringify({ ...rest, link: { ...link, text: '' } })
  expect(shown).toContain('up.bin')
  expect(shown).not.toContain(tmpdir())
  expect(core.links.all).toHaveLength(2)
  for (const one of core.links.all) {
    const bytes = Buffer.from(one.key ?? [])
    for (const text of [bytes.toString('base64url'), bytes.toString('hex'), [...bytes].join(',')])
      expect(shown).not.toContain(text)
  }
})

test('pathOf knows received files only', async () => {
  const { core, phone } = await deskWithPhone()
  phone.send(new MemorySource('up.bin', bytesOf(10)))
  core.transferList.send(core.state().devices[0]!.id, [new MemorySource('down.bin', bytesOf(10))])
  await until('both', () => core.state().transfers.filter(({ state }) => state === 'done').length === 2)
  const paths = core.state().transfers.map(({ id, name }) => [name, core.transferList.pathOf(id)])
  expect(Object.fromEntries(paths)).toEqual({ 'up.bin': join(inbox, 'up.bin'), 'down.bin': null })
})

test('with time standing still, a transfer is told when it turns and never between', async () => {
  const { core, events, phone } = await deskWithPhone()
  vi.spyOn(performance, 'now').mockReturnValue(1_000_000)
  phone.send(new MemorySource('up.bin', bytesOf(20_000_000)))
  // Not `until`: it looks at the clock that stands still here.
  await vi.waitUntil(() => core.state().transfers[0]?.state === 'done', { timeout: 60_000 })
  const told = events.flatMap((e) => (e.event === 'transfer' ? [`${e.state} ${e.phase}`] : []))
  expect(told).toEqual(['moving waiting', 'moving sending', 'moving checking', 'done checking'])
})
