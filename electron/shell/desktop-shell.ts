import { BrowserWindow, dialog } from 'electron'
import type { Core } from '#core/core.ts'
import { m } from '#messages'
import type { Settings } from '#store/settings.ts'
import { Debounce } from '#transfer/debounce.ts'
import type { Handlers } from '#electron/ipc.ts'
import type { NeededWindow } from '#electron/needed-window.ts'
import type { UpdateView } from '#electron/app-state.ts'
import type { Reveal } from '#electron/window-api.ts'
import { isClipboardOurs } from './file-clipboard.ts'
import type { Lifecycle } from './lifecycle.ts'
import { Notices, type NoticeAction } from './notices.ts'
import { Notifications } from './notifications.ts'
import { raiseBy, type Program } from './program.ts'
import { TrayHost } from './tray-host.ts'
import { TrayIcon } from './tray-icon.ts'
import { trayMark, trayMenu, type TrayAction } from './tray-menu.ts'

export interface DesktopShellOptions {
  readonly core: Core
  /** Where things stand with a newer version. */
  readonly update: () => UpdateView
  readonly settings: Settings
  /** What a person can ask of the program, in the window or here. */
  readonly handlers: Handlers
  readonly window: NeededWindow<BrowserWindow>
  /** Brings the window to the front, and shows that in it. */
  readonly reveal: (what: Reveal) => void
  readonly lifecycle: Lifecycle
  /** How this run would be started by others. */
  readonly program: Program
  /** Takes files and folders from outside of the window, and shows what becomes of them. */
  readonly take: (paths: readonly string[]) => void
}

/** Milliseconds in which what happens is told as one. */
const GATHER_MS = 300

/** What the program shows outside of its window: the icon in the tray, and notices. */
export class DesktopShell {
  readonly #options: DesktopShellOptions
  readonly #notices: Notices
  readonly #notifications: Notifications
  readonly #icon: TrayIcon
  readonly #stops: (() => void)[] = []
  #host: TrayHost | null = null
  /** Whether the window was minimised because there was no icon in the tray. */
  #standsIn = false
  #isClosed = false
  readonly #soon = new Debounce(() => {
    this.#look()
  })

  private constructor(options: DesktopShellOptions) {
    this.#options = options
    this.#notices = new Notices(() => options.settings.now)
    this.#notifications = new Notifications((action, token) => {
      const isShown = this.#onNotice(action)
      if (isShown && token !== null) raiseBy(token, options.program)
    })
    this.#icon = new TrayIcon(
      (action) => {
        this.#onTray(action)
      },
      (paths) => {
        options.take(paths)
      },
    )
  }

  static async open(options: DesktopShellOptions): Promise<DesktopShell> {
    const shell = new DesktopShell(options)
    shell.#host = await TrayHost.watch(() => {
      shell.#hostChanged()
    })
    shell.#stops.push(options.settings.on('keepInTray', () => {
      shell.#hostChanged()
    })) // prettier-ignore
    shell.#hostChanged()
    return shell
  }

  /** Whether an icon brings a hidden window back. */
  get hasTray(): boolean {
    return this.#icon.isThere
  }

  /** The state has changed, or whether the window is in front. */
  changed(): void {
    this.#soon.within(GATHER_MS)
  }

  /** The window has been hidden by its close button: says so, once in a lifetime. */
  wasHidden(): void {
    const { settings } = this.#options
    if (settings.now.toldOfTray) return
    settings.set('toldOfTray', true)
    const notice = { title: m.notice_hidden_title(), body: m.notice_hidden() }
    const click = { do: 'show-settings' } as const
    this.#notifications.show({ tag: 'hidden', ...notice, click, buttons: [] }, () => {
      void dialog.showMessageBox({ type: 'info', title: m.app_name(), message: notice.title, detail: notice.body })
    })
  }

  /** Takes everything off the screen, for good: what ends on the way out is told by nobody. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const stop of this.#stops) stop()
    this.#host?.stop()
    this.#icon.close()
    await this.#notifications.stop()
  }

  /** Leaves the window where something brings it back: hidden with an icon in the tray, else minimised. */
  #hostChanged(): void {
    this.#look()
    const { window } = this.#options
    if (process.platform === 'darwin') return
    if (!this.hasTray && !window.isWanted) {
      this.#standsIn = true
      window.minimise()
    } else if (this.hasTray && this.#standsIn) {
      // A tray that starts after this program, as when both start at login.
      this.#standsIn = false
      if (window.window?.isMinimized() === true) window.hide()
    }
  }

  #look(): void {
    if (this.#isClosed) return
    const { core, update, settings, window } = this.#options
    const state = core.state()
    const inFront = window.window?.isFocused() === true
    this.#notices.take(state, inFront)
    const { show, close } = this.#notices.due()
    for (const tag of close) this.#notifications.close(tag)
    for (const notice of show) this.#notifications.show(notice)
    const hasPlace = this.#host?.isThere === true && settings.now.keepInTray
    const shown = { entries: trayMenu({ ...state, update: update() }), mark: trayMark(state, this.#notices.hasUnseen) }
    this.#icon.show(hasPlace ? shown : null)
  }

  #onTray(action: TrayAction): void {
    const { handlers, reveal, lifecycle } = this.#options
    switch (action.do) {
      case 'send-files':
        void handlers.chooseFiles(action.deviceId)
        return
      case 'send-clipboard':
        void handlers.sendClipboard(action.deviceId)
        return
      case 'pause-all':
        this.#pauseAll(action.on)
        return
      case 'cancel-all':
        this.#cancelAll()
        return
      case 'folder':
        void handlers.openInbox()
        return
      case 'update-get':
        void handlers.updateGet()
        return
      case 'update-restart':
        void handlers.updateRestart()
        return
      case 'update-page':
        void handlers.updatePage()
        return
      case 'quit':
        lifecycle.quit('person')
        return
      case 'show':
        lifecycle.reopen()
        return
      case 'code':
      case 'settings':
        reveal(action.do)
    }
  }

  /** Does what a notice says. Returns whether the window is shown for it. */
  #onNotice(action: NoticeAction): boolean {
    const { handlers, lifecycle, reveal } = this.#options
    switch (action.do) {
      case 'show-file':
        void handlers.showInFolder(action.id)
        return false
      case 'copy-text':
        void handlers.copyText(action.id)
        if (isClipboardOurs(BrowserWindow.getFocusedWindow())) return false
        // Nothing may have been copied: it is in the window to be copied there.
        lifecycle.reopen()
        return true
      case 'answer-files':
        void handlers.answerFiles([...action.ids], action.yes)
        return false
      case 'answer-legacy':
        void handlers.answerLegacy(action.id, action.yes)
        return false
      case 'show-settings':
        reveal('settings')
        return true
      case 'show-window':
        lifecycle.reopen()
        return true
    }
  }

  #pauseAll(on: boolean): void {
    for (const { id, state } of this.#options.core.transferList.transfers())
      if (state === 'moving') void this.#options.handlers.pause(id, on)
  }

  #cancelAll(): void {
    const { core, handlers } = this.#options
    for (const { id, state } of [...core.transferList.batches(), ...core.transferList.transfers()])
      if (state === 'moving') void handlers.cancel(id)
  }
}
