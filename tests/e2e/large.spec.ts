import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { toldOf } from '../support/moving.ts'

/** Bytes: more than a page holds of anything. */
const SIZE = 300_000_000
const NAME = 'größe 图 "quoted" (1).bin'

/** A file that takes no room on the disk, and is not the same everywhere. */
async function sparse(path: string): Promise<string> {
  const file = await open(path, 'w')
  await file.truncate(SIZE)
  for (const at of [0, 123_456_789, SIZE - 5]) await file.write(Buffer.from('here!'), 0, 5, at)
  await file.close()
  return sha256File(path)
}

test('a file too large for the page is a download that a person starts', async ({ desktop, phone, outbox }) => {
  const path = join(outbox, NAME)
  const hash = await sparse(path)
  await desktop.window.getByTestId('file-input').setInputFiles(path)
  const link = phone.row(NAME).getByTestId('download')
  await expect(link).toBeVisible()
  expect(await link.getAttribute('href')).toMatch(/^\/[\w/-]{43,}/)
  // It waits: nothing has come, and nothing is fetched by looking at it.
  await phone.page.waitForLoadState('networkidle')
  expect(phone.downloads).toEqual([])
  expect(toldOf(desktop.events, NAME).every((e) => e['bytes'] === 0 && e['state'] === 'moving')).toBe(true)

  const [download] = await Promise.all([phone.page.waitForEvent('download'), link.click()])
  expect(download.suggestedFilename()).toBe(NAME.replaceAll('"', '_'))
  expect(new URL(download.url()).protocol).toBe('http:')
  expect(await sha256File(await download.path())).toBe(hash)
  expect(await desktop.events.ended(NAME)).toMatchObject({
    ...{ state: 'done', direction: 'out', lane: 'http', proof: 'browser', bytes: SIZE, total: SIZE },
  })
  await phone.rowIs(NAME, 'done')
  await expect(link).toHaveCount(0)
  expect(phone.problems).toEqual([])
})
