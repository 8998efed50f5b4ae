import type { BigIntStats } from 'node:fs'
import { access, constants, lstat, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { entryNames, diskPath } from './byte-names.ts'
import type { WhyNot } from './walk-tally.ts'
import { versionAt, type FileVersion } from './file-version.ts'

/** What a name of the disk turned out to be: a plain file or a folder, or why it is not sent. */
export type DiskEntry = { readonly name: string } & (
  { readonly file: FileVersion } | { readonly folder: BigIntStats } | { readonly why: WhyNot }
)

/** What this path leads to, through links. */
export const inspectThrough = (absolute: string): Promise<DiskEntry> =>
  inspectAt(absolute, () => stat(diskPath(absolute), { bigint: true }))

/** What this path is itself. */
export const inspect = (absolute: string): Promise<DiskEntry> =>
  inspectAt(absolute, () => lstat(diskPath(absolute), { bigint: true }))

/** Only plain files are opened, so nothing waits for the other end of a pipe. */
async function inspectAt(absolute: string, ask: () => Promise<BigIntStats>): Promise<DiskEntry> {
  const name = basename(absolute)
  try {
    const info = await ask()
    const why = whyNot(info)
    if (why !== null) return { name, why }
    // Better told now than when its turn comes.
    await access(diskPath(absolute), constants.R_OK)
    if (info.isDirectory()) return { name, folder: info }
    const file = await versionAt(absolute, info)
    return file === null ? { name, why: 'no-size' } : { name, file }
  } catch {
    return { name, why: 'unreadable' }
  }
}

function whyNot(info: BigIntStats): WhyNot | null {
  if (info.isFile() || info.isDirectory()) return null
  if (info.isSymbolicLink()) return 'link'
  if (info.isFIFO()) return 'pipe'
  return info.isSocket() ? 'socket' : 'device'
}

/** Up to `most` names, sorted by UTF-16 units: the same on every system and in every language. Throws what the disk says. */
export async function namesIn(
  absolute: string,
  most: number,
  signal?: AbortSignal,
): Promise<{ readonly names: readonly string[]; readonly more: boolean }> {
  const names: string[] = []
  let more = false
  for await (const name of entryNames(absolute)) {
    signal?.throwIfAborted()
    more = names.length === most
    if (more) break
    names.push(name)
  }
  return { names: names.sort(), more }
}
