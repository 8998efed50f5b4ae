import { lstat, mkdir, stat } from 'node:fs/promises'
import { TransferError } from '#transfer/errors.ts'
import { identity } from './look.ts'
import { pathIn } from './safe-path.ts'

/** A folder of the inbox that files may be written to. */
export interface OpenFolder {
  readonly path: string
  /** The folders that were made for it, outermost first. They are not durable before those around them are synced. */
  readonly made: readonly string[]
  /** Whoever can write to the inbox could have put a link in the way meanwhile. Throws TransferError `disk-error`. */
  recheck(): Promise<void>
}

interface Step {
  readonly path: string
  /** Which folder of which disk. */
  readonly is: string
}

/**
 * The folder at these safe names below the inbox, made where it is missing. A link on the way would lead out of the
 * inbox, so that and everything else that is no folder is refused with TransferError `bad-name`; an inbox that is not
 * there is a `disk-error`. The inbox itself may be a link: its owner has put it there.
 */
export async function openFolder(inbox: string, folders: readonly string[]): Promise<OpenFolder> {
  const steps: Step[] = [{ path: inbox, is: await inboxIs(inbox) }]
  const made: string[] = []
  let path = inbox
  for (const [depth, folder] of folders.entries()) {
    path = pathIn(inbox, folders.slice(0, depth), folder)
    if (await make(path)) made.push(path)
    steps.push({ path, is: await folderIs(path) })
  }
  return { path, made, recheck: () => recheck(steps) }
}

async function recheck([inbox, ...below]: readonly Step[]): Promise<void> {
  if (inbox !== undefined && (await inboxIs(inbox.path)) !== inbox.is) throw new TransferError('disk-error')
  for (const { path, is } of below) {
    const now = await folderIs(path).catch(() => null)
    if (now !== is) throw new TransferError('disk-error')
  }
}

/** False when something has that name already. */
async function make(path: string): Promise<boolean> {
  try {
    await mkdir(path, 0o755)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw diskError(error)
  }
}

async function inboxIs(path: string): Promise<string> {
  const info = await stat(path, { bigint: true }).catch((error: unknown) => {
    throw diskError(error)
  })
  if (!info.isDirectory()) throw new TransferError('disk-error')
  return identity(info)
}

/** Throws TransferError `bad-name` when it is none. */
export async function folderIs(path: string): Promise<string> {
  const info = await lstat(path, { bigint: true }).catch((error: unknown) => {
    throw diskError(error)
  })
  if (!info.isDirectory()) throw new TransferError('bad-name')
  return identity(info)
}

const FULL = new Set(['ENOSPC', 'EDQUOT'])

function diskError(error: unknown): TransferError {
  const full = FULL.has((error as NodeJS.ErrnoException).code ?? '')
  return new TransferError(full ? 'disk-full' : 'disk-error', { cause: error })
}
