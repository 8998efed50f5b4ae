import { _electron } from '@playwright/test'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { environment, ROOT, startApp, switches, type RunningApp } from '../support/app.ts'
import { expect, test } from '../support/fixtures.ts'

const NO_TRAY = { DBUS_SESSION_BUS_ADDRESS: 'disabled:' }

/** On the one screen of the test, and neither where nor as large as a window is at first. */
const PLACE = { x: 200, y: 100, width: 640, height: 560 }

const seen = ({ app }: RunningApp) =>
  app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    return { bounds: window?.getBounds(), percent: Math.round(100 * (window?.webContents.getZoomFactor() ?? 0)) }
  })

test('the window opens where it was left, its page as large; started hidden without a tray, it is in reach', async ({
  outbox,
}) => {
  const kept = join(outbox, 'kept')
  const first = await startApp([], '127.0.0.1', kept, NO_TRAY)
  await first.app.evaluate(({ BrowserWindow }, place) => BrowserWindow.getAllWindows()[0]?.setBounds(place), PLACE)
  // The page's own keys, as Playwright presses them, do not come by the window.
  await first.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.webContents.sendInputEvent({
      type: 'keyDown',
      keyCode: '=',
      modifiers: [process.platform === 'darwin' ? 'meta' : 'control'],
    })
  })
  const left = { bounds: PLACE, percent: 120 }
  await expect.poll(() => seen(first)).toEqual(left)
  const onDisk = () => readFile(join(first.folder, 'data', 'window.json'), 'utf8').catch(() => '')
  await expect.poll(onDisk).toContain('"zoom": 1.2')
  await first.close()

  const second = await startApp(['--hidden'], '127.0.0.1', kept, NO_TRAY)
  await expect.poll(() => seen(second)).toEqual(left)
  const isInReach = () =>
    second.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().some((window) => window.isVisible() || window.isMinimized()),
    )
  await expect.poll(isInReach).toBe(true)
  await second.close()
})

test('ended before its page has loaded, the program notes the place all the same', async ({ outbox }) => {
  const asked: ServerResponse[] = []
  const slow = createServer((_request, response) => asked.push(response)).listen(0, '127.0.0.1')
  await once(slow, 'listening')
  const data = join(outbox, 'data')
  const own = ['--port=0', '--host=127.0.0.1', `--inbox=${join(outbox, 'inbox')}`, `--data=${data}`]
  const app = await _electron.launch({
    executablePath: String(process.env['ELECTRON_EXEC_PATH']),
    args: [...switches(), ROOT, '--', ...own],
    env: {
      ...environment(),
      ...NO_TRAY,
      ELECTRON_RENDERER_URL: `http://127.0.0.1:${(slow.address() as AddressInfo).port}`,
    },
  })
  const child = app.process()
  await expect.poll(() => asked.length).toBe(1)
  await app.evaluate(({ BrowserWindow }, place) => BrowserWindow.getAllWindows()[0]?.setBounds(place), PLACE)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  // Its start comes through now, and finds that it is to end.
  for (const response of asked) response.end('<title>A page</title>')
  expect(await ended).toEqual([0, null])
  expect(JSON.parse(await readFile(join(data, 'window.json'), 'utf8'))).toMatchObject(PLACE)
  slow.closeAllConnections()
  slow.close()
})
