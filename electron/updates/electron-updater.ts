import { AppImageUpdater, MacUpdater, NsisUpdater, type AppUpdater } from 'electron-updater'
import type { UpdateFailure } from '#electron/app-state.ts'
import { UpdateError, type Updater } from './updates.ts'

/** Reasons by the codes of electron-updater, Chromium's network and the file system. */
const REASONS: readonly (readonly [RegExp, UpdateFailure])[] = [
  [/checksum mismatch|ERR_CHECKSUM|ERR_UPDATER_INVALID_SIGNATURE|ERR_UPDATER_NO_CHECKSUM/, 'wrong-hash'],
  [/ENOSPC|EACCES|EPERM|EROFS|EDQUOT/, 'disk'],
  [/ERR_INTERNET_DISCONNECTED|ERR_NAME_NOT_RESOLVED|ERR_NETWORK_CHANGED|ENOTFOUND|EAI_AGAIN/, 'offline'],
  [/net::ERR_|ECONN|ETIMEDOUT|ERR_UPDATER_|HttpError|ERR_HTTP/, 'no-answer'],
]

/** Returns why a step of electron-updater has failed. */
export function failureOf(error: unknown): UpdateFailure {
  const { code = '', message = '', name = '' } = (error ?? {}) as { code?: string; message?: string; name?: string }
  const text = `${code} ${name} ${message}`
  return REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? 'failed'
}

/**
 * Makes the updater of this system. Which one it is, is not left to electron-updater: it goes by a file that a deb and an
 * AppImage made together may share.
 */
function updaterOf(platform: NodeJS.Platform): AppUpdater {
  if (platform === 'win32') return new NsisUpdater()
  return platform === 'darwin' ? new MacUpdater() : new AppImageUpdater()
}

/** Makes an updater that does nothing unless it is told. */
function quietUpdater(log: (line: string) => void, config: string | undefined): AppUpdater {
  const updater = updaterOf(process.platform)
  if (config !== undefined) updater.updateConfigPath = config
  updater.autoDownload = false
  updater.allowDowngrade = false
  updater.allowPrerelease = false
  // Of the deb and the tar.gz too, which are only told.
  updater.forceDevUpdateConfig = true
  updater.logger = { info: () => undefined, warn: log, error: log }
  // Each failure also rejects the step that it belongs to; without a listener the event would end the program.
  updater.on('error', () => undefined)
  return updater
}

/**
 * Returns electron-updater as this app uses it: nothing happens unless it is told, and never a version older than this one.
 * `config`: the file that says where updates are, for a program that is not packaged.
 */
export function electronUpdater(log: (line: string) => void, config?: string): Updater {
  const updater = quietUpdater(log, config)
  const told = async <T>(step: () => Promise<T>): Promise<T> => {
    try {
      return await step()
    } catch (error) {
      throw new UpdateError(failureOf(error), { cause: error })
    }
  }
  return {
    check: () =>
      told(async () => {
        const found = await updater.checkForUpdates()
        return found?.isUpdateAvailable === true ? found.updateInfo.version : null
      }),
    download: (onProgress) =>
      told(async () => {
        const heard = ({ percent }: { percent: number }): void => {
          onProgress(percent)
        }
        updater.on('download-progress', heard)
        // It looks at this once more when the program ends.
        updater.autoInstallOnAppQuit = true
        try {
          await updater.downloadUpdate()
        } finally {
          updater.off('download-progress', heard)
        }
      }),
    keepForLater: () => {
      updater.autoInstallOnAppQuit = false
    },
    installAndRestart: () => {
      updater.quitAndInstall()
    },
  }
}
