import { join } from 'node:path'
import { bytesOf, listing, sha256, sha256File } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { startHeadless, type Headless } from '../support/headless.ts'
import { LegacyPhone } from '../support/legacy-phone.ts'
import { Terminal } from '../support/terminal.ts'

// Apps of 2018 where there is no window: they are asked about on the terminal, if there is one.

const START = [join(import.meta.dirname, '../../scripts/start.mjs')]

async function withApp(options: readonly string[], act: (desktop: Headless) => Promise<void>): Promise<void> {
  const desktop = await startHeadless(process.execPath, START, options)
  try {
    await act(desktop)
    expect(desktop.app.events.noise).toEqual([])
  } finally {
    await desktop.close()
  }
}

test('where nobody can be asked, ask means never, and a line says so', async () => {
  await withApp(['--legacy', 'ask'], async ({ app: { events }, link }) => {
    const phone = new LegacyPhone(link)
    const line = await events.wait('the refusal', (e) => e.event === 'error')
    expect(line).toMatchObject({ code: 'legacy-refused' })
    expect(line['message']).toContain('127.0.0.1')
    await expect.poll(() => phone.exceptions).toEqual(['not-allowed'])
    expect([events.of('paired'), events.of('link')]).toEqual([[], []])
    await phone.close()
  })
})

test('--legacy never: refused without a word on the screen', async () => {
  await withApp(['--legacy', 'never'], async ({ app: { events }, link }) => {
    const phone = new LegacyPhone(link)
    await expect.poll(() => phone.exceptions).toEqual(['not-allowed'])
    expect(events.all.map(({ event }) => event)).toEqual(['ready'])
    await phone.close()
  })
})

test('--legacy always: it joins, and its files are taken', async () => {
  await withApp(['--legacy', 'always'], async ({ app: { events }, link, inbox }) => {
    const phone = new LegacyPhone(link)
    await phone.ready()
    await events.wait('paired', (e) => e.event === 'paired')
    const bytes = bytesOf(300_007, 1)
    await phone.files.send('up.bin', bytes)
    expect(await events.ended('up.bin')).toMatchObject({ state: 'done', lane: 'legacy', sha256: sha256(bytes) })
    expect(await sha256File(join(inbox, 'up.bin'))).toBe(sha256(bytes))
    expect(events.of('error')).toEqual([])
    await phone.close()
  })
})

if (process.platform === 'linux')
  test.describe('at a terminal', () => {
    test('y lets an app of 2018 in; each of its files asks, and only y takes one', async () => {
      const terminal = await Terminal.open()
      const phone = new LegacyPhone(terminal.link)
      await terminal.asks(/An older app at 127\.0\.0\.1, unverified/)
      expect(terminal.events.of('paired')).toEqual([])
      terminal.type('y')
      await phone.ready()
      await terminal.events.wait('paired', (e) => e.event === 'paired')

      const bytes = bytesOf(300_007, 1)
      void phone.files.send('first.bin', bytes)
      await terminal.asks(/send first\.bin/)
      expect(await listing(terminal.inbox)).toEqual([])
      terminal.type('y')
      expect(await terminal.events.ended('first.bin')).toMatchObject({ state: 'done', sha256: sha256(bytes) })
      for (const [name, answer] of [['second.bin', ''], ['third.bin', 'n']] as const) {
        void phone.files.send(name, bytesOf(20_000, 2))
        await terminal.asks(new RegExp(`send ${name}`))
        terminal.type(answer)
        expect(await terminal.events.ended(name)).toMatchObject({ state: 'cancelled', reason: 'not-allowed' })
      }
      expect(await listing(terminal.inbox)).toEqual(['first.bin'])
      await phone.close()
      expect(await terminal.close()).toBe(0)
    }) // prettier-ignore

    test('n, and nothing but Enter, send it away; the next one is asked about again', async () => {
      const terminal = await Terminal.open()
      let times = 0
      for (const answer of ['n', '']) {
        const phone = new LegacyPhone(terminal.link)
        await terminal.asks(/An older app/, ++times)
        terminal.type(answer)
        await expect.poll(() => phone.exceptions).toEqual(['not-allowed'])
        await phone.close()
      }
      expect([terminal.events.of('paired'), terminal.events.of('error')]).toEqual([[], []])
      expect(await terminal.close()).toBe(0)
    })
  })
