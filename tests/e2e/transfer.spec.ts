import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BLOCK_BYTES, BLOCK_HEADER_BYTES, MESSAGE_BYTES_MAX } from '#protocol/limits.ts'
import { listing, makeFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'

const CHUNK = MESSAGE_BYTES_MAX - BLOCK_HEADER_BYTES
/** Around every boundary there is: nothing, one message, one block, several blocks. */
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5_000_003]

test('files from the phone land whole in the inbox', async ({ desktop, phone, outbox }) => {
  const files = await Promise.all(SIZES.map((size) => makeFile(outbox, `up-${size}.bin`, size)))
  await phone.send(files.map((file) => file.path))
  for (const file of files) {
    const end = await desktop.events.ended(file.name)
    expect(end).toMatchObject({ state: 'done', direction: 'in', bytes: file.size, total: file.size })
    // Whichever is there first, and then whichever is faster.
    expect(['webrtc', 'socket']).toContain(end['lane'])
    expect(end['sha256']).toBe(file.sha256)
    expect(end['path']).toBe(join(desktop.inbox, file.name))
    expect(await sha256File(join(desktop.inbox, file.name))).toBe(file.sha256)
    await phone.rowIs(file.name, 'done')
  }
  expect(await listing(desktop.inbox)).toEqual(files.map((file) => file.name).sort())
  expect(phone.problems).toEqual([])
})

test('files from the computer are saved by the phone', async ({ desktop, phone, outbox }) => {
  const files = await Promise.all(SIZES.map((size) => makeFile(outbox, `down-${size}.bin`, size)))
  await desktop.window.getByTestId('file-input').setInputFiles(files.map((file) => file.path))
  for (const file of files) {
    const end = await desktop.events.ended(file.name)
    expect(end).toMatchObject({ state: 'done', direction: 'out', bytes: file.size, sha256: file.sha256 })
    expect(await sha256File(await phone.saved(file.name))).toBe(file.sha256)
    await phone.rowIs(file.name, 'done')
    await expect(phone.row(file.name).getByTestId('save-again')).toBeVisible()
  }
  expect(phone.problems).toEqual([])
})

test('both directions at once', async ({ desktop, phone, outbox }) => {
  const up = await makeFile(outbox, 'up.bin', 8_000_000)
  const down = await makeFile(outbox, 'down.bin', 8_000_000, 77)
  await phone.send(up.path)
  await desktop.window.getByTestId('file-input').setInputFiles(down.path)
  expect(await desktop.events.ended('up.bin')).toMatchObject({ state: 'done', sha256: up.sha256 })
  expect(await desktop.events.ended('down.bin')).toMatchObject({ state: 'done', sha256: down.sha256 })
  expect(await sha256File(await phone.saved('down.bin'))).toBe(down.sha256)
})

test('many files are queued and all arrive', async ({ desktop, phone, outbox }) => {
  const files = await Promise.all(Array.from({ length: 60 }, (_, i) => makeFile(outbox, `n${i}.bin`, 1_000 + i, i)))
  await phone.send(files.map((file) => file.path))
  for (const file of files)
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  expect(await listing(desktop.inbox)).toHaveLength(60)
})

test('files dropped on the window reach the phone', async ({ desktop, phone, outbox }) => {
  const files = [await makeFile(outbox, 'dropped one.bin', 300_000), await makeFile(outbox, 'größe 图.bin', 10)]
  const cdp = await desktop.window.context().newCDPSession(desktop.window)
  const data = { items: [], files: files.map((file) => file.path), dragOperationsMask: 1 }
  // `paired` is said before the window has drawn it, and a drop on a window without a phone is rightly not taken.
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'here')
  for (const type of ['dragEnter', 'dragOver'] as const) {
    await cdp.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
  }
  await expect(desktop.window.getByTestId('drop-hint')).toBeVisible()
  await cdp.send('Input.dispatchDragEvent', { type: 'drop', x: 300, y: 300, data })
  for (const file of files) {
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', direction: 'out' })
    expect(await readFile(await phone.saved(file.name))).toEqual(await readFile(file.path))
  }
})
