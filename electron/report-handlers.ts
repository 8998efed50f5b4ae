import { app } from 'electron'
import os from 'node:os'
import type { Core } from '#core/core.ts'
import type { Settings } from '#store/settings.ts'
import type { Doctor } from './doctor/doctor.ts'
import type { Answers, Handlers } from './ipc.ts'
import type { LogFile } from './log/log-file.ts'
import { reportText } from './log/report.ts'
import type { AppState } from './app-state.ts'
import { ROWS_MAX } from './window-api.ts'

/** Errors of the log that go into a report. */
const ERRORS_MAX = 40

export interface ReportOptions {
  readonly core: Core
  readonly settings: Settings
  readonly log: LogFile
  readonly state: () => AppState
  readonly doctor: Pick<Doctor, 'examine'>
  /** Puts a text on the clipboard. */
  readonly copy: (text: string) => Promise<void>
}

/** Makes the handlers of the report. What is copied is what was shown. */
export function reportHandlers({
  core,
  settings,
  log,
  state,
  doctor,
  copy,
}: ReportOptions): Pick<Answers, 'report'> & Pick<Handlers, 'copyReport'> {
  let shown: string | null = null
  return {
    report: async () => {
      shown = reportText({
        versions: versions(),
        system: system(),
        settings: settings.now,
        state: state(),
        network: await doctor.examine(),
        history: core.phoneData.history.find({ offset: 0, limit: ROWS_MAX }).rows,
        errors: log.tail(ERRORS_MAX, 'error'),
      })
      return shown
    },
    copyReport: async () => {
      if (shown !== null) await copy(shown)
    },
  }
}

const versions = (): Record<string, string> => ({
  Lanyard: `${app.getVersion()}${app.isPackaged ? '' : ' from source'}`,
  Electron: process.versions.electron,
  Chromium: process.versions.chrome,
  Node: process.versions.node,
})

function system(): string[] {
  const { XDG_CURRENT_DESKTOP: desktop = '', XDG_SESSION_TYPE: session = '' } = process.env
  const gigabytes = (bytes: number): string => (bytes / 1_073_741_824).toFixed(1)
  return [
    `System: ${os.type()} ${os.release()} ${os.arch()}`,
    ...(process.platform === 'linux' ? [`Desktop: ${desktop || 'none'}, ${session || 'no session'}`] : []),
    `Language: ${app.getLocale()}, of the system ${app.getPreferredSystemLanguages().join(' ')}`,
    `Processors: ${os.cpus().length}, memory: ${gigabytes(os.freemem())} of ${gigabytes(os.totalmem())} GiB free`,
    `Running for: ${Math.round(process.uptime() / 60)} minutes`,
  ]
}
