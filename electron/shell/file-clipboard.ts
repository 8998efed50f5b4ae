import { pathToFileURL } from 'node:url'
import type { Copied } from '#electron/window-api.ts'

/** One form in which a copied file stands on the system's clipboard. */
export interface FileForm {
  readonly format: string
  readonly bytes: Buffer
}

/**
 * Returns the forms in which file managers and other programs look for a copied file. Electrons before the one that has
 * `ClipboardItem` write only one: the first is the one that this desktop's own file manager reads.
 */
export function fileForms(platform: NodeJS.Platform, desktop: string, path: string): readonly FileForm[] {
  const uri = pathToFileURL(path).href
  if (platform === 'win32') return [{ format: 'FileNameW', bytes: Buffer.from(`${path}\0`, 'utf16le') }]
  if (platform === 'darwin') return [{ format: 'public.file-url', bytes: Buffer.from(uri) }]
  const list = { format: 'text/uri-list', bytes: Buffer.from(`${uri}\r\n`) }
  const gnome = { format: 'x-special/gnome-copied-files', bytes: Buffer.from(`copy\n${uri}`) }
  return /(?:^|:)(?:KDE|LXQt)(?:$|:)/iu.test(desktop) ? [list, gnome] : [gnome, list]
}

/** Electron's clipboard since it has items, with several forms in each. */
interface ItemClipboard {
  write(items: readonly object[]): Promise<void>
  has(type: string): Promise<boolean>
}
/** Electron's clipboard before, with one form at a time. */
interface BufferClipboard {
  writeBuffer(format: string, bytes: Buffer): void
  writeImage(image: Picture): void
  has(format: string): boolean
}

/** A picture that was read; Electron's NativeImage. */
interface Picture {
  isEmpty(): boolean
  toPNG(): Buffer
}

/** What Electron and the system give. */
export interface FileClipboardOptions {
  readonly clipboard: object
  /** Makes an item of the newer clipboard; null where Electron has none. */
  readonly newItem: ((forms: Record<string, Blob>) => object) | null
  readonly platform: NodeJS.Platform
  /** XDG_CURRENT_DESKTOP. */
  readonly desktop: string
  /** Whether a write can be believed. */
  readonly canWrite: () => boolean
}

/**
 * Tells whether a write to the clipboard can be believed while this window has the focus, or none: Wayland drops one of a
 * program without it and says nothing, and reading back gives Chromium's own copy.
 */
export function isClipboardOurs(focused: object | null, platform = process.platform, env = process.env): boolean {
  return platform !== 'linux' || (env['WAYLAND_DISPLAY'] ?? '') === '' || focused !== null
}

/** Copies files and pictures to the system's clipboard, and says whether they are there. */
export class FileClipboard {
  readonly #options: FileClipboardOptions

  constructor(options: FileClipboardOptions) {
    this.#options = options
  }

  async copyFile(path: string): Promise<Copied> {
    const { platform, desktop, newItem } = this.#options
    const forms = fileForms(platform, desktop, path)
    const [first] = forms
    if (first === undefined) return 'refused'
    if (newItem === null)
      return this.#writeOld(first.format, (clipboard) => {
        clipboard.writeBuffer(first.format, first.bytes)
      })
    const blobs = forms.map(({ format, bytes }) => [rawType(format), blobOf(bytes)] as const)
    return this.#writeItem(newItem(Object.fromEntries(blobs)), rawType(first.format))
  }

  async copyPicture(picture: Picture): Promise<Copied> {
    const { newItem } = this.#options
    if (picture.isEmpty()) return 'refused'
    if (newItem === null)
      return this.#writeOld('image/png', (clipboard) => {
        clipboard.writeImage(picture)
      })
    return this.#writeItem(newItem({ 'image/png': blobOf(picture.toPNG()) }), 'image/png')
  }

  async #writeItem(item: object, type: string): Promise<Copied> {
    const clipboard = this.#options.clipboard as ItemClipboard
    if (!this.#options.canWrite()) return 'refused'
    await clipboard.write([item])
    return (await clipboard.has(type)) ? 'copied' : 'refused'
  }

  #writeOld(format: string, write: (clipboard: BufferClipboard) => void): Copied {
    const clipboard = this.#options.clipboard as BufferClipboard
    if (!this.#options.canWrite()) return 'refused'
    write(clipboard)
    return clipboard.has(format) ? 'copied' : 'refused'
  }
}

/** Newer Electrons call a system's own format so. */
const rawType = (format: string): string => `electron application/osclipboard;format="${format}"`
const blobOf = (bytes: Buffer): Blob => new Blob([new Uint8Array(bytes)])
