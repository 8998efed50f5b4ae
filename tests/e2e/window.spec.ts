import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import type {} from '#desktop/window-global.ts'
import { parseLink } from '#protocol/pairing.ts'
import type { RunningApp } from '../support/app.ts'
import { makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { navigationIsRefused } from '../support/navigation.ts'

test('the window is sandboxed and sees nothing of Node', async ({ desktop }) => {
  const seen = await desktop.window.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
    api: Object.keys(window.lanyard).sort(),
    origin: location.origin,
  }))
  expect(seen.node).toEqual([])
  expect(seen.origin).toBe('app://local')
  expect(seen.api).not.toContain('sendPaths')
  const preferences = await desktop.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): { sandbox: boolean; contextIsolation: boolean; nodeIntegration: boolean }
    }
    return contents.getLastWebPreferences()
  })
  expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false })
})

test('no script of another origin or written into the page runs, and nothing foreign is fetched', async ({
  desktop,
}) => {
  const result = await desktop.window.evaluate(async () => {
    const script = document.createElement('script')
    script.textContent = 'window.ran = true'
    document.head.append(script)
    const fetched = await fetch('http://127.0.0.1:1/').then(
      () => 'fetched',
      () => 'refused',
    )
    return { ran: 'ran' in window, fetched }
  })
  expect(result).toEqual({ ran: false, fetched: 'refused' })
})

test('files outside of the page are not served by its scheme', async ({ desktop }) => {
  const status = await desktop.window.evaluate(() =>
    Promise.all(
      ['/../main/main.js', '/%2e%2e/main/main.js', '/..%2fmain%2fmain.js', '/%00', '/nothing'].map(async (path) =>
        fetch(`app://local${path}`).then(
          (response) => response.status,
          () => 0,
        ),
      ),
    ),
  )
  for (const code of status) expect([0, 404]).toContain(code)
})

test('I118: it goes nowhere, opens nothing and is granted nothing', async ({ desktop }) => {
  const { window } = desktop
  const before = window.url()
  await desktop.app.evaluate(({ shell }) => {
    const opened: string[] = []
    Object.assign(globalThis, { opened })
    shell.openExternal = (url) => Promise.resolve(void opened.push(url))
  })
  await window.evaluate(() => {
    open('https://example.invalid/')
    open('file:///etc/passwd')
    location.href = 'https://example.invalid/'
  })
  await navigationIsRefused(desktop)
  const permission = await window.evaluate(() => Notification.requestPermission())
  expect(window.url()).toBe(before)
  expect(permission).toBe('denied')
  expect(desktop.app.windows()).toHaveLength(1)
  // Nobody has clicked; what a click may open is in hostile.spec.ts.
  expect(await desktop.app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)).toEqual([])
})

test('I117: verbs refuse what is not of their form', async ({ desktop }) => {
  const outcomes = await desktop.window.evaluate(async () => {
    const api = window.lanyard as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    const tries: [string, unknown[]][] = [
      ['setSetting', ['address', 'not an address']],
      ['setSetting', ['inbox', '/etc']],
      ['setSetting', [{}]],
      ['cancel', [1]],
      ['cancel', []],
      ['retry', ['x'.repeat(1000)]],
      ['exportRecords', ['id', 'all']],
      ['findRecords', [{ sort: 'newest', offset: 0, limit: 1_000 }]],
      ['hideRecords', [{ keys: ['1; DROP TABLE records'] }]],
      ['state', ['more']],
    ]
    return Promise.all(
      tries.map(async ([verb, args]) =>
        (api[verb] ?? (() => Promise.resolve()))(...args).then(
          () => `${verb} took it`,
          () => 'refused',
        ),
      ),
    )
  })
  expect(outcomes.filter((outcome) => outcome !== 'refused')).toEqual([])
})

test('another program cannot take the place of the window', async ({ desktop, phones }) => {
  const link = parseLink(desktop.link())
  const { io } = await import('socket.io-client')
  const socket = io(`http://127.0.0.1:${link?.port}`, { transports: ['websocket'], reconnection: false })
  const reply = await new Promise<unknown>((resolve) => {
    socket.on('connect', () => socket.emit('register', { uid: link?.uid, type: 0, v: 2 }, resolve))
  })
  socket.disconnect()
  expect(reply).toMatchObject({ ok: false, code: 'not-allowed' })
  await expect(desktop.window.getByTestId('qr')).toBeVisible()
  expect(phones.contexts()).toEqual([])
})

test.describe('the end of an app, and its faults', () => {
  test.use({ ownApp: true })

  test('a fault in the main process is told, stops nothing, and does not keep the app from ending', async ({
    desktop,
    phone,
    outbox,
  }) => {
    await desktop.app.evaluate(() => {
      setTimeout(() => {
        throw new Error('made by the test')
      })
    })
    const told = await desktop.events.wait('the fault', ({ event }) => event === 'error')
    expect(told).toMatchObject({ code: 'internal' })
    expect(told['message']).toContain('made by the test')
    const file = await makeFile(outbox, 'after it.bin', 100_000)
    await phone.send(file.path)
    expect(await desktop.events.ended(file.name)).toMatchObject({ state: 'done', sha256: file.sha256 })
  })
})

async function serious(page: Page): Promise<unknown[]> {
  // Otherwise axe opens a page of its own, which Electron's context can't.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.html) }))
}

test('axe finds nothing serious in the window or on the phone page', async ({ desktop, phone, outbox }) => {
  const file = await makeFile(outbox, 'looked at.bin', 30_000_000)
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const page of [desktop.window, phone.page]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    }
    await phone.send(file.path)
    await expect(phone.row(file.name).first()).toBeVisible()
    for (const page of [desktop.window, phone.page]) expect(await serious(page)).toEqual([])
    await desktop.events.wait('end', () => ends(desktop) > (colorScheme === 'light' ? 0 : 1))
    for (const page of [desktop.window, phone.page]) expect(await serious(page)).toEqual([])
  }
})

const ends = (desktop: RunningApp): number =>
  desktop.events.of('transfer').filter((event) => event['state'] !== 'moving').length
