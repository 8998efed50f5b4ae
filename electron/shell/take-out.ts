import * as electron from 'electron'
import { app, clipboard, nativeImage, type BrowserWindow, type NativeImage } from 'electron'
import { stat } from 'node:fs/promises'
import type { Core } from '#core/core.ts'
import type { Answers, Handlers } from '#electron/ipc.ts'
import type { Copied } from '#electron/window-api.ts'
import { diskPath } from '#inbox/byte-names.ts'
import { FileClipboard, isClipboardOurs } from './file-clipboard.ts'

/** Bytes of a picture that is copied as one: it is decoded whole, while everything waits. */
const PICTURE_BYTES_MAX = 67_108_864

/** Makes the handlers of what takes a received file into another program: by dragging it out, or by the clipboard. */
export function takeOutHandlers(
  core: Core,
  window: () => BrowserWindow | null,
): Pick<Handlers & Answers, 'dragOut' | 'copyFile' | 'copyPicture'> {
  const files = clipboardOf(window)
  const sizeOf = async (path: string): Promise<number | null> => {
    const found = await stat(diskPath(path)).catch(() => null)
    return found === null ? null : found.size
  }
  const copy = async (id: string, write: (path: string, size: number) => Promise<Copied>): Promise<Copied> => {
    const path = core.transferList.pathOf(id)
    const size = path === null ? null : await sizeOf(path)
    return path === null || size === null ? 'gone' : write(path, size)
  }
  return {
    dragOut: async (id) => {
      const path = core.transferList.pathOf(id)
      if (path === null || (await sizeOf(path)) === null) return
      const icon = await dragIcon(path)
      window()?.webContents.startDrag({ file: path, icon })
    },
    copyFile: (id) => copy(id, (path) => files.copyFile(path)),
    copyPicture: (id) =>
      copy(id, async (path, size) =>
        size > PICTURE_BYTES_MAX ? 'refused' : files.copyPicture(nativeImage.createFromPath(path)),
      ),
  }
}

function clipboardOf(window: () => BrowserWindow | null): FileClipboard {
  // Electron 33 has no such class, and a name that a module lacks can't be imported.
  const Item = Reflect.get(electron, 'ClipboardItem') as (new (forms: Record<string, Blob>) => object) | undefined
  return new FileClipboard({
    clipboard,
    newItem: Item === undefined ? null : (forms) => new Item(forms),
    platform: process.platform,
    desktop: process.env['XDG_CURRENT_DESKTOP'] ?? '',
    canWrite: () => isClipboardOurs(window()?.isFocused() === true ? window() : null),
  })
}

const ICON_SIZE = 32

/** Returns what hangs at the pointer: the system's own icon of the file. macOS refuses an empty one. */
async function dragIcon(path: string): Promise<NativeImage> {
  const icon = await app.getFileIcon(path).catch(() => null)
  if (icon !== null && !icon.isEmpty()) return icon
  const grey = Buffer.alloc(4 * ICON_SIZE * ICON_SIZE, 0x99)
  return nativeImage.createFromBitmap(grey, { width: ICON_SIZE, height: ICON_SIZE })
}
