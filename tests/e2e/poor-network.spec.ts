import { DelayTcp } from '../support/delay-tcp.ts'
import { DelayUdp } from '../support/delay-udp.ts'
import { makeFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { QUIET_MS } from '../support/patience.ts'
import { Phone } from '../support/phone.ts'
import { toldOf } from '../support/moving.ts'
import { join } from 'node:path'

/** G108: what a phone at the far end of a bad mobile network has. */
const BIT_RATE = 1_000_000
const DELAY_MS = 300
const LOST = { delayMs: DELAY_MS, lossPercent: 30, jitterMs: 100, bitRate: BIT_RATE }

for (const [lane, bytes] of [
  ['auto', 150_001],
  ['webrtc', 6_001],
] as const)
  test.describe(`G108: 30 % loss, 300 ms delay, reordering, 1 Mbit/s; lane ${lane}`, () => {
    test.use({ appOptions: ['--lane', lane] })
    test.slow()

    test('files both ways complete, and nothing times out while it goes on', async ({ desktop, phones, outbox }) => {
      const relay = await DelayUdp.open(LOST)
      const proxy = await DelayTcp.before(desktop.link(), DELAY_MS, BIT_RATE)
      const phone = await Phone.open(phones, proxy.link, relay.trick)
      try {
        // Dozens of round trips of 0.6 s, each third packet lost: it takes its time however fast the machine is.
        await phone.is('connected', 3 * QUIET_MS)
        const up = await makeFile(outbox, 'up.bin', bytes, 1)
        const down = await makeFile(outbox, 'down.bin', bytes, 2)
        await phone.send(up.path)
        await desktop.window.getByTestId('file-input').setInputFiles(down.path)
        for (const { name } of [up, down])
          expect(await desktop.events.ended(name)).toMatchObject({ state: 'done', proof: 'verified' })
        expect(await sha256File(join(desktop.inbox, up.name))).toBe(up.sha256)
        expect(await sha256File(await phone.saved(down.name))).toBe(down.sha256)
        // Once each: nothing was given up and begun again by a person, or twice.
        for (const { name } of [up, down])
          expect(toldOf(desktop.events, name).filter((e) => e['state'] !== 'moving')).toHaveLength(1)
        expect(relay.lost).toBeGreaterThan(0)
      } finally {
        await phone.close()
        await proxy.close()
        await relay.close()
      }
    })
  })
