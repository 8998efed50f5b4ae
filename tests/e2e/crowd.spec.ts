import { join } from 'node:path'
import { joinAll } from '../support/crowd.ts'
import { listing, makeFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'

const PHONES = 8
const FILES_EACH = 4
/** Two blocks: that many phones at once are the matter, not their sizes. */
const BYTES = 1_100_001

test('H111: eight phones with four files each, every phone by a link of its own', async ({
  desktop,
  phones,
  outbox,
}) => {
  test.slow()
  const joined = await joinAll(phones, desktop, PHONES)
  const files = await Promise.all(
    joined.map((_, n) =>
      Promise.all(
        Array.from({ length: FILES_EACH }, (__, i) => makeFile(outbox, `of ${n}, ${i}.bin`, BYTES, n * 10 + i)),
      ),
    ),
  )
  await Promise.all(joined.map((phone, n) => phone.send((files[n] ?? []).map(({ path }) => path))))
  for (const file of files.flat()) {
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
    expect(await sha256File(join(desktop.inbox, file.name))).toBe(file.sha256)
  }
  expect(await listing(desktop.inbox)).toHaveLength(PHONES * FILES_EACH)
  await expect(desktop.window.getByTestId('device')).toHaveCount(PHONES)
  for (const phone of joined) {
    expect(phone.problems).toEqual([])
    await phone.close()
  }
})
