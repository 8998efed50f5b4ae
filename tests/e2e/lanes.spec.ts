import { join } from 'node:path'
import { BLOCK_BYTES, BLOCK_HEADER_BYTES, MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import { readFile } from 'node:fs/promises'
import { makeFile, makeLongFile, sha256File, type TestFile } from '../support/files.ts'
import { DelayTcp } from '../support/delay-tcp.ts'
import { DelayUdp } from '../support/delay-udp.ts'
import { expect, test } from '../support/fixtures.ts'
import { toldOf, underWay } from '../support/moving.ts'
import type { RunningApp } from '../support/app.ts'
import { Phone } from '../support/phone.ts'

const CHUNK = MESSAGE_BYTES_MAX - BLOCK_HEADER_BYTES
const SIZES = [0, 1, CHUNK, CHUNK + 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 4_000_003]

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

/** Bits a second of the lane that is made slow: a fraction of what either does on any machine. */
const SLOW_BITS = 4_000_000

/** How many of the bytes of a file were told to have come over which lane. */
function sharesOf(desktop: RunningApp, name: string): Map<string, number> {
  const shares = new Map<string, number>()
  let before = 0
  for (const told of toldOf(desktop.events, name)) {
    const lane = String(told['lane'])
    shares.set(lane, (shares.get(lane) ?? 0) + Number(told['bytes']) - before)
    before = Number(told['bytes'])
  }
  return shares
}

for (const [slow, fast] of [
  ['socket', 'webrtc'],
  ['webrtc', 'socket'],
] as const)
  test(`a large file decides by itself for ${fast}, where the other is slow; both ends say so, and the next one begins there`, async ({
    desktop,
    phones,
    outbox,
  }) => {
    const relay = await DelayUdp.open({ delayMs: 1, bitRate: slow === 'webrtc' ? SLOW_BITS : Infinity })
    const proxy = await DelayTcp.before(desktop.link(), 1, slow === 'socket' ? SLOW_BITS : Infinity)
    const phone = await Phone.open(phones, proxy.link, relay.trick)
    try {
      await phone.is('connected')
      for (const go of [goUp, goDown]) {
        const first = await makeFile(outbox, `${go.name}.bin`, 16_000_000, 1)
        await go(desktop, phone, [first])
        const shares = sharesOf(desktop, first.name)
        expect(shares.get(fast) ?? 0, JSON.stringify([...shares])).toBeGreaterThan(0.5 * first.size)
        const next = await makeFile(outbox, `${go.name}-next.bin`, 3_000_000, 2)
        await go(desktop, phone, [next])
        const told = toldOf(desktop.events, next.name).filter((event) => Number(event['bytes']) > 0)
        expect(told.map((event) => event['lane'])).toEqual(told.map(() => fast))
        await phoneUses(phone, fast)
      }
    } finally {
      await phone.close()
      await proxy.close()
      await relay.close()
    }
  })
