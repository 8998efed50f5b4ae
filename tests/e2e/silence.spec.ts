import { join } from 'node:path'
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
    const up = await makeFile(outbox, 'up.bin', 30_000_000, 1)
    const down = await makeFile(outbox, 'down.bin', 30_000_000, 2)
    await phone.send(up.path)
    await desktop.window.getByTestId('file-input').setInputFiles(down.path)
    for (const { name } of [up, down]) await underWay(desktop.events, name, 5_000_000)
    relay.silent = true
    const since = performance.now()
    const from = desktop.events.all.length
    const goesOn = (name: string) =>
      desktop.events.wait(`${name} on the other way`, (e) => toldOf(desktop.events, name, from).includes(e) && e['lane'] === 'socket') // prettier-ignore
    await Promise.all([up, down].map(({ name }) => goesOn(name)))
    // The 8 seconds are timers of the app's and the phone's own, not work; the rest is for a busy machine. Where an end
    // waits for the other one to close its channel, it is 13.
    expect(performance.now() - since).toBeLessThan(12_000)
    for (const { name } of [up, down])
      expect(await desktop.events.ended(name)).toMatchObject({ state: 'done', proof: 'verified' })
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
