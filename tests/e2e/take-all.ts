import type {} from '#desktop/window-global.ts'
import type { RunningApp } from '../support/app.ts'

/** Somebody sits before the window and takes every file that asks, for tests that are about the files. */
export async function takeAllFiles(desktop: RunningApp): Promise<void> {
  await desktop.window.evaluate(() => {
    window.lanyard.onState(({ transfers }) => {
      const asking = transfers.filter(({ asks }) => asks).map(({ id }) => id)
      if (asking.length > 0) void window.lanyard.answerFiles(asking, true)
    })
  })
}
