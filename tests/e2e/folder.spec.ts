import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Page } from '@playwright/test'
import { fromBufferPromise } from 'yauzl'
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
  await drop(desktop.window, [folder.path])
  const end = await desktop.events.ended('holiday.zip')
  expect(end).toMatchObject({ state: 'done', direction: 'out' })
  const zip = await readFile(await phone.saved('holiday.zip'))
  expect([zip.subarray(0, 2).toString(), zip.byteLength]).toEqual(['PK', end['total']])
  for (const file of folder.files) expect(zip.includes(Buffer.from(`holiday/${file}`))).toBe(true)
  for (const file of folder.files) expect(zip.includes(await readFile(join(folder.path, file)))).toBe(true)
})

/** A path of the disk in which each é is the one byte of Latin-1, as in names from before UTF-8. */
const inLatin1 = (path: string): Buffer => Buffer.from(path, 'latin1')

test('a folder with a name in Latin-1 arrives whole, and what can’t be sent of it is said on both sides', async ({
  desktop,
  phone,
  outbox,
}) => {
  const folder = join(outbox, 'around')
  await mkdir(join(folder, 'none'), { recursive: true })
  await writeFile(inLatin1(join(folder, 'café.txt')), 'in bytes')
  await writeFile(join(folder, 'café.txt'), 'in text')
  await symlink('/nowhere', join(folder, 'dead link'))
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'here')
  await drop(desktop.window, [folder])
  expect(await desktop.events.ended('around.zip')).toMatchObject({ state: 'done', skipped: 1 })
  const said = { skipped: 1, skippedNames: ['around/dead link'] }
  expect(await desktop.events.wait('left out', ({ event }) => event === 'skipped')).toMatchObject(said)
  const files: Record<string, string> = {}
  const zip = await fromBufferPromise(await readFile(await phone.saved('around.zip')))
  for await (const one of zip.eachEntry())
    files[one.fileName] = (await buffer(await zip.openReadStreamPromise(one))).toString()
  expect(files).toEqual({ 'around/café.txt': 'in text', 'around/café (2).txt': 'in bytes', 'around/none/': '' })
  for (const side of [desktop.window, phone.page]) {
    await expect(side.getByTestId('transfer').getByText('1 left out')).toBeVisible()
    await expect(side.getByTestId('left-out')).toContainText('around/dead link')
  }
})

test('a file with a name in Latin-1 that is dropped by itself arrives', async ({ desktop, phone, outbox }) => {
  await writeFile(inLatin1(join(outbox, 'café.txt')), 'in bytes')
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'here')
  // As a page is told of it.
  await drop(desktop.window, [join(outbox, 'caf\ufffd.txt')])
  expect(await readFile(await phone.saved('café.txt'), 'utf8')).toBe('in bytes')
})

/** Lets go of it over the window. */
async function drop(window: Page, files: string[]): Promise<void> {
  const cdp = await window.context().newCDPSession(window)
  const data = { items: [], files, dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await cdp.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
}
