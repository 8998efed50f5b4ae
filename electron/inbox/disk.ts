/**
 * The calls of the file system that the inbox makes, so that a test can be a disk that is full, forgetful or gone.
 * Errors have the `code` of Node's (ENOSPC, EEXIST...).
 */
export interface Disk {
  /** A new file, readable by its owner alone; EEXIST for anything that is there, a link too. */
  create(path: string): Promise<DiskFile>
  /** An existing file to read and write; ELOOP (POSIX) for a link. */
  reopen(path: string): Promise<DiskFile>
  /** A log: made where it is not there, written at its end. */
  append(path: string): Promise<DiskFile>
  readText(path: string): Promise<string>
  /** Follows links. */
  stat(path: string): Promise<Info>
  /** Does not. */
  lstat(path: string): Promise<Info>
  link(from: string, to: string): Promise<void>
  /** Replaces what is at `to`. */
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  mkdir(path: string): Promise<void>
  /** With the folders above it, where they are not there. */
  mkdirs(path: string): Promise<void>
  /** Names only. */
  readdir(path: string): Promise<string[]>
  /** Makes the names in this folder durable. Nothing where the system has no such thing. */
  syncFolder(path: string): Promise<void>
  /** Bytes that we may still write there; null when the disk does not say. */
  free(path: string): Promise<number | null>
  /** Tells the system that these came from elsewhere, so that it asks before it runs them. Best effort. */
  mark(paths: readonly string[]): Promise<void>
  /** A rename is refused for a while by whoever looks at every new file (Windows): worth trying again. */
  readonly patient: boolean
}

export interface DiskFile {
  /** How many of the bytes were written at `position`; appended where it is null. */
  write(bytes: Uint8Array, position: number | null): Promise<number>
  /** How many bytes were read from `position`; 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>
  truncate(size: number): Promise<void>
  /** Makes the bytes durable, not the name. */
  sync(): Promise<void>
  stat(): Promise<Info>
  chmod(mode: number): Promise<void>
  /** Milliseconds since 1970. */
  setTime(mtimeMs: number): Promise<void>
  close(): Promise<void>
}

export interface Info {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly size: number
  readonly mtimeMs: number
  /** Both together say which file it is, whatever its name. */
  readonly ino: number
  readonly dev: number
}

export const sameFile = (a: Info, b: Info): boolean => a.ino === b.ino && a.dev === b.dev

/** All of the bytes; a disk may take them in pieces. */
export async function writeAll(file: DiskFile, bytes: Uint8Array, position: number | null): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    at += await file.write(at === 0 ? bytes : bytes.subarray(at), position === null ? null : position + at)
  }
}

/** Replaces the file in one step, and durably: a crash leaves the old one or the new one. */
export async function replaceText(disk: Disk, folder: string, path: string, text: string): Promise<void> {
  const fresh = `${path}.new`
  // Of a run that did not get further.
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
