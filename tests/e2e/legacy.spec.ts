import { join } from 'node:path'
import type { Locator } from '@playwright/test'
import { bytesOf, listing, makeFile, sha256, sha256File, type TestFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { GENERATIONS, LegacyPhone, type LegacyOptions, type LegacyRecord } from '../support/legacy-phone.ts'
import type { RunningApp } from '../support/app.ts'
import { takeAllFiles } from './take-all.ts'

// What they do once they are in; how they get in is in ask.spec.ts.
test.use({ appOptions: ['--legacy', 'always'] })
test.beforeEach(({ desktop }) => takeAllFiles(desktop))

const PIECE = 16_384
/** Around every boundary there is for a legacy app. */
const SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 1_048_576, 1_300_007]

const RECORDS: readonly LegacyRecord[] = [
  { id: 'r1', title: 'Notes of Monday', bytes: bytesOf(70_000, 1) },
  { id: 'r2', title: '会议记录', bytes: bytesOf(5, 2) },
  { id: 'r3', title: 'Long walk.gpx', bytes: bytesOf(400_000, 3) },
]

/** A legacy app that has joined, for the time of one test. */
async function withPhone(desktop: RunningApp, options: LegacyOptions, act: (phone: LegacyPhone) => Promise<void>) {
  const phone = new LegacyPhone(desktop.link(), options)
  try {
    await phone.ready()
    await expect(device(desktop)).toHaveAttribute('data-state', 'here')
    await act(phone)
  } finally {
    await phone.close()
  }
}

const device = ({ window }: RunningApp): Locator => window.getByTestId('device')
const record = ({ window }: RunningApp, title: string): Locator =>
  window.getByTestId('record').filter({ hasText: title })
const showRecords = ({ window }: RunningApp): Promise<void> => window.getByTestId('nav-records').click()

async function sendFromWindow(desktop: RunningApp, files: readonly TestFile[]): Promise<void> {
  await desktop.window.getByTestId('file-input').setInputFiles(files.map(({ path }) => path))
}

/** The file is in the inbox under its name, whole, and said to be. */
async function landed(desktop: RunningApp, name: string, bytes: Buffer): Promise<void> {
  const end = await desktop.events.ended(name)
  expect(end).toMatchObject({
    state: 'done',
    direction: 'in',
    lane: 'legacy',
    bytes: bytes.length,
    sha256: sha256(bytes),
  })
  expect(await sha256File(join(desktop.inbox, name))).toBe(sha256(bytes))
}

for (const generation of GENERATIONS) {
  test.describe(`a 2018 app with client ${generation}`, () => {
    test('pairs by the uid of the code and shows its records', async ({ desktop }) => {
      await withPhone(desktop, { generation, records: RECORDS }, async () => {
        await expect(device(desktop)).toHaveAttribute('data-kind', 'legacy')
        await showRecords(desktop)
        await expect(desktop.window.getByTestId('record')).toHaveCount(RECORDS.length)
        for (const { title } of RECORDS) await expect(record(desktop, title)).toHaveCount(1)
        await desktop.events.wait('paired', (e) => e.event === 'paired')
        // The next phone gets a code of its own.
        await desktop.events.wait('another link', (e) => e.event === 'link')
      })
      await desktop.events.wait('left', (e) => e.event === 'left')
      expect(desktop.events.noise).toEqual([])
    })

    test('exports all of its records, then some', async ({ desktop }) => {
      await withPhone(desktop, { generation, records: RECORDS }, async (phone) => {
        await showRecords(desktop)
        await expect(desktop.window.getByTestId('record')).toHaveCount(RECORDS.length)
        await desktop.window.getByTestId('export-button').click()
        await landed(desktop, 'export-1.zip', phone.pack([]))
        await record(desktop, 'Notes of Monday').getByRole('checkbox').check()
        await record(desktop, 'Long walk.gpx').getByRole('checkbox').check()
        await desktop.window.getByTestId('export-button').click()
        await landed(desktop, 'export-2.zip', phone.pack(['r1', 'r3']))
        expect(await listing(desktop.inbox)).toEqual(['export-1.zip', 'export-2.zip'])
      })
    })

    test('sends files of every size of its own accord', async ({ desktop }) => {
      await withPhone(desktop, { generation }, async (phone) => {
        // The last is sent as soon as there is a channel: `transfile` may be here before the channel is.
        for (const size of SIZES) await phone.files.send(`up-${size}.bin`, bytesOf(size, size + 1))
        for (const size of SIZES) await landed(desktop, `up-${size}.bin`, bytesOf(size, size + 1))
        expect(await listing(desktop.inbox)).toHaveLength(SIZES.length)
      })
    })

    test('gets files of every size', async ({ desktop, outbox }) => {
      const files = await Promise.all(SIZES.map((size) => makeFile(outbox, `down-${size}.bin`, size)))
      await withPhone(desktop, { generation }, async (phone) => {
        await sendFromWindow(desktop, files)
        for (const file of files) {
          const end = await desktop.events.ended(file.name)
          expect(end).toMatchObject({ state: 'done', direction: 'out', lane: 'legacy', sha256: file.sha256 })
        }
        expect(phone.files.received.map(({ name }) => name)).toEqual(files.map(({ name }) => name))
        expect(phone.files.received.map(({ bytes }) => sha256(bytes))).toEqual(files.map((file) => file.sha256))
        expect(phone.files.strays).toBe(0)
      })
    })

    test('with all the faults of real ones: every file arrives whole', async ({ desktop }) => {
      const faults = { lastPieceTwice: true, emptyPieceAtEnd: true, piecesOvertake: true }
      const sizes = [100, 100, PIECE - 1, PIECE, 2 * PIECE, 3 * PIECE + 5, 100, 200_000]
      await withPhone(desktop, { generation, faults }, async (phone) => {
        for (const [i, size] of sizes.entries()) await phone.files.send(`${i}.bin`, bytesOf(size, i))
        for (const [i, size] of sizes.entries()) await landed(desktop, `${i}.bin`, bytesOf(size, i))
        expect(await listing(desktop.inbox)).toHaveLength(sizes.length)
      })
    })

    test('comes back after a restart and goes on', async ({ desktop, outbox }) => {
      await withPhone(desktop, { generation, records: RECORDS }, async (phone) => {
        await phone.files.send('before.bin', bytesOf(20_000, 1))
        await landed(desktop, 'before.bin', bytesOf(20_000, 1))
        await phone.restart()
        await phone.ready()
        await expect(device(desktop)).toHaveCount(1)
        await expect(device(desktop)).toHaveAttribute('data-state', 'here')
        await phone.files.send('after.bin', bytesOf(20_000, 2))
        await landed(desktop, 'after.bin', bytesOf(20_000, 2))
        const file = await makeFile(outbox, 'back.bin', 50_000)
        await sendFromWindow(desktop, [file])
        expect(await desktop.events.ended('back.bin')).toMatchObject({ state: 'done' })
        expect(phone.files.received.map(({ bytes }) => sha256(bytes))).toEqual([file.sha256])
        expect(phone.exceptions).toEqual([])
      })
    })
  })
}

test('a file that comes is cancelled from the window: nothing is left, and the next one is whole', async ({
  desktop,
}) => {
  await withPhone(desktop, {}, async (phone) => {
    const big = phone.files.send('big.bin', bytesOf(12_000_000, 1))
    await desktop.events.wait('bytes', (e) => e.event === 'transfer' && Number(e['bytes']) > 0)
    await desktop.window.getByTestId('cancel').click()
    expect(await desktop.events.ended('big.bin')).toMatchObject({ state: 'cancelled', reason: 'cancelled' })
    await expect.poll(() => phone.exceptions).toEqual(['cancelled: big.bin'])
    await big
    await phone.files.send('next.bin', bytesOf(100_000, 2))
    await landed(desktop, 'next.bin', bytesOf(100_000, 2))
    expect(await listing(desktop.inbox)).toEqual(['next.bin'])
  })
})

test('a file that goes is cancelled from the window: not a byte of it gets into the next one', async ({
  desktop,
  outbox,
}) => {
  const big = await makeFile(outbox, 'big.bin', 12_000_000)
  const next = await makeFile(outbox, 'next.bin', 100_000)
  await withPhone(desktop, {}, async (phone) => {
    await sendFromWindow(desktop, [big, next])
    await desktop.events.wait('bytes', (e) => e.event === 'transfer' && Number(e['bytes']) > 0)
    await desktop.window.locator('[data-name="big.bin"]').getByTestId('cancel').click()
    expect(await desktop.events.ended('big.bin')).toMatchObject({ state: 'cancelled' })
    expect(await desktop.events.ended('next.bin')).toMatchObject({ state: 'done' })
    expect(phone.files.received.map(({ name, bytes }) => [name, sha256(bytes)])).toEqual([['next.bin', next.sha256]])
  })
})

test('an app that closes in the middle ends its files with a reason', async ({ desktop, outbox }) => {
  const down = await makeFile(outbox, 'down.bin', 12_000_000)
  const phone = new LegacyPhone(desktop.link())
  await phone.ready()
  const up = phone.files.send('up.bin', bytesOf(12_000_000, 1))
  await sendFromWindow(desktop, [down])
  await desktop.events.wait('bytes in', (e) => e['name'] === 'up.bin' && Number(e['bytes']) > 0)
  await phone.close()
  await expect(up).rejects.toThrow()
  for (const name of ['up.bin', 'down.bin']) {
    const end = await desktop.events.ended(name)
    expect(end['state']).toBe('failed')
    expect(['peer-left', 'connection-lost']).toContain(end['reason'])
  }
  await desktop.events.wait('left', (e) => e.event === 'left')
  await expect(device(desktop)).toHaveAttribute('data-state', 'away')
  expect(await listing(desktop.inbox)).toEqual([])
})

test('an app that is gone without a word does too', async ({ desktop }) => {
  const phone = new LegacyPhone(desktop.link())
  await phone.ready()
  const up = phone.files.send('up.bin', bytesOf(12_000_000, 1))
  await desktop.events.wait('bytes', (e) => e.event === 'transfer' && Number(e['bytes']) > 0)
  phone.vanish()
  const end = await desktop.events.ended('up.bin')
  expect(end['state']).toBe('failed')
  expect(['peer-left', 'connection-lost']).toContain(end['reason'])
  expect(await listing(desktop.inbox)).toEqual([])
  await phone.close()
  await expect(up).rejects.toThrow()
})

test('what the app has to say to a person is shown as text', async ({ desktop }) => {
  await withPhone(desktop, {}, async (phone) => {
    phone.say('Storage <b>almost</b> full')
    await expect(desktop.window.getByTestId('notice')).toContainText('Storage <b>almost</b> full')
  })
})

test('a legacy app and a phone page, side by side', async ({ desktop, phone, outbox }) => {
  const up = await makeFile(outbox, 'page.bin', 300_000)
  await withLegacyBeside(desktop, async (legacy) => {
    await phone.send(up.path)
    await legacy.files.send('legacy.bin', bytesOf(300_000, 9))
    await landed(desktop, 'legacy.bin', bytesOf(300_000, 9))
    expect(await desktop.events.ended('page.bin')).toMatchObject({
      state: 'done',
      lane: expect.stringMatching(/^(webrtc|socket)$/),
      sha256: up.sha256,
    })
  })
})

async function withLegacyBeside(desktop: RunningApp, act: (phone: LegacyPhone) => Promise<void>): Promise<void> {
  await desktop.events.wait('another link', (e) => e.event === 'link')
  const phone = new LegacyPhone(desktop.link())
  try {
    await phone.ready()
    await expect(desktop.window.locator('[data-kind="legacy"]')).toHaveAttribute('data-state', 'here')
    await act(phone)
  } finally {
    await phone.close()
  }
}
