import type { Reason } from '#protocol/errors.ts'
import { TransferError } from '#transfer/errors.ts'

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? ''

/** Somebody can make room, and it goes on. */
const FULL = new Set(['ENOSPC', 'EDQUOT'])

export const isFull = (error: unknown): boolean => FULL.has(codeOf(error))

/** A refusal of the disk as a reason that a person understands. */
export function refusal(error: unknown): TransferError {
  if (error instanceof TransferError) return error
  return new TransferError(reasonFor(error), { cause: error })
}

function reasonFor(error: unknown): Reason {
  if (isFull(error)) return 'disk-full'
  // FAT ends at 4 GiB, however much room there is.
  return codeOf(error) === 'EFBIG' ? 'too-large' : 'disk-error'
}

export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw refusal(error)
  }
}
