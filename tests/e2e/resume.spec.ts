import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startApp, type RunningApp } from '../support/app.ts'
import { DelayTcp } from '../support/delay-tcp.ts'
import { bytesOf, listing, makeFile, sha256, sha256File, type TestFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { toldOf, underWay, wentOnAt } from '../support/moving.ts'
import { Phone } from '../support/phone.ts'

/** Bits a second that the phone's network carries: the middle of a file lasts seconds, however fast the machine is. */
const BIT_RATE = 64_000_000
/** Bytes: five seconds of that. */
const SIZE = 40_000_000
/** After so many some are surely kept: hashes may trail by 16 blocks, and what nobody has checked is not kept. */
const SOME = 24_000_000
/** Bytes of a file that crosses no network, but only this machine. */
const UNHINDERED = 64_000_000

/** The app, and a phone behind a network of that pace. All that travels goes through the hub, so also through it. */
const slowTest = test.extend<{ readonly network: DelayTcp }>({
  appOptions: ['--lane', 'socket'],
  network: async ({ desktop }, use) => {
    const network = await DelayTcp.before(desktop.link(), 0, BIT_RATE)
    await use(network)
    await network.close()
  },
  phone: async ({ network, phones }, use) => {
    const phone = await Phone.join(phones, network.link)
    await use(phone)
    await phone.close()
  },
})

/** The file is in the inbox, whole, and nothing else is: no partial, no second copy. */
async function landed({ inbox, events }: RunningApp, file: TestFile): Promise<void> {
  const end = await events.ended(file.name)
  expect(end, JSON.stringify(end)).toMatchObject({ state: 'done', sha256: file.sha256, bytes: file.size })
  expect(await sha256File(join(inbox, file.name))).toBe(file.sha256)
  await expect.poll(() => listing(inbox)).toEqual([file.name])
}

/** Files that a person would take for whole ones. */
const finalNames = async (inbox: string): Promise<string[]> =>
  (await listing(inbox)).filter((name) => !name.startsWith('.') && !name.endsWith('.part'))

/** Picks the file, waits for the middle of it and loads the page again, which then knows what the computer has. */
async function reloadInTheMiddle(desktop: RunningApp, phone: Phone, file: TestFile): Promise<number> {
  await phone.send(file.path)
  await underWay(desktop.events, file.name, SOME)
  await phone.page.reload()
  await phone.is('connected')
  const kept = phone.page.locator(`[data-testid="unfinished"][data-name="${file.name}"]`)
  const last = toldOf(desktop.events, file.name).at(-1)
  await expect(kept, `the last that was told: ${JSON.stringify(last)}`).toBeVisible()
  expect(await finalNames(desktop.inbox)).toEqual([])
  return desktop.events.all.length
}

slowTest(
  'G103: a page that is loaded again in the middle goes on with the same file from what is here',
  async ({ desktop, phone, outbox }) => {
    const file = await makeFile(outbox, 'up.bin', SIZE)
    const from = await reloadInTheMiddle(desktop, phone, file)
    await phone.send(file.path)
    expect(await wentOnAt(desktop.events, file.name, from)).toBeGreaterThan(SOME / 4)
    await landed(desktop, file)
    await phone.rowIs(file.name, 'done')
    await expect(phone.page.getByTestId('unfinished')).toHaveCount(0)
    expect(new Set(toldOf(desktop.events, file.name).map((e) => e['id'])).size).toBe(1)
  },
)

slowTest(
  'F98: another file of the same name and size is not mixed with what is here: it starts over',
  async ({ desktop, phone, outbox }) => {
    const file = await makeFile(outbox, 'up.bin', SIZE)
    await reloadInTheMiddle(desktop, phone, file)
    await writeFile(file.path, bytesOf(SIZE, 4711))
    const other = { ...file, sha256: sha256(await readFile(file.path)) }
    expect(other.sha256).not.toBe(file.sha256)
    await phone.send(file.path)
    await landed(desktop, other)
  },
)

slowTest('F98: a file of which only the end is another is not mixed either', async ({ desktop, phone, outbox }) => {
  const file = await makeFile(outbox, 'up.bin', SIZE)
  await reloadInTheMiddle(desktop, phone, file)
  const bytes = await readFile(file.path)
  bytes.fill(7, SIZE - 10)
  await writeFile(file.path, bytes)
  await phone.send(file.path)
  await landed(desktop, { ...file, sha256: sha256(bytes) })
})

test('G103: the window is loaded again in the middle of both directions', async ({ desktop, phone, outbox }) => {
  const up = await makeFile(outbox, 'up.bin', UNHINDERED)
  const down = await makeFile(outbox, 'down.bin', UNHINDERED, 77)
  await phone.send(up.path)
  await desktop.window.getByTestId('file-input').setInputFiles(down.path)
  for (const { name } of [up, down]) await underWay(desktop.events, name)
  await desktop.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.reload()
  })
  await landed(desktop, up)
  expect(await desktop.events.ended(down.name)).toMatchObject({ state: 'done', sha256: down.sha256 })
  expect(await sha256File(await phone.saved(down.name))).toBe(down.sha256)
  for (const { name } of [up, down]) {
    const bytes = toldOf(desktop.events, name).map((e) => Number(e['bytes']))
    // Never back to the beginning.
    expect(bytes.slice(bytes.findIndex((n) => n > 0)).every((n) => n > 0)).toBe(true)
    await phone.rowIs(name, 'done')
  }
  await expect(desktop.window.getByTestId('device')).toHaveAttribute('data-state', 'here')
})

for (const [number, how, end, size, some] of [
  // A crash may cost the last 64 MiB: what came before is in the journal.
  ['F91', 'is killed', 'kill', 110_000_000, 90_000_000],
  ['G102', 'is closed', 'close', SIZE, SOME],
] as const) {
  test(`${number}: the app ${how} in the middle and started again: the page comes back and goes on by itself`, async ({
    phones,
    outbox,
  }) => {
    const file = await makeFile(outbox, 'up.bin', size)
    const folder = join(outbox, 'kept')
    const before = await startApp(['--lane', 'socket'], '127.0.0.1', folder)
    const { port } = new URL(before.link())
    const network = await DelayTcp.before(before.link(), 0, BIT_RATE)
    const phone = await Phone.join(phones, network.link)
    await phone.send(file.path)
    await underWay(before.events, file.name, some)
    await before[end]()
    expect(await finalNames(before.inbox)).toEqual([])
    await phone.is('lost')
    const after = await startApp(['--port', port, '--lane', 'socket'], '127.0.0.1', folder)
    await phone.is('connected')
    expect(await wentOnAt(after.events, file.name, 0)).toBeGreaterThan(0)
    await landed(after, file)
    await phone.rowIs(file.name, 'done')
    await phone.close()
    await network.close()
    await after.close()
  })
}

test('F91: the app is killed in the middle of a file to the phone: it is offered again, and the page goes on from what it has', async ({
  phones,
  outbox,
}) => {
  const file = await makeFile(outbox, 'down.bin', SIZE)
  const folder = join(outbox, 'kept')
  const before = await startApp(['--lane', 'socket'], '127.0.0.1', folder)
  const { port } = new URL(before.link())
  const network = await DelayTcp.before(before.link(), 0, BIT_RATE)
  const phone = await Phone.join(phones, network.link)
  await before.window.getByTestId('file-input').setInputFiles(file.path)
  await underWay(before.events, file.name, SOME)
  await before.kill()
  await phone.is('lost')
  const after = await startApp(['--port', port, '--lane', 'socket'], '127.0.0.1', folder)
  // Said before the phone is back.
  const row = after.window.locator(`[data-testid="transfer"][data-name="${file.name}"]`)
  await expect(row).toBeVisible()
  await phone.is('connected')
  expect(await wentOnAt(after.events, file.name, 0)).toBeGreaterThan(SOME / 4)
  expect(await after.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  expect(await sha256File(await phone.saved(file.name))).toBe(file.sha256)
  expect(phone.downloads).toHaveLength(1)
  await phone.rowIs(file.name, 'done')
  await phone.close()
  await network.close()
  await after.close()
})
