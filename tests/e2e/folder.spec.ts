import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listing, makeFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { stateBecomes } from '../support/moving.ts'

/** More than are shown one by one. */
const FILES = 40

/** A folder with folders in it. */
async function makeFolder(outbox: string): Promise<{ readonly path: string; readonly files: readonly string[] }> {
  const path = join(outbox, 'holiday')
  await mkdir(join(path, 'day 1', 'größe'), { recursive: true })
  const ways = ['', 'day 1', 'day 1/größe']
  const files = Array.from({ length: FILES }, (_, i) => join(ways[i % 3] ?? '', `IMG_${i}.JPG`))
  for (const [i, file] of files.entries()) await makeFile(path, file, 1_000 + i * 37, i)
  return { path, files }
}

test('a folder picked on the phone arrives with its structure, and once more without a second copy', async ({
  desktop,
  phone,
  outbox,
}) => {
  const folder = await makeFolder(outbox)
  await phone.page.getByTestId('folder-input').setInputFiles(folder.path)
  await stateBecomes(phone.page.getByTestId('batch'), 'done')
  for (const file of folder.files)
    expect(await sha256File(join(desktop.inbox, 'holiday', file))).toBe(await sha256File(join(folder.path, file)))
  await expect(desktop.window.getByTestId('batch')).toHaveAttribute('data-state', 'done')
  await phone.page.getByTestId('folder-input').setInputFiles(folder.path)
  await expect(phone.page.getByTestId('batch')).toHaveCount(2)
  await stateBecomes(phone.page.getByTestId('batch').first(), 'done')
  expect(await listing(desktop.inbox)).toEqual(['holiday'])
  expect((await listing(join(desktop.inbox, 'holiday'))).filter((name) => name.includes('(2)'))).toEqual([])
})

test('a folder dropped on the window reaches a browser as one zip', async ({ desktop, phone, outbox }) => {
  const folder = await makeFolder(outbox)
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'here')
  const cdp = await desktop.window.context().newCDPSession(desktop.window)
  const data = { items: [], files: [folder.path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await cdp.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
  }
  const end = await desktop.events.ended('holiday.zip')
  expect(end).toMatchObject({ state: 'done', direction: 'out' })
  const zip = await readFile(await phone.saved('holiday.zip'))
  expect([zip.subarray(0, 2).toString(), zip.byteLength]).toEqual(['PK', end['total']])
  for (const file of folder.files) expect(zip.includes(Buffer.from(`holiday/${file}`))).toBe(true)
  for (const file of folder.files) expect(zip.includes(await readFile(join(folder.path, file)))).toBe(true)
})
