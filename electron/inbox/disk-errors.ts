import type { Reason } from '#protocol/errors.ts'
import { TransferError } from '#transfer/errors.ts'

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? ''

/**
 * What cures a refusal of the disk: `room`, which somebody can make; `return` of a disk or a share that is away, or of what
 * the system has run out of; another `name`; a smaller file (`size`); or nothing that happens by itself (`person`).
 */
type Cure = 'room' | 'return' | 'name' | 'size' | 'person'

const CODES: Readonly<Record<Cure, string>> = {
  room: 'ENOSPC EDQUOT',
  // Of the disk or the share; then of this computer, which has many things to do.
  return: `ENOENT EIO ENXIO ENODEV ENOLINK ESTALE ENOTCONN ECONNABORTED ECONNREFUSED ECONNRESET EHOSTUNREACH EHOSTDOWN
    ENETDOWN ENETUNREACH ENETRESET EPIPE ESHUTDOWN ETIMEDOUT ETIME EMULTIHOP EREMOTEIO ENONET EPROTO
    EBUSY EMFILE ENFILE ENOMEM ENOBUFS EAGAIN EWOULDBLOCK EINTR ETXTBSY EDEADLK ENOLCK EALREADY EINPROGRESS ECANCELED UNKNOWN`,
  name: 'ENAMETOOLONG EILSEQ',
  // FAT ends at 4 GiB, however much room there is.
  size: 'EFBIG EOVERFLOW',
  person: `EROFS EACCES EPERM ENOTDIR ELOOP EISDIR EEXIST ENOTEMPTY EINVAL EBADF ENOTSUP EOPNOTSUPP ENOSYS EXDEV EMLINK E2BIG
    ENOTTY ESPIPE EFAULT ENOEXEC ERANGE EDOM ECHILD ESRCH EIDRM ENOMSG EBADMSG ENODATA ENOSR ENOSTR ENOTBLK
    EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EDESTADDRREQ EISCONN EMSGSIZE ENOPROTOOPT ENOTSOCK EPROTONOSUPPORT EPROTOTYPE
    EPFNOSUPPORT ESOCKTNOSUPPORT ETOOMANYREFS EUSERS EREMOTE EFTYPE EBADRPC EAUTH ENEEDAUTH`,
}
const CURES: ReadonlyMap<string, Cure> = new Map(
  Object.entries(CODES).flatMap(([cure, codes]) => codes.split(/\s+/u).map((code) => [code, cure as Cure])),
)

/** A code that nobody knows is told to a person: who waits for it may wait for ever. */
export const cureOf = (code: string): Cure | undefined => CURES.get(code)

const REASON: Readonly<Record<Cure, Reason>> = {
  room: 'disk-full',
  return: 'disk-error',
  name: 'bad-name',
  size: 'too-large',
  person: 'disk-error',
}

export const isFull = (error: unknown): boolean => cureOf(codeOf(error)) === 'room'

/** A refusal of the disk as a reason that a person understands, and whether it may be waited out. */
export function refusal(error: unknown): TransferError {
  if (error instanceof TransferError) return error
  const cure = cureOf(codeOf(error)) ?? 'person'
  return new TransferError(REASON[cure], { cause: error, lasting: cure === 'person' })
}

/** The same for what a disk says to a name: some tell by EINVAL that they can't have it. */
export function nameRefusal(error: unknown): unknown {
  return codeOf(error) === 'EINVAL' ? new TransferError('bad-name', { cause: error }) : error
}

/** Antivirus and the indexer of Windows hold a file for as long as they like: what is `held` by them is waited out. */
export const heldRefusal = (error: unknown): TransferError => new TransferError('disk-error', { cause: error })

export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw refusal(error)
  }
}
