import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { startHeadless } from '../support/headless.ts'
import { Phone } from '../support/phone.ts'

const PROGRAM = join(import.meta.dirname, '../../release/linux-unpacked/lanyard')

test('the packaged app does the main job', async ({ phones, outbox }) => {
  const down = await makeFile(outbox, 'down.bin', 3_000_001)
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const desktop = await startHeadless(PROGRAM, root, ['--send', down.path])
  const phone = await Phone.join(phones, desktop.link)
  expect(await desktop.app.events.ended('down.bin')).toMatchObject({ state: 'done', sha256: down.sha256 })
  expect(await sha256File(await phone.saved('down.bin'))).toBe(down.sha256)
  const up = await makeFile(outbox, 'up.bin', 3_000_001, 5)
  await phone.send(up.path)
  expect(await desktop.app.events.ended('up.bin')).toMatchObject({ state: 'done', sha256: up.sha256 })
  expect(await sha256File(join(desktop.inbox, 'up.bin'))).toBe(up.sha256)
  expect(phone.problems).toEqual([])
  // Its WebAssembly was packed too: otherwise the history would be in memory alone.
  expect(await readdir(desktop.data)).toContain('lanyard.db')
  await phone.close()
  expect(await desktop.close()).toBe(0)
})
