import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startApp, type RunningApp } from '../support/app.ts'
import { expect, test } from '../support/fixtures.ts'
import { Phone } from '../support/phone.ts'
import { makeFile, scratch } from '../support/files.ts'

const settingsOf = ({ window }: RunningApp) =>
  window.evaluate(async () => (await globalThis.window.lanyard.state()).settings)
const setting = ({ window }: RunningApp, name: string) => window.getByTestId(`setting-${name}`)

test('settings count at once, also the language and the port, and are there after a restart', async ({ phones }) => {
  const kept = await scratch()
  // What the system reads of a person's own.
  const env = { XDG_CONFIG_HOME: join(kept.path, 'config'), XDG_DATA_HOME: join(kept.path, 'share') }
  let desktop = await startApp([], '127.0.0.1', kept.path, env)
  const { window } = desktop
  await window.getByTestId('settings-open').click()

  await setting(desktop, 'language').focus()
  await setting(desktop, 'language').selectOption('zh-CN')
  await expect(window.getByRole('heading', { level: 1 })).toHaveText('设置')
  await expect(setting(desktop, 'language')).toBeFocused()
  await expect(window.locator('html')).toHaveAttribute('lang', 'zh-CN')

  await setting(desktop, 'theme').selectOption('dark')
  // Playwright paints the page light whatever the window is.
  await expect.poll(() => desktop.app.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors)).toBe(true)

  await setting(desktop, 'name').fill('Küche')
  await setting(desktop, 'lane').selectOption('socket')
  await setting(desktop, 'autoAcceptNew').uncheck()

  const { port } = new URL(desktop.link())
  const other = String(Number(port) + 100)
  await setting(desktop, 'port').fill('70000')
  await setting(desktop, 'port').blur()
  await expect(setting(desktop, 'port')).toHaveAttribute('aria-invalid', 'true')
  await setting(desktop, 'port').fill(other)
  await setting(desktop, 'port').blur()
  await desktop.events.wait('the new port', ({ event, link }) => event === 'link' && String(link).includes(`:${other}`))
  await setting(desktop, 'networks').fill('everybody')
  await setting(desktop, 'networks').blur()
  await expect(setting(desktop, 'networks')).toHaveAttribute('aria-invalid', 'true')
  await setting(desktop, 'networks').fill('198.51.100.0/24, 203.0.113.7/32')
  await setting(desktop, 'networks').blur()
  const networks = () => window.evaluate(async () => (await globalThis.window.lanyard.state()).networks)
  await expect.poll(networks).toEqual(expect.arrayContaining(['198.51.100.0/24', '203.0.113.7/32']))
  const phone = await Phone.join(phones, desktop.link())
  await expect(phone.page.getByText('Küche').first()).toBeVisible()
  await window.getByTestId('nav-phones').click()
  await expect(window.getByTestId('auto-accept')).not.toBeChecked()

  await window.getByTestId('settings-open').click()
  const pictures = join(kept.path, 'Bilder')
  await desktop.app.evaluate(({ dialog }, folder) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [folder] })
  }, pictures)
  await setting(desktop, 'folders').click()
  await setting(desktop, 'kind-pictures-choose').click()
  await expect(setting(desktop, 'kind-pictures')).toContainText('Bilder')
  const picture = await makeFile(kept.path, 'one.png', 50_000)
  await phone.send(picture.path)
  await window.getByTestId('accept').click()
  await expect.poll(() => readdir(pictures).catch(() => [])).toEqual(['one.png'])
  await phone.close()

  const written = (path: string) => readFile(join(kept.path, path), 'utf8').catch(() => '')
  const entries = ['config/autostart/lanyard.desktop', 'share/kio/servicemenus/lanyard.desktop'] as const
  await setting(desktop, 'startAtLogin').check()
  await setting(desktop, 'fileManagers').check()
  await expect.poll(() => written(entries[0])).toMatch(/^Exec=.* "--hidden"$/m)
  await expect.poll(() => written(entries[1])).toMatch(/^Exec=.* %F$/m)
  await setting(desktop, 'startAtLogin').uncheck()
  await setting(desktop, 'fileManagers').uncheck()
  for (const entry of entries) await expect.poll(() => written(entry)).toBe('')

  await window.getByTestId('report-open').click()
  const report = await window.getByTestId('report-text').textContent()
  expect(report).toContain('Phones: 1 page')
  await window.getByTestId('report-copy').click()
  await expect(window.getByTestId('report-copy')).toHaveAttribute('data-copied', 'true')
  expect(await desktop.app.evaluate(({ clipboard }) => clipboard.readText())).toBe(report)
  const folder = await desktop.app.evaluate(({ app }) => app.getPath('logs'))
  const log = await readFile(join(folder, 'lanyard.log'), 'utf8')
  expect(log).toMatch(/ info ready on port \d+\n/)
  for (const secret of ['Küche', '127.0.0.1', kept.path, new URL(desktop.link()).hash])
    expect(`${report}${log}`).not.toContain(secret)

  const before = await settingsOf(desktop)
  expect(before).toMatchObject({
    language: 'zh-CN',
    theme: 'dark',
    name: 'Küche',
    lane: 'socket',
    autoAcceptNew: false,
  })
  await desktop.close()
  desktop = await startApp([], '127.0.0.1', kept.path, env)
  // The port of the command line goes before.
  await expect
    .poll(() => settingsOf(desktop))
    .toEqual({
      ...before,
      port: expect.any(Number),
      kindFolders: { pictures: { name: before.kindFolders.pictures?.name, isGone: false } },
    })
  await expect(desktop.window.locator('html')).toHaveAttribute('lang', 'zh-CN')
  await desktop.close()
  await kept.remove()
})
