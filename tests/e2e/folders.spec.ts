import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningApp } from '../support/app.ts'
import { listing, makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'

/** Takes the place of the verb: what the window asked for, and nothing is sent. */
async function listen({ app }: RunningApp): Promise<() => Promise<unknown[]>> {
  await app.evaluate(({ ipcMain }) => {
    const asked: unknown[] = []
    Object.assign(globalThis, { asked })
    ipcMain.removeHandler('app:sendPaths')
    ipcMain.handle('app:sendPaths', (_, args) => void asked.push(args))
  })
  return () => app.evaluate(() => (globalThis as unknown as { asked: unknown[] }).asked)
}

test.describe('with another answer to the window', () => {
  test.use({ ownApp: true })

  test('a folder dropped on the window reaches the main process with its path, beside files', async ({
    desktop,
    phone,
    outbox,
  }) => {
    await phone.is('connected')
    const device = desktop.window.getByTestId('device')
    await expect(device).toHaveAttribute('data-state', 'here')
    const file = await makeFile(outbox, 'single.bin', 10)
    const folder = join(outbox, 'holiday 图')
    await makeFile(folder, 'inside.bin', 10)
    const asked = await listen(desktop)
    const cdp = await desktop.window.context().newCDPSession(desktop.window)
    for (const files of [[folder], [file.path, folder]])
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
        await cdp.send('Input.dispatchDragEvent', {
          type,
          x: 300,
          y: 300,
          data: { items: [], files, dragOperationsMask: 1 },
        })
    const id = await device.getAttribute('data-device-id')
    await expect.poll(asked).toEqual([
      [id, [folder], []],
      [id, [file.path, folder], []],
    ])
  })
})

test('the button for folders opens a dialog for folders, the one for files one for files', async ({
  desktop,
  phone,
}) => {
  await phone.is('connected')
  await desktop.app.evaluate(({ dialog }) => {
    const dialogs: unknown[] = []
    Object.assign(globalThis, { dialogs })
    dialog.showOpenDialog = (...args: unknown[]) => {
      dialogs.push((args.at(-1) as { properties: string[] }).properties)
      return Promise.resolve({ canceled: true, filePaths: [] })
    }
  })
  for (const button of ['send-folder', 'send-button']) await desktop.window.getByTestId(button).click()
  const dialogs = (): Promise<unknown> =>
    desktop.app.evaluate(() => (globalThis as unknown as { dialogs: unknown[] }).dialogs)
  await expect.poll(dialogs).toEqual([
    ['openDirectory', 'multiSelections'],
    ['openFile', 'multiSelections'],
  ])
  // Nothing was chosen, and nothing went wrong.
  await expect(desktop.window.getByRole('alert')).toHaveText('')
})

/** An archive of ../evil.txt, ../../evil.txt, ..\evil.txt and good.txt, by another program. */
const ARCHIVE =
  'UEsDBBQAAAAAAAAAIViDFtyMAQAAAAEAAAALAAAALi4vZXZpbC50eHR4UEsDBBQAAAAAAAAAIViDFtyMAQAAAAEAAAAOAAAALi4vLi4vZXZpbC50eHR4UEsDBBQAAAAAAAAAIViDFtyMAQAAAAEAAAALAAAALi5cZXZpbC50eHR4UEsDBBQAAAAAAAAAIViDFtyMAQAAAAEAAAAIAAAAZ29vZC50eHR4UEsBAhQDFAAAAAAAAAAhWIMW3IwBAAAAAQAAAAsAAAAAAAAAAAAAAIABAAAAAC4uL2V2aWwudHh0UEsBAhQDFAAAAAAAAAAhWIMW3IwBAAAAAQAAAA4AAAAAAAAAAAAAAIABKgAAAC4uLy4uL2V2aWwudHh0UEsBAhQDFAAAAAAAAAAhWIMW3IwBAAAAAQAAAAsAAAAAAAAAAAAAAIABVwAAAC4uXGV2aWwudHh0UEsBAhQDFAAAAAAAAAAhWIMW3IwBAAAAAQAAAAgAAAAAAAAAAAAAAIABgQAAAGdvb2QudHh0UEsFBgAAAAAEAAQA5AAAAKgAAAAAAA==' // prettier-ignore

test('D70: an archive is a file like any other: nothing in it is unpacked', async ({ desktop, phone }) => {
  const buffer = Buffer.from(ARCHIVE, 'base64')
  expect(buffer.includes('../../evil.txt')).toBe(true)
  await mkdir(join(desktop.inbox, 'already here'))
  await phone.send({ name: 'evil.zip', mimeType: 'application/zip', buffer })
  expect(await desktop.events.ended('evil.zip')).toMatchObject({ state: 'done' })
  expect(await listing(desktop.inbox)).toEqual(['already here', 'evil.zip'])
  expect(await readFile(join(desktop.inbox, 'evil.zip'))).toEqual(buffer)
  for (const name of ['evil.txt', 'good.txt'])
    for (const folder of [desktop.folder, join(desktop.folder, '..'), join(desktop.inbox, 'already here')])
      expect(existsSync(join(folder, name))).toBe(false)
})
