import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromBufferPromise } from 'yauzl'
import { environment, ROOT, switches, type RunningApp } from '../support/app.ts'
import { makeFile, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { QUIET_MS } from '../support/patience.ts'
import { Phone } from '../support/phone.ts'
import { Started } from '../support/started.ts'

/** Starts the program once more in this folder, as a shell would: `line` is what a person types behind its name. */
async function startAgain({ folder }: RunningApp, cwd: string, line: string): Promise<readonly unknown[]> {
  const electron = [process.env['ELECTRON_EXEC_PATH'] ?? '', ...switches(), ROOT, '--', '--json']
  const args = ['-c', `exec "$@" ${line}`, 'sh', ...electron, '--data', join(folder, 'data')]
  const second = new Started('sh', args, { cwd, env: { ...environment(), LC_ALL: 'C' } })
  expect([await second.exited(3 * QUIET_MS), second.stderr]).toEqual([0, expect.any(String)])
  await second.stop()
  return second.events.all
}

test('a second start hands over 2,000 files, whatever they are called, from where it was typed', async ({
  desktop,
  phone,
  outbox,
}) => {
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'here')
  const odd = ['-dash', 'a "quoted" \'name\'', '100 %', '%F %s', 'new\nline', '图片 📷', '--json', 'file:x']
  for (const name of odd) await writeFile(join(outbox, name), name)
  // In bytes of Latin-1, which no command line of text can say.
  await writeFile(Buffer.from(join(outbox, 'café'), 'latin1'), 'café')
  for (let n = 0; n < 2_000; n++) await writeFile(join(outbox, `IMG_${n}.JPG`), `${n}`)
  const said = await startAgain(desktop, outbox, '-- *')
  expect(said).toEqual([{ event: 'handed', count: odd.length + 2_001 }])
  const end = await desktop.events.wait('the zip', (e) => e.event === 'transfer' && e['state'] === 'done')
  const files: Record<string, number> = {}
  const zip = await fromBufferPromise(await readFile(await phone.saved(String(end['name']))))
  for await (const { fileName, uncompressedSize } of zip.eachEntry()) files[fileName] = uncompressedSize
  expect(Object.keys(files)).toHaveLength(odd.length + 2_001)
  // What can't be a name elsewhere has become one that can.
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining(['-dash', '100 %', '图片 📷', '--json', 'café', 'IMG_1999.JPG']),
  )
  expect(files['IMG_1999.JPG']).toBe(4)
  expect(await desktop.window.evaluate(async () => (await window.lanyard.state()).handed)).toBeNull()
})

test('handed over before a phone is here, a folder and a file wait beside the code, and go to the first that comes', async ({
  desktop,
  phones,
  outbox,
}) => {
  const file = await makeFile(outbox, 'gift.bin', 300_000)
  await mkdir(join(outbox, 'holiday'))
  await makeFile(join(outbox, 'holiday'), 'day 1.bin', 1_000)
  await startAgain(desktop, outbox, 'gift.bin --send holiday')
  await expect(desktop.window.getByTestId('handed-waits')).toContainText('2 items')
  await expect(desktop.window.getByTestId('qr')).toBeVisible()
  const phone = await Phone.join(phones, desktop.link())
  const zip = await readFile(await phone.saved('holiday.zip'))
  expect(zip.includes(await readFile(file.path))).toBe(true)
  expect(zip.includes(Buffer.from('holiday/day 1.bin'))).toBe(true)
  await expect(desktop.window.getByTestId('handed-waits')).toBeHidden()
  await phone.close()
})

test('with two phones here the window asks, and both can have it', async ({ desktop, phone, phones, outbox }) => {
  const devices = desktop.window.locator('[data-testid="device"][data-state="here"]')
  await expect(devices).toHaveCount(1)
  const other = await Phone.join(phones, desktop.link())
  await expect(devices).toHaveCount(2)
  const gift = await makeFile(outbox, 'for both.bin', 100_000)
  await startAgain(desktop, outbox, `-- '${gift.path}'`)
  const question = desktop.window.getByTestId('handed-question')
  await expect(question).toContainText('for both.bin')
  await expect(question.getByTestId('send-to')).toHaveCount(2)
  await question.getByTestId('send-to-all').click()
  for (const one of [phone, other]) expect(await sha256File(await one.saved('for both.bin'))).toBe(gift.sha256)
  await expect(question).toBeHidden()
  await other.close()
})
