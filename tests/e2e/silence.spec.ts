import { join } from 'node:path'
import { CREDIT_BYTES } from '#protocol/limits.ts'
import { DelayUdp } from '../support/delay-udp.ts'
import { makeFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { toldOf, underWay } from '../support/moving.ts'
import { Phone } from '../support/phone.ts'

test.use({ appOptions: ['--lane', 'webrtc'] })
test.slow()

test('the direct way falls silent in the middle: files both ways go on over the other within 8 seconds', async ({
  desktop,
  phones,
  outbox,
}) => {
  const relay = await DelayUdp.open({ delayMs: 0 })
  const phone = await Phone.open(phones, desktop.link(), relay.trick)
  try {
    await phone.is('connected')
    const up = await makeFile(outbox, 'up.bin', 60_000_000, 1)
    const down = await makeFile(outbox, 'down.bin', 60_000_000, 2)
    await phone.send(up.path)
    await desktop.window.getByTestId('file-input').setInputFiles(down.path)
    for (const { name } of [up, down]) await underWay(desktop.events, name, 10_000_000)
    relay.silent = true
    // What was on its way may still be told of.
    const there = (name: string): number => Number(toldOf(desktop.events, name).at(-1)?.['bytes']) + CREDIT_BYTES
    const goesOn = (name: string, bytes: number) =>
      desktop.events.wait(
        `${name} beyond ${bytes} bytes`,
        (e) => e['name'] === name && e['lane'] === 'socket' && Number(e['bytes']) > bytes,
        // What a person was promised, and a second for a busy machine.
        9_000,
      )
    await Promise.all([up, down].map(({ name }) => goesOn(name, there(name))))
    for (const { name } of [up, down])
      expect(await desktop.events.ended(name, 60_000)).toMatchObject({ state: 'done', proof: 'verified' })
    expect(await sha256File(join(desktop.inbox, up.name))).toBe(up.sha256)
    expect(await sha256File(await phone.saved(down.name))).toBe(down.sha256)
    // Nothing came twice: what was there never became less.
    for (const { name } of [up, down]) {
      const bytes = toldOf(desktop.events, name).map((e) => Number(e['bytes']))
      expect(bytes).toEqual(bytes.toSorted((a, b) => a - b))
    }
  } finally {
    await phone.close()
    await relay.close()
  }
})
