import type { Reason } from '#protocol/errors.ts'
import { TransferError } from '#transfer/errors.ts'

/**
 * The file system calls of the inbox, so that a test can be a disk that is full, forgetful or gone. Errors have Node's `code`
 * (ENOSPC, EEXIST...).
 */
export interface Disk {
  /** Creates a file, readable by its owner alone; EEXIST for anything that is there, a link too. */
  create(path: string): Promise<DiskFile>
  /** Opens an existing file to read and write; ELOOP (POSIX) for a link. */
  reopen(path: string): Promise<DiskFile>
  /** Opens a log to write at its end; creates it where it is not there. */
  append(path: string): Promise<DiskFile>
  readText(path: string): Promise<string>
  /** Follows links. */
  stat(path: string): Promise<Info>
  /** Does not follow links. */
  lstat(path: string): Promise<Info>
  link(from: string, to: string): Promise<void>
  /** Replaces what is at `to`. */
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  mkdir(path: string): Promise<void>
  /** Creates the folder and those above it, where they are not there. */
  mkdirs(path: string): Promise<void>
  /** Lists names. */
  readdir(path: string): Promise<string[]>
  /** Makes the names in this folder durable. Does nothing where the system has no such call. */
  syncFolder(path: string): Promise<void>
  /** Returns the bytes that we may still write there; null when the disk does not say. */
  free(path: string): Promise<number | null>
  /** Marks files as coming from elsewhere, so that the system asks before it runs them. Best effort. */
  mark(paths: readonly string[]): Promise<void>
  /** Whether a refused rename is worth trying again: on Windows, whoever scans every new file refuses it for a while. */
  readonly patient: boolean
}

export interface DiskFile {
  /** Writes at `position`, or at the end where it is null. Returns how many of the bytes were written. */
  write(bytes: Uint8Array, position: number | null): Promise<number>
  /** Reads from `position`. Returns how many bytes were read; 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>
  truncate(size: number): Promise<void>
  /** Makes the bytes durable, not the name. */
  sync(): Promise<void>
  stat(): Promise<Info>
  chmod(mode: number): Promise<void>
  /** Takes milliseconds since 1970. */
  setTime(mtimeMs: number): Promise<void>
  close(): Promise<void>
}

export interface Info {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly size: number
  readonly mtimeMs: number
  /** `ino` and `dev` together identify a file, whatever its name. */
  readonly ino: number
  readonly dev: number
}

export const sameFile = (a: Info, b: Info): boolean => a.ino === b.ino && a.dev === b.dev

/** Writes all of the bytes; a disk may take them in pieces. */
export async function writeAll(file: DiskFile, bytes: Uint8Array, position: number | null): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    at += await file.write(at === 0 ? bytes : bytes.subarray(at), position === null ? null : position + at)
  }
}

/** Replaces the file atomically and durably: a crash leaves the old content or the new. */
export async function replaceText(disk: Disk, folder: string, path: string, text: string): Promise<void> {
  const fresh = `${path}.new`
  // Left by a run that crashed here.
  await disk.unlink(fresh).catch(() => undefined)
  const file = await disk.create(fresh)
  try {
    await writeAll(file, Buffer.from(text), 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(fresh, path)
  await disk.syncFolder(folder)
}

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException | undefined)?.code ?? ''

/**
 * Says what cures a refusal of the disk: `room`, which somebody can make; `return` of a disk or a share that is away, or of
 * what the system has run out of; another `name`; a smaller file (`size`); or nothing that happens by itself (`person`).
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

/** Returns the cure; undefined for a code that nobody knows: a person is told of it, for waiting might never end. */
export const cureOf = (code: string): Cure | undefined => CURES.get(code)

const REASON: Readonly<Record<Cure, Reason>> = {
  room: 'disk-full',
  return: 'disk-error',
  name: 'bad-name',
  size: 'too-large',
  person: 'disk-error',
}

export const isFull = (error: unknown): boolean => cureOf(codeOf(error)) === 'room'

/** Turns a refusal of the disk into a reason that a person understands, and says whether it may be waited out. */
export function refusal(error: unknown): TransferError {
  if (error instanceof TransferError) return error
  const cure = cureOf(codeOf(error)) ?? 'person'
  return new TransferError(REASON[cure], { cause: error, lasting: cure === 'person' })
}

/** Turns a disk's EINVAL for a name into `bad-name`: so some disks say that they can't have it. Returns any other error as it is. */
export function nameRefusal(error: unknown): unknown {
  return codeOf(error) === 'EINVAL' ? new TransferError('bad-name', { cause: error }) : error
}

/** Makes an error that is waited out: antivirus and the indexer of Windows hold a file for as long as they like. */
export const heldRefusal = (error: unknown): TransferError => new TransferError('disk-error', { cause: error })

/** Runs work on the disk. Throws TransferError for what it refuses. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw refusal(error)
  }
}
