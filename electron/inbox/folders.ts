import { lstat } from 'node:fs/promises'
import { TransferError } from '#transfer/errors.ts'
import { identity } from './file-version.ts'

/** Which folder of which disk it is, not what a link leads to. Throws TransferError: `bad-name` when it is no folder. */
export async function folderIs(path: string): Promise<string> {
  const info = await lstat(path, { bigint: true }).catch((error: unknown) => {
    throw new TransferError('disk-error', { cause: error })
  })
  if (!info.isDirectory()) throw new TransferError('bad-name')
  return identity(info)
}
