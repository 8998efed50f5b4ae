import { existsSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startApp, type RunningApp } from '../support/app.ts'
import { makeLongFile } from '../support/files.ts'
import { expect, test } from '../support/fixtures.ts'
import { underWay } from '../support/moving.ts'
import { QUIET_MS } from '../support/patience.ts'
import { Phone } from '../support/phone.ts'
import { installStandIn, standIn, updateFeed, type UpdateFeed } from '../support/update-feed.ts'

/** Bytes of a file that is on its way for as long as a test looks. */
const LONG = 400_000_000
const QUIET = { timeout: QUIET_MS }

interface Stage {
  readonly desktop: RunningApp
  readonly feed: UpdateFeed
  /** What stands at the place of the program's file now. */
  readonly installed: () => Promise<Buffer>
  readonly before: Buffer
  readonly after: Buffer
  /** Written by whichever version is started. */
  readonly started: string
  readonly close: () => Promise<void>
}

/** Starts an app that takes itself for an AppImage, with a place of updates on loopback. */
async function setStage(folder: string): Promise<Stage> {
  const started = join(folder, 'started')
  const [before, after] = [standIn('before', started), standIn('after', started)]
  const image = join(folder, 'lanyard.AppImage')
  await installStandIn(image, before)
  const cache = join(folder, 'cache')
  await mkdir(cache)
  const feed = await updateFeed(folder, '99.0.0', after)
  const env = { APPIMAGE: image, XDG_CACHE_HOME: cache, LANYARD_UPDATE_CONFIG: feed.config }
  const desktop = await startApp([], '127.0.0.1', join(folder, 'kept'), env)
  await desktop.window.getByTestId('settings-open').click()
  return {
    desktop,
    feed,
    installed: () => readFile(image),
    ...{ before, after, started },
    close: async () => {
      await feed.close()
      await rm(cache, { recursive: true, force: true })
    },
  }
}

const exitOf = ({ child }: RunningApp): Promise<number | null> => new Promise((done) => child.once('exit', done))

test('what is wrong with an update changes nothing and is told; a good one is there after the next end', async ({
  outbox,
}) => {
  const { desktop, feed, installed, before, after, started, close } = await setStage(outbox)
  const { window } = desktop
  const look = window.getByTestId('update-look')
  const get = window.getByTestId('update-get')
  feed.wrong = 'missing'
  await look.click()
  await expect(window.getByText('did not answer')).toBeVisible(QUIET)
  feed.wrong = 'older'
  await look.click()
  await expect(window.getByText('There is no newer version.')).toBeVisible(QUIET)
  feed.wrong = 'hash'
  await look.click()
  await get.click(QUIET)
  await expect(window.getByText('arrived damaged')).toBeVisible(QUIET)
  feed.wrong = 'cut'
  await look.click()
  await get.click(QUIET)
  await expect(look).toBeVisible(QUIET)
  expect(feed.fetched()).toBeGreaterThanOrEqual(2)
  feed.wrong = 'nothing'
  await look.click()
  await get.click(QUIET)
  await expect(window.getByTestId('update-restart')).toBeEnabled(QUIET)
  expect(await installed()).toEqual(before)
  const ended = exitOf(desktop)
  await desktop.app.evaluate(({ app }) => {
    app.quit()
  })
  expect(await ended).toBe(0)
  expect(await installed()).toEqual(after)
  // Installed, and not started: nobody asked for that.
  expect(existsSync(started)).toBe(false)
  await close()
})

test('a restart waits for what moves, and then starts the new version', async ({ phones, outbox }) => {
  const { desktop, installed, before, after, started, close } = await setStage(outbox)
  const { window } = desktop
  await window.getByTestId('update-look').click()
  await window.getByTestId('update-get').click(QUIET)
  const restart = window.getByTestId('update-restart')
  await expect(restart).toBeEnabled(QUIET)
  const phone = await Phone.join(phones, desktop.link())
  const file = await makeLongFile(outbox, 'on its way.bin', LONG)
  await phone.send(file.path)
  await underWay(desktop.events, file.name)
  await expect(restart).toBeDisabled(QUIET)
  // Nor for a page that asks all the same.
  await window.evaluate(() => globalThis.window.lanyard.updateRestart())
  expect(await installed()).toEqual(before)
  await phone.close()
  await expect(restart).toBeEnabled(QUIET)
  const ended = exitOf(desktop)
  await restart.click()
  expect(await ended).toBe(0)
  expect(await installed()).toEqual(after)
  await expect.poll(() => readFile(started, 'utf8').catch(() => ''), QUIET).toBe('after\n')
  await close()
})

test('a signal leaves the new version for the next time', async ({ outbox }) => {
  const { desktop, installed, before, close } = await setStage(outbox)
  const { window } = desktop
  await window.getByTestId('update-look').click()
  await window.getByTestId('update-get').click(QUIET)
  await expect(window.getByTestId('update-restart')).toBeEnabled(QUIET)
  await desktop.close()
  expect(await installed()).toEqual(before)
  await close()
})
