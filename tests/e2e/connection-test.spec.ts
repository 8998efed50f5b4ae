import { expect, test } from '../support/fixtures.ts'
import { makeFile } from '../support/files.ts'
import { QUIET_MS } from '../support/patience.ts'

test('a connection is tested, both ways over each lane, and a file that begins meanwhile comes first', async ({
  desktop,
  phone,
  outbox,
}) => {
  const panel = desktop.window.getByTestId('connection-test')
  const lanes = () => desktop.window.evaluate(async () => (await window.lanyard.state()).devices[0]?.test?.kept.at(-1)?.lanes ?? []) // prettier-ignore
  await desktop.window.getByTestId('test-connection').click()
  await expect(panel.getByTestId('test-result')).toBeVisible({ timeout: 3 * QUIET_MS })
  const found = await lanes()
  expect(found.map(({ lane }) => lane).sort()).toEqual(['socket', 'webrtc'])
  for (const one of found) {
    expect(Math.min(one.out, one.in)).toBeGreaterThan(0)
    expect(one.roundTrip).not.toBeNull()
  }
  await desktop.window.getByTestId('test-connection').click()
  await expect(panel).toHaveAttribute('data-step', 'out')
  const file = await makeFile(outbox, 'comes first.bin', 3_000_001)
  await phone.send(file.path)
  expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  await expect(panel.getByTestId('test-cut')).toBeVisible()
  expect(await lanes()).toEqual(found)
  expect(phone.problems).toEqual([])
})
