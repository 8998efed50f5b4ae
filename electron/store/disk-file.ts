import { randomBytes } from 'node:crypto'
import { lstat, mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** The calls that a saved file makes, so that a test can be a disk that refuses. Errors have Node's `code`. */
export interface FileDisk {
  /** Throws ENOENT only where there is nothing of that name, not even a link that leads nowhere. */
  read(path: string): Promise<string>
  /** Replaces the file in one step, and durably. */
  replace(path: string, text: string): Promise<void>
  /** Moves the file to `to`, which must be free; throws EEXIST where it is not. */
  moveAside(path: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Returns the names in the folder; none where there is no folder. */
  list(folder: string): Promise<string[]>
}

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? ''

export const nodeFiles: FileDisk = {
  read: async (path) => {
    try {
      const stats = await stat(path)
      // A pipe would be waited for, and a device may have no end.
      if (!stats.isFile() && !stats.isDirectory()) throw noFile(path)
      return await readFile(path, 'utf8')
    } catch (error) {
      if (codeOf(error) === 'ENOENT' && (await isLink(path))) throw deadLink(path)
      throw error
    }
  },
  replace: async (path, text) => {
    await mkdir(dirname(path), { recursive: true })
    // Through a link that its owner put there, so that the link stays.
    await replace(await realpath(path).catch(() => path), text)
  },
  moveAside: async (path, to) => {
    // Takes the name first: a rename alone would replace what is there.
    await (await open(to, 'wx', 0o600)).close()
    try {
      await rename(path, to)
    } catch (error) {
      await rm(to, { force: true })
      throw error
    }
    await syncFolder(dirname(to))
  },
  remove: async (path) => {
    await rm(path, { force: true })
  },
  list: async (folder) => {
    try {
      return await readdir(folder)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw error
    }
  },
}

const FRESH = /^\.[0-9a-f]{8}\.new$/

/** Removes what a crash has left of writes of the file. Nobody else may be writing it. */
export async function removeUnfinished(disk: FileDisk, path: string): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const own = basename(target)
  const names = await disk.list(dirname(target)).catch(() => [])
  const left = names.filter((name) => name.startsWith(own) && FRESH.test(name.slice(own.length)))
  for (const name of left) await disk.remove(join(dirname(target), name)).catch(() => undefined)
}

async function replace(path: string, text: string): Promise<void> {
  // A name of its own: two at once must not write into each other's.
  const fresh = `${path}.${randomBytes(4).toString('hex')}.new`
  try {
    await writeThrough(fresh, text)
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

async function writeThrough(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the names in the folder durable. Windows lets no folder be opened, and keeps its names by itself. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  try {
    await handle?.sync().catch(() => undefined)
  } finally {
    await handle?.close()
  }
}

const isLink = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: unknown) => codeOf(error) !== 'ENOENT',
  )

const noFile = (path: string): Error => Object.assign(new Error(`${basename(path)} is no file`), { code: 'ENOTSUP' })

const deadLink = (path: string): Error =>
  Object.assign(new Error(`${basename(path)} is a link that leads nowhere`), { code: 'ENOLINK' })
