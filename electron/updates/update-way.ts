import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { UpdateWay } from '#electron/app-state.ts'

/** What there is to know of this copy. */
export interface Copy {
  readonly platform: NodeJS.Platform
  readonly isPackaged: boolean
  /** The folder beside the program's archive; a release has its feed there. */
  readonly resources: string
  /** The program's own file. */
  readonly program: string
  /** The AppImage that was started; undefined where none was. */
  readonly appImage: string | undefined
  /** Whether the release was signed, as its package says. */
  readonly isSigned: boolean
}

/** Tells how a copy of the program gets newer. */
export function updateWayOf(copy: Copy): UpdateWay {
  if (!copy.isPackaged) return { way: 'none', why: 'development' }
  // Made by electron-builder for a release, and by nothing else.
  if (!existsSync(join(copy.resources, 'app-update.yml'))) return { way: 'none', why: 'no-feed' }
  if (copy.platform === 'win32') return { way: 'self' }
  return copy.platform === 'darwin' ? macWay(copy) : linuxWay(copy)
}

/** macOS replaces only what is signed; and a program on a disk image, or run from where it was downloaded to, not at all. */
function macWay({ isSigned, program }: Copy): UpdateWay {
  if (!isSigned) return { way: 'page', why: 'unsigned' }
  const isElsewhere = program.includes('/AppTranslocation/') || program.startsWith('/Volumes/')
  return isElsewhere ? { way: 'page', why: 'misplaced' } : { way: 'self' }
}

function linuxWay({ appImage, resources, program }: Copy): UpdateWay {
  if (appImage !== undefined) return mayReplace(appImage) ? { way: 'self' } : { way: 'page', why: 'read-only' }
  // The deb installs into /opt; its package type stands in a file that an archive made beside it may hold as well.
  const isInstalled = program.startsWith('/opt/') && existsSync(join(resources, 'package-type'))
  return { way: 'page', why: isInstalled ? 'package-manager' : 'archive' }
}

/** Whether the file can be removed and another one put in its place. */
function mayReplace(file: string): boolean {
  try {
    accessSync(dirname(file), constants.W_OK)
    return existsSync(file)
  } catch {
    return false
  }
}
