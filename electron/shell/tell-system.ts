import { app, powerSaveBlocker, type BrowserWindow } from 'electron'
import type { Core } from '#core/core.ts'
import type { Settings } from '#store/settings.ts'
import { WhileMoving } from './while-moving.ts'

/** What tells the system of files that move is made of. */
export interface TellSystemOptions {
  /** Asked for once something has changed. */
  readonly core: () => Core
  readonly settings: Settings
  readonly window: () => BrowserWindow | null
}

/** Has Electron keep the computer awake while files move, and show how far they are at the program's icon. */
export function tellSystem({ core, settings, window }: TellSystemOptions): Pick<WhileMoving, 'changed' | 'stop'> {
  const whileMoving = new WhileMoving({
    listed: () => ({ transfers: core().transferList.transfers(), batches: core().transferList.batches() }),
    keepsAwake: () => settings.now.keepAwake,
    isSeen: () => window()?.isFocused() === true,
    stayAwake: () => {
      const id = powerSaveBlocker.start('prevent-app-suspension')
      return () => {
        powerSaveBlocker.stop(id)
      }
    },
    setProgress: (value, mode) => {
      window()?.setProgressBar(value, { mode })
    },
    setBadge: (count) => {
      app.setBadgeCount(count)
    },
  })
  const { changed } = whileMoving
  const unsubscribe = settings.on('keepAwake', changed)
  app.on('browser-window-focus', changed)
  return {
    changed,
    stop: () => {
      unsubscribe()
      app.off('browser-window-focus', changed)
      whileMoving.stop()
    },
  }
}
