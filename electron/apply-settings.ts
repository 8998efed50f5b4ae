import { app, Menu, nativeTheme } from 'electron'
import type { Core } from '#core/core.ts'
import { ownNetworks } from '#hub/connection-filter.ts'
import { speak } from '#messages/locale'
import type { SettingValue } from '#store/setting-rows.ts'
import type { Settings } from '#store/settings.ts'
import type { HubHost } from './hub-host.ts'
import { macMenu, type MenuActions } from './mac-menu.ts'

/** Speaks the chosen language from now on, or that of the system. Returns the undo. */
export function followLanguage(settings: Settings): () => void {
  const choose = (language: SettingValue<'language'>): void => {
    speak(language === 'system' ? app.getPreferredSystemLanguages() : [language])
  }
  choose(settings.now.language)
  return settings.on('language', choose)
}

/** Shows the window's pages and frames in the chosen colours from now on. Returns the undo. */
export function followTheme(settings: Settings): () => void {
  nativeTheme.themeSource = settings.now.theme
  return settings.on('theme', (theme) => {
    nativeTheme.themeSource = theme
  })
}

/** Keeps the menu bar of macOS in the language that is spoken. Returns the undo. */
export function keepMacMenu(settings: Settings, actions: MenuActions): () => void {
  if (process.platform !== 'darwin') return () => undefined
  const build = (): void => {
    Menu.setApplicationMenu(Menu.buildFromTemplate(macMenu(actions)))
  }
  build()
  return settings.on('language', build)
}

/**
 * Returns what lists the networks, beyond the private ones, from which phones may come: this computer's own, and those that a
 * person names. `host`: an address that was given for this run.
 */
export const networksFor =
  (settings: Settings, host?: string): (() => string[]) =>
  () => [...ownNetworks(undefined, host === undefined ? [] : [host]), ...settings.now.networks]

interface Followers {
  readonly core: Core
  readonly host: HubHost
  /** This computer's, where a person gave it none. */
  readonly systemName: string
  readonly log: (line: string) => void
}

/** Has the core and the hub follow the settings. Returns the undo. */
export function followSettings(settings: Settings, { core, host, systemName, log }: Followers): () => void {
  const move = (port: number): Promise<void> =>
    host.move(port).then(
      (hub) => {
        core.moved(hub)
      },
      (error: unknown) => {
        log(`the hub can't be started again: ${String(error)}`)
      },
    )
  const stops = [
    settings.on('lane', (lane) => {
      core.setLane(lane)
    }),
    settings.on('legacy', (legacy) => {
      core.legacyPrompts.setPolicy(legacy)
    }),
    settings.on('address', (address) => {
      core.chooseAddress(address)
    }),
    settings.on('name', (name) => {
      core.rename(name || systemName)
      void host.rename(core.name)
    }),
    settings.on('port', (port) => {
      // What moves goes on where it is; the port counts from the next start then, and the window says so.
      if (!core.transferList.isMoving) void move(port)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
