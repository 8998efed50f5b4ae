import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { RunningApp } from '../support/app.ts'
import { listing, makeFile, sha256File } from '../support/files.ts'
import { expect, test as base } from '../support/fixtures.ts'
import { ReferencePhone } from '../support/reference-phone.ts'

/** The reference phone, which knows the protocol by its README alone, before the real app. */

interface PerTest {
  readonly join: (link: string | null, options?: readonly string[]) => Promise<ReferencePhone>
}
const test = base.extend<PerTest>({
  join: async ({ outbox }, use) => {
    const phones: ReferencePhone[] = []
    await use(async (link, options = []) => {
      const folder = join(outbox, 'phone')
      await mkdir(folder, { recursive: true })
      const phone = new ReferencePhone(folder, link, options)
      phones.push(phone)
      await phone.connected()
      return phone
    })
    for (const phone of phones) await phone.close()
    expect(phones.map(({ stderr, events }) => [stderr, events.noise])).toEqual(phones.map(() => ['', []]))
  },
})

const SIZES = [0, 1, 65_000, 65_001, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5_000_003]

async function sendFromWindow({ window }: RunningApp, paths: readonly string[]): Promise<void> {
  await window.getByTestId('file-input').setInputFiles([...paths])
}

test('pairs by the link; files of every size, both ways', async ({ desktop, outbox, join: joinPhone }) => {
  const phone = await joinPhone(desktop.link())
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'here')
  const up = await Promise.all(SIZES.map((size) => makeFile(outbox, `up-${size}.bin`, size)))
  for (const { path } of up) phone.type(`send ${path}`)
  for (const { name, sha256 } of up) {
    expect(await desktop.events.ended(name)).toMatchObject({ state: 'done', direction: 'in', sha256 })
    expect(await sha256File(join(desktop.inbox, name))).toBe(sha256)
  }
  const down = await Promise.all(SIZES.map((size) => makeFile(outbox, `down-${size}.bin`, size)))
  await sendFromWindow(desktop, down.map(({ path }) => path)) // prettier-ignore
  for (const { name, sha256 } of down) {
    expect(await desktop.events.ended(name)).toMatchObject({ state: 'done', direction: 'out' })
    expect(await sha256File(await phone.received(name))).toBe(sha256)
  }
  expect(await listing(phone.inbox)).toEqual(down.map(({ name }) => name).sort())
})

test('the channel is lost in the midst of files both ways: they go on', async ({ desktop, outbox, join: joinPhone }) => {
  const phone = await joinPhone(desktop.link())
  const up = await makeFile(outbox, 'up.bin', 40_000_003)
  const down = await makeFile(outbox, 'down.bin', 40_000_003, 7)
  phone.type(`send ${up.path}`)
  await sendFromWindow(desktop, [down.path])
  const isMoving = (name: string): boolean =>
    desktop.events.all.some((e) => e.event === 'transfer' && e['name'] === name && Number(e['bytes']) > 2_000_000)
  await expect.poll(() => isMoving('up.bin') && isMoving('down.bin'), { timeout: 20_000 }).toBe(true)
  phone.type('cut')
  await phone.connected(2)
  expect(await desktop.events.ended('up.bin', 40_000)).toMatchObject({ state: 'done', sha256: up.sha256 })
  expect(await desktop.events.ended('down.bin', 40_000)).toMatchObject({ state: 'done' })
  expect(await sha256File(await phone.received('down.bin'))).toBe(down.sha256)
}) // prettier-ignore

test('comes back by itself, without the link, and with a name that was there', async ({ desktop, outbox, join: joinPhone }) => {
  const file = await makeFile(outbox, 'twice.bin', 100_000)
  const first = await joinPhone(desktop.link())
  await first.events.wait('a key of its own', (e) => e.event === 'kept')
  await sendFromWindow(desktop, [file.path])
  await first.received('twice.bin')
  await first.close('SIGKILL')
  const again = await joinPhone(null)
  await sendFromWindow(desktop, [file.path])
  expect(await sha256File(await again.received('twice (2).bin'))).toBe(file.sha256)
}) // prettier-ignore
