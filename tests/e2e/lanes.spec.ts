import { join } from 'node:path'
import { BLOCK_BYTES, BLOCK_HEADER_BYTES, MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import { readFile } from 'node:fs/promises'
import { makeFile, makeLongFile, sha256File, type TestFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { toldOf, underWay } from '../support/moving.ts'
import type { RunningApp } from '../support/app.ts'
import type { Phone } from '../support/phone.ts'

const CHUNK = MESSAGE_BYTES_MAX - BLOCK_HEADER_BYTES
const SIZES = [0, 1, CHUNK, CHUNK + 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 12_000_003]

/** The page says what it uses, and uses nothing else. */
async function phoneUses(phone: Phone, lane: string): Promise<void> {
  await expect(phone.page.getByTestId('lane')).toHaveAttribute('data-lane', lane)
}

/** The way that is wished for is there: which of the two opens first depends on the machine. */
async function isOn(desktop: RunningApp, lane: string): Promise<void> {
  const shown = () => desktop.window.evaluate(async () => (await window.lanyard.state()).devices[0]?.lane)
  await expect.poll(shown).toBe(lane)
}

async function goUp(desktop: RunningApp, phone: Phone, files: readonly TestFile[]): Promise<void> {
  await phone.send(files.map(({ path }) => path))
  for (const file of files) {
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
    expect(await sha256File(join(desktop.inbox, file.name))).toBe(file.sha256)
  }
}

async function goDown(desktop: RunningApp, phone: Phone, files: readonly TestFile[]): Promise<void> {
  await desktop.window.getByTestId('file-input').setInputFiles(files.map(({ path }) => path))
  for (const file of files) {
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
    expect(await sha256File(await phone.saved(file.name))).toBe(file.sha256)
  }
}

for (const lane of ['socket', 'webrtc'] as const) {
  test.describe(`--lane ${lane}`, () => {
    test.use({ appOptions: ['--lane', lane] })

    test(`files of every size travel both ways over ${lane}`, async ({ desktop, phone, outbox }) => {
      await isOn(desktop, lane)
      const up = await Promise.all(SIZES.map((size) => makeFile(outbox, `up-${size}.bin`, size)))
      const down = await Promise.all(SIZES.map((size) => makeFile(outbox, `down-${size}.bin`, size, size + 7)))
      await goUp(desktop, phone, up)
      await goDown(desktop, phone, down)
      for (const { name } of [...up, ...down]) {
        expect(toldOf(desktop.events, name).at(-1)).toMatchObject({ lane })
        await phone.rowIs(name, 'done')
      }
      await phoneUses(phone, lane)
      expect(phone.problems).toEqual([])
    })

    test(`B41: a phone that is removed in the middle is cut off over ${lane}, and its key is gone`, async ({
      desktop,
      phone,
      outbox,
    }) => {
      const file = await makeLongFile(outbox, 'large.bin', 300_000_000)
      await isOn(desktop, lane)
      await phone.send(file.path)
      await underWay(desktop.events, file.name, 2_000_000)
      expect(toldOf(desktop.events, file.name).at(-1)).toMatchObject({ lane })
      const { id } = (await desktop.events.wait('paired', (e) => e.event === 'paired'))['device'] as { id: string }
      const card = desktop.window.getByTestId('device').first()
      await card.getByTestId('remove').click()
      await card.getByTestId('remove-really').click()
      expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'failed', reason: 'revoked' })
      await phone.is('refused')
      await phone.rowIs(file.name, 'failed')
      const store = join(desktop.folder, 'data', 'devices.json')
      await expect.poll(async () => (await readFile(store, 'utf8')).includes(id)).toBe(false)
    })
  })
}

test('a large file decides by itself, both ends say for what, and the next one begins there', async ({
  desktop,
  phone,
  outbox,
}) => {
  const file = await makeFile(outbox, 'large.bin', 100_000_000)
  const next = await makeFile(outbox, 'next.bin', 20_000_000)
  await goUp(desktop, phone, [file])
  const lanesOf = (name: string) =>
    toldOf(desktop.events, name)
      .filter((e) => Number(e['bytes']) > 0)
      .map((e) => e['lane'])
  for (const lane of lanesOf(file.name)) expect(['webrtc', 'socket']).toContain(lane)
  await goUp(desktop, phone, [next])
  expect(lanesOf(next.name)[0]).toBe(lanesOf(file.name).at(-1))
  await goDown(desktop, phone, [await makeFile(outbox, 'down.bin', 100_000_000, 5)])
  const lane = await phone.page.getByTestId('lane').getAttribute('data-lane')
  expect(['webrtc', 'socket']).toContain(lane)
})
