import { execFile } from 'node:child_process'
import { constants, type Stats } from 'node:fs'
import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  stat,
  statfs,
  unlink,
  writeFile,
  type FileHandle,
} from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Disk, DiskFile, Info } from './disk.ts'

const WINDOWS = process.platform === 'win32'
/** Windows has no such flag, and no way to plant a link where O_EXCL makes a new file. */
const NO_FOLLOW = (constants as Partial<typeof constants>).O_NOFOLLOW ?? 0
const NEW = constants.O_CREAT | constants.O_EXCL | constants.O_RDWR | NO_FOLLOW
const EXISTING = constants.O_RDWR | NO_FOLLOW
const AT_END = constants.O_CREAT | constants.O_APPEND | constants.O_WRONLY | NO_FOLLOW
const OWNER_ONLY = 0o600

/** What Windows Explorer looks for before it runs a file: zone 3 is the internet. */
const ZONE = '[ZoneTransfer]\r\nZoneId=3\r\n'

/** Calls the real file system. */
export const nodeDisk: Disk = {
  patient: WINDOWS,
  create: async (path) => fileOf(await open(path, NEW, OWNER_ONLY)),
  reopen: async (path) => fileOf(await open(path, EXISTING)),
  append: async (path) => fileOf(await open(path, AT_END, OWNER_ONLY)),
  readText: (path) => readFile(path, 'utf8'),
  stat: async (path) => infoOf(await stat(path)),
  lstat: async (path) => infoOf(await lstat(path)),
  link,
  rename,
  unlink,
  mkdir: (path) => mkdir(path),
  mkdirs: async (path) => {
    await mkdir(path, { recursive: true })
  },
  readdir: (path) => readdir(path),
  syncFolder,
  free: async (path) => {
    const { bsize, bavail, blocks } = await statfs(path)
    // Some network disks say that they have nothing at all.
    return blocks === 0 ? null : bsize * bavail
  },
  mark: (paths) => markAs(process.platform, paths),
}

function fileOf(handle: FileHandle): DiskFile {
  return {
    write: async (bytes, position) => (await handle.write(bytes, 0, bytes.byteLength, position)).bytesWritten,
    read: async (into, position) => (await handle.read(into, 0, into.byteLength, position)).bytesRead,
    truncate: (size) => handle.truncate(size),
    sync: () => handle.sync(),
    stat: async () => infoOf(await handle.stat()),
    chmod: (mode) => handle.chmod(mode),
    setTime: (mtimeMs) => {
      // As a number, one before 1970 would be now.
      const time = new Date(mtimeMs)
      return handle.utimes(time, time)
    },
    close: () => handle.close(),
  }
}

const infoOf = (stats: Stats): Info => ({
  kind: kindOf(stats),
  size: stats.size,
  mtimeMs: stats.mtimeMs,
  ino: stats.ino,
  dev: stats.dev,
})

function kindOf(stats: Stats): Info['kind'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  return stats.isSymbolicLink() ? 'link' : 'other'
}

async function syncFolder(path: string): Promise<void> {
  if (WINDOWS) return
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } catch (error) {
    // Some network disks can't; they have no say in when names become durable.
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await folder.close()
  }
}

/** Marks files as downloaded. Windows: a stream beside the bytes. macOS: an attribute, set by its own tool. Linux has neither. */
export async function markAs(platform: NodeJS.Platform, paths: readonly string[]): Promise<void> {
  if (platform === 'win32') {
    // A disk without such streams (FAT) refuses it.
    await Promise.all(paths.map((path) => writeFile(`${path}:Zone.Identifier`, ZONE).catch(() => undefined)))
  }
  if (platform === 'darwin') {
    const since = Math.floor(Date.now() / 1000).toString(16)
    // 0083: downloaded, a person is to be asked.
    const args = ['-w', 'com.apple.quarantine', `0083;${since};Lanyard;`, ...paths]
    await promisify(execFile)('/usr/bin/xattr', args).catch(() => undefined)
  }
}
