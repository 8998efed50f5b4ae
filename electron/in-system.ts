import { app, shell } from 'electron'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { Autostart, HIDDEN, keepAutostart } from '#electron/shell/autostart.ts'
import { FileManagers, keepFileManagers } from '#electron/shell/file-managers.ts'
import { programOf, type Program } from '#electron/shell/program.ts'
import type { Settings } from '#store/settings.ts'
import { keepMacMenu } from './apply-settings.ts'
import type { Options } from './cli.ts'
import type { MenuActions } from './mac-menu.ts'

interface InSystemOptions {
  /** The command line. */
  readonly options: Options
  readonly settings: Settings
  /** What the menu of macOS does. */
  readonly menu: MenuActions
  /** Tells a person what the system refuses. */
  readonly say: (line: string) => void
}

/** Has what the system keeps for this app follow the settings: menu, file managers, start at login. Returns the undos. */
export function followInSystem({ options, settings, menu, say }: InSystemOptions): (() => void)[] {
  const fail = (error: unknown): void => {
    say(error instanceof Error ? error.message : String(error))
  }
  const { look, stop } = keepAutostart(settings, autostart(options), fail)
  // It may have been changed in the system's own settings meanwhile.
  app.on('browser-window-focus', () => void look())
  return [keepMacMenu(settings, menu), keepFileManagers(settings, fileManagers(options), fail), stop]
}

/** Returns how this run would be started by others. */
export function programFor({ data }: Options): Program {
  const noSandbox = app.commandLine.hasSwitch('no-sandbox')
  const facts = { execPath: process.execPath, isPackaged: app.isPackaged, appPath: app.getAppPath(), env: process.env }
  return programOf({ ...facts, noSandbox, data: data === undefined ? undefined : resolve(data) })
}

/** Returns the folder of the session that a variable names, else the usual one. */
function sessionFolder(variable: 'XDG_CONFIG_HOME' | 'XDG_DATA_HOME', usual: string): string {
  const named = process.env[variable] ?? ''
  return isAbsolute(named) ? named : join(homedir(), usual)
}

function fileManagers(options: Options): FileManagers {
  return new FileManagers({
    platform: process.platform,
    program: programFor(options),
    home: process.platform === 'win32' ? app.getPath('appData') : sessionFolder('XDG_DATA_HOME', '.local/share'),
    writeLink: (path, details) => shell.writeShortcutLink(path, details),
  })
}

function autostart(options: Options): Autostart {
  const program = programFor(options)
  const item = { path: program.path, args: [...program.args, HIDDEN] }
  return new Autostart({
    platform: process.platform,
    program,
    configHome: sessionFolder('XDG_CONFIG_HOME', '.config'),
    isInstalled: app.isPackaged && options.data === undefined,
    items: {
      isOn: () => app.getLoginItemSettings(item).openAtLogin,
      set: (openAtLogin) => {
        app.setLoginItemSettings({ ...item, openAtLogin })
      },
    },
  })
}
