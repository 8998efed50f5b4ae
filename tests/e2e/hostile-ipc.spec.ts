import { join } from 'node:path'
import type {} from '#desktop/window-global.ts'
import { listing, makeFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { navigationIsRefused } from '../support/navigation.ts'
import type { RunningApp } from '../support/app.ts'

const PRELOAD = join(import.meta.dirname, '../../out/preload/preload.cjs')

// Case I of the design: what a window's page could do if it were not ours any more.

/** Names of every verb that main answers, and what it does when a sender calls it with these arguments. */
async function invoke({ app }: RunningApp, sender: 'ours' | 'nobody' | 'another page' | 'a frame in ours', args: unknown[]) {
  return app.evaluate(
    async ({ ipcMain, BrowserWindow }, [sender, args]) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents
      const frame = contents.mainFrame
      const senderFrame = {
        ours: frame,
        nobody: null,
        'another page': { url: 'https://evil.example/' },
        'a frame in ours': { url: frame.url },
      }[sender]
      // Electron keeps them here, and hands them what comes from a page; there is no other way to be a foreign frame.
      const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, (event: object, args: unknown) => unknown> })._invokeHandlers
      const event = { sender: sender === 'another page' ? { mainFrame: senderFrame } : contents, senderFrame }
      const outcomes: [string, string][] = []
      for (const [channel, handler] of handlers) {
        try {
          await handler(event, args)
          outcomes.push([channel, 'taken'])
        } catch (error) {
          outcomes.push([channel, String(error)])
        }
      }
      return outcomes
    },
    [sender, args] as const,
  )
} // prettier-ignore

/** What no verb may do with nonsense: ask the system for anything. */
async function quietSystem({ app }: RunningApp): Promise<() => Promise<string[]>> {
  await app.evaluate(({ shell, dialog, clipboard }) => {
    const asked: string[] = []
    Object.assign(globalThis, { asked })
    shell.openExternal = (url) => Promise.resolve(void asked.push(`open ${url}`))
    shell.openPath = (path) => Promise.resolve((asked.push(`path ${path}`), ''))
    shell.showItemInFolder = (path) => void asked.push(`show ${path}`)
    dialog.showOpenDialog = () => Promise.resolve((asked.push('dialog'), { canceled: true, filePaths: [] }))
    clipboard.writeText = (text) => void asked.push(`clipboard ${text}`) as never
  })
  return () => app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)
}

test('I117: a sender that is not our window’s own page is refused at every verb', async ({ desktop }) => {
  const asked = await quietSystem(desktop)
  for (const sender of ['nobody', 'another page', 'a frame in ours'] as const) {
    const outcomes = await invoke(desktop, sender, [])
    expect(outcomes.length).toBeGreaterThan(12)
    expect(outcomes.filter(([, outcome]) => outcome !== 'Error: refused')).toEqual([])
  }
  expect(await asked()).toEqual([])
})

test('I117: another window with our own preload is refused all the same', async ({ desktop }) => {
  const answers = await desktop.app.evaluate(async ({ BrowserWindow }, preload) => {
    const other = new BrowserWindow({ show: false, webPreferences: { preload, contextIsolation: true, sandbox: true } })
    await other.loadURL('data:text/html,another page')
    const said: unknown = await other.webContents.executeJavaScript(`(async () => {
      const outcome = (promise) => promise.then(() => 'taken', () => 'refused')
      return [typeof lanyard, await outcome(window.lanyard.state()), await outcome(window.lanyard.copyLink()), await outcome(window.lanyard.setSetting('legacy', 'always'))]
    })()`)
    other.destroy()
    return said
  }, PRELOAD)
  expect(answers).toEqual(['object', 'refused', 'refused', 'refused'])
}) // prettier-ignore

test('I117: junk for arguments is refused by every verb, and changes nothing', async ({ desktop, phone }) => {
  await phone.is('connected')
  const asked = await quietSystem(desktop)
  // Which lane files would travel on is found out meanwhile.
  const state = () =>
    desktop.window.evaluate(async () => {
      const { devices, ...rest } = await window.lanyard.state()
      return { ...rest, devices: devices.map((device) => ({ ...device, lane: null })) }
    })
  // The phone says that it has no records soon after it is connected, and nothing more by itself.
  await expect.poll(async () => (await state()).owners.length).toBe(1)
  const before = await state()
  const polluting = JSON.parse('{"__proto__":{"polluted":true},"length":1,"0":"x"}') as unknown
  const junk: unknown[][] = [
    [polluting], [null], [[]], [-1], [NaN], [{}, {}], ['x'.repeat(40_000)], [['x'.repeat(40_000)]], [''], ['', true], ['id', 7],
    [true], ['a', 'b', 'c', 'd'], ['../../etc/passwd', 7], [{ keys: [] }], [{ keys: [0] }], [{ of: {}, without: [] }], [{ keys: [1], of: 1 }, 'exe'], ['x', new Uint8Array(0)], ['__proto__', { length: 3 }],
    [Array.from({ length: 2000 }, () => 'x'), true], ['x', Array.from({ length: 200_000 }, () => 'x')],
  ] // prettier-ignore
  for (const args of junk) {
    const taken = (await invoke(desktop, 'ours', args)).filter(([, outcome]) => !outcome.startsWith('ProtocolError: malformed'))
    expect([args.length, JSON.stringify(args).slice(0, 80), taken]).toEqual([args.length, JSON.stringify(args).slice(0, 80), []])
  }
  for (const args of [undefined, null, 7, 'state', polluting] as unknown[][]) {
    const taken = (await invoke(desktop, 'ours', args)).filter(([, outcome]) => !outcome.startsWith('ProtocolError: malformed'))
    expect(taken).toEqual([])
  }
  // Of the right form, and nobody's: nothing comes of them either.
  for (const id of ['__proto__', 'constructor', '../../etc/passwd', '/etc/passwd', '127.0.0.1; rm -rf ~', before.link!.text.slice(0, 60)])
    await desktop.window.evaluate(async (id) => {
      await Promise.all([window.lanyard.cancel(id), window.lanyard.retry(id), window.lanyard.showInFolder(id), window.lanyard.answerLegacy(id, true)])
      await Promise.all([window.lanyard.dragOut(id), window.lanyard.copyFile(id), window.lanyard.copyPicture(id), window.lanyard.sendHanded([id])])
      await Promise.all([window.lanyard.answerFiles([id], true), window.lanyard.setAutoAccept(id, false), window.lanyard.sendText(id, id)])
      await Promise.all([window.lanyard.waitForPhone(id, true), window.lanyard.forgetRecords(id), window.lanyard.setClipboard(id, true)])
      await Promise.all([window.lanyard.copyText(id), window.lanyard.openText(id), window.lanyard.dismissText(id)])
      await Promise.all([window.lanyard.historyShow(7), window.lanyard.historyAgain(7), window.lanyard.openRecord(7), window.lanyard.readRecord(7)])
      await Promise.all([window.lanyard.rename(id, id), window.lanyard.revoke(id)])
    }, id)
  expect(await asked()).toEqual([])
  expect(await state()).toEqual(before)
  expect(await desktop.app.evaluate(() => (({}) as { polluted?: unknown }).polluted ?? 'clean')).toBe('clean')
}) // prettier-ignore

test('I117: no function of the page takes a path or tells one', async ({ desktop, phone, outbox }) => {
  await phone.send({ name: 'kept.txt', mimeType: 'text/plain', buffer: Buffer.from('x') })
  await desktop.events.ended('kept.txt')
  const { state, sent } = await desktop.window.evaluate(async (outbox) => {
    const { devices } = await window.lanyard.state()
    const id = devices[0]!.id
    const send = (id: string, files: unknown): Promise<void> => window.lanyard.sendFiles(id, files as File[])
    const outcome = (files: unknown): Promise<string> => send(id, files).then(() => 'nothing', () => 'refused')
    const lies = [['/etc/passwd'], [{ path: '/etc/passwd', name: 'passwd' }], [new File(['x'], '/etc/passwd')], '/etc/passwd', [`${outbox}/x`]]
    const sent = await Promise.all(lies.map(outcome))
    return { state: JSON.stringify(await window.lanyard.state()), sent }
  }, outbox)
  expect(sent.filter((outcome) => outcome !== 'nothing' && outcome !== 'refused')).toEqual([])
  // Only what came in is there, and no way to it.
  expect((JSON.parse(state) as { transfers: unknown[] }).transfers).toHaveLength(1)
  expect(state).toContain('kept.txt')
  for (const path of [desktop.inbox, desktop.folder, outbox]) expect(state).not.toContain(path)
  expect(await listing(desktop.inbox)).toEqual(['kept.txt'])
}) // prettier-ignore

test('I118: the page goes nowhere, whatever it asks for', async ({ desktop }) => {
  const { window } = desktop
  await expect(window.getByTestId('qr')).toBeVisible()
  const before = window.url()
  const asked = await quietSystem(desktop)
  await window.evaluate(() => {
    for (const url of [
      'https://evil.example/',
      'file:///etc/passwd',
      'data:text/html,x',
      'javascript:globalThis.ran=1',
    ])
      for (const target of ['_self', '_top', '_blank', 'other']) {
        const link = Object.assign(document.createElement('a'), { href: url, target })
        document.body.append(link)
        link.click()
        link.remove()
        open(url, target)
      }
    const form = Object.assign(document.createElement('form'), { action: 'https://evil.example/', method: 'post' })
    document.body.append(form)
    form.submit()
    location.assign('https://evil.example/')
  })
  await stays(desktop, before)
  expect(await asked()).toEqual([])
})

test('I118: a page or a file that is dropped on the window does not take its place', async ({ desktop, outbox }) => {
  const { window } = desktop
  await expect(window.getByTestId('qr')).toBeVisible()
  const before = window.url()
  const asked = await quietSystem(desktop)
  const page = await makeFile(outbox, 'page.html', 100)
  const session = await window.context().newCDPSession(window)
  for (const url of ['https://evil.example/', 'file:///etc/passwd']) {
    const data = { items: [{ mimeType: 'text/uri-list', data: url }], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
  }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', {
      type,
      x: 300,
      y: 300,
      data: { items: [], files: [page.path], dragOperationsMask: 1 },
    })
  await stays(desktop, before)
  expect(await asked()).toEqual([])
})

/** Our page is where it was, by itself, and has run nothing foreign. */
async function stays(desktop: RunningApp, before: string): Promise<void> {
  const { app, window } = desktop
  await navigationIsRefused(desktop)
  expect(window.url()).toBe(before)
  // Not by a locator, which would wait for the end of what was refused.
  expect(await window.evaluate(() => document.querySelector('[data-testid="qr"]') !== null)).toBe(true)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  expect(await window.evaluate(() => 'ran' in globalThis)).toBe(false)
}
