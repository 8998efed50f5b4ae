import {
  Menu,
  nativeImage,
  nativeTheme,
  screen,
  Tray,
  type MenuItemConstructorOptions,
  type NativeImage,
} from 'electron'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { m } from '#messages'
import { Debounce } from '#transfer/debounce.ts'
import type { TrayAction, TrayEntry, TrayMark } from './tray-menu.ts'

/** Milliseconds between two changes of what the tray shows: each sends the icon or the whole menu to its host. */
const CHANGE_EVERY_MS = 200

/** Pixels of the icon files, and of an icon at a scale of 1: Linux hosts have room for 24, the other systems for 16. */
const SIZES = [16, 20, 24, 32, 48]
const BASE_SIZE = process.platform === 'linux' ? 24 : 16

const FOLDER = join(import.meta.dirname, 'tray')

interface Shown {
  readonly entries: readonly TrayEntry[]
  readonly mark: TrayMark
}

/** Shows the program in the tray, while it is to be there. Everything is in its menu, as not every host delivers clicks. */
export class TrayIcon {
  // A tray that nothing refers to is collected, and gone from the screen.
  #tray: Tray | null = null
  #wanted: Shown | null = null
  #shown: (Shown & { readonly panel: Panel }) | null = null
  readonly #act: (action: TrayAction) => void
  readonly #onDrop: (paths: readonly string[]) => void
  readonly #soon = new Debounce(() => {
    this.#draw()
  })
  readonly #onTheme = (): void => {
    this.#soon.within(CHANGE_EVERY_MS)
  }

  /** `act` does what an entry says; `onDrop` takes what is dropped on the icon, as macOS lets people do. */
  constructor(act: (action: TrayAction) => void, onDrop: (paths: readonly string[]) => void) {
    this.#act = act
    this.#onDrop = onDrop
    nativeTheme.on('updated', this.#onTheme)
  }

  get isThere(): boolean {
    return this.#tray !== null
  }

  /** Shows this from now on; null takes the icon off the screen at once. */
  show(wanted: Shown | null): void {
    this.#wanted = wanted
    if (wanted === null || this.#tray === null) this.#draw()
    else this.#soon.within(CHANGE_EVERY_MS)
  }

  close(): void {
    nativeTheme.off('updated', this.#onTheme)
    this.show(null)
  }

  #draw(): void {
    const wanted = this.#wanted
    if (wanted === null) {
      this.#tray?.destroy()
      this.#tray = this.#shown = null
      return
    }
    const panel = panelNow()
    const { entries, mark } = this.#shown ?? {}
    const isNew = this.#tray === null
    const tray = (this.#tray ??= this.#make(iconOf(panel, wanted.mark)))
    if (isNew) tray.setToolTip(m.app_name())
    else if (mark !== wanted.mark || this.#shown?.panel !== panel) tray.setImage(iconOf(panel, wanted.mark))
    if (!isDeepStrictEqual(entries, wanted.entries))
      tray.setContextMenu(Menu.buildFromTemplate(this.#items(wanted.entries)))
    this.#shown = { ...wanted, panel }
  }

  #make(icon: NativeImage): Tray {
    const tray = new Tray(icon)
    tray.on('drop-files', (_event, paths) => {
      this.#onDrop(paths)
    })
    return tray
  }

  #items(entries: readonly TrayEntry[]): MenuItemConstructorOptions[] {
    return entries.map((entry) => this.#item(entry))
  }

  #item({ label, action, entries }: TrayEntry): MenuItemConstructorOptions {
    if (label === '') return { type: 'separator' }
    // An ampersand would mark the letter after it as a key.
    const words = { label: label.replaceAll('&', '&&') }
    if (entries !== undefined) return { ...words, submenu: this.#items(entries) }
    if (action === undefined) return { ...words, enabled: false }
    return {
      ...words,
      // Not within the click: it may take away the menu that it comes from.
      click: () => {
        setImmediate(this.#act, action)
      },
    }
  }
}

type Panel = 'light' | 'dark'

/** Tells what the icon is seen on. GNOME's panel is dark whatever the windows are. */
function panelNow(): Panel {
  if (/GNOME|Unity/.test(process.env['XDG_CURRENT_DESKTOP'] ?? '')) return 'dark'
  // Of the taskbar alone, on Windows; Electron 33 does not know it.
  const { shouldUseDarkColorsForSystemIntegratedUI: bar } = nativeTheme as {
    shouldUseDarkColorsForSystemIntegratedUI?: boolean
  }
  return (bar ?? nativeTheme.shouldUseDarkColors) ? 'dark' : 'light'
}

function iconOf(panel: Panel, mark: TrayMark): NativeImage {
  const file = (size: number): Buffer => readFileSync(join(FOLDER, `${colourFor(panel)}-${mark}-${size}.png`))
  // Linux sends one picture and no other: the one that is sharp on every screen.
  if (process.platform === 'linux') {
    const scale = Math.max(...screen.getAllDisplays().map(({ scaleFactor }) => scaleFactor))
    return nativeImage.createFromBuffer(file(scale > 1 ? 48 : BASE_SIZE))
  }
  const icon = nativeImage.createEmpty()
  for (const size of SIZES) icon.addRepresentation({ scaleFactor: size / BASE_SIZE, buffer: file(size) })
  if (process.platform === 'darwin') icon.setTemplateImage(true)
  return icon
}

/** macOS colours a black picture as its menu bar needs it. */
const colourFor = (panel: Panel): Panel => (process.platform === 'darwin' ? 'light' : panel)
