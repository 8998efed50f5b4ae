import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '#transfer/testing/ends.ts'
import { bytesOf, MemorySource } from '#transfer/testing/files.ts'
import { Core } from './core.ts'
import { Network } from './devices/shown-link.ts'
import { dataFor, hubOn } from './testing/hub.ts'
import { FakeWindow } from './testing/window.ts'

const CYCLES = process.env['LANYARD_SOAK'] === undefined ? 40 : 1_000
/** What a first phone brings into the program for good. */
const WARM_UP = 10

test(
  'H112: phones that come, begin a file and are removed leave nothing behind',
  { timeout: CYCLES * 20_000 },
  async () => {
    const inbox = await mkdtemp(join(tmpdir(), 'lanyard-cycles-'))
    const core = new Core({
      ...{ inbox, data: dataFor(inbox), name: 'Desk', token: '' },
      network: new Network([]),
      onEvent: () => undefined,
      onChange: () => undefined,
    })
    const cycle = async (): Promise<void> => {
      const { id } = core.links.current
      const device = core.deviceOf(id)!
      const window = new FakeWindow(() => device)
      core.attach(id, window)
      const phone = window.join()
      phone.send(new MemorySource('up.bin', bytesOf(3_000_000)))
      await until('some of it', () => core.state().transfers.some(({ bytes, total }) => bytes > 0 && bytes < total))
      core.pairedDevices.revoke(id)
      core.transferList.clearFinished()
      await until('gone', () => core.state().transfers.every(({ state }) => state !== 'moving'))
      core.transferList.clearFinished()
    }
    try {
      core.start(hubOn(1))
      for (let i = 0; i < WARM_UP; i++) await cycle()
      const held = () => process.getActiveResourcesInfo().length
      const before = held()
      for (let i = 0; i < CYCLES; i++) await cycle()
      await until('no part is left', () => core.inbox.parts().length === 0)
      await expect.poll(async () => (await readdir(inbox)).filter((name) => name !== 'up.bin')).toEqual([])
      const { devices, hosted, transfers } = core.state()
      expect([devices.length, hosted.length, transfers.length, core.links.all.length]).toEqual([0, 1, 0, 1])
      await expect.poll(held).toBeLessThanOrEqual(before + 5)
    } finally {
      await core.close()
      for (const folder of [inbox, dataFor(inbox)]) await rm(folder, { recursive: true, force: true })
    }
  },
)
