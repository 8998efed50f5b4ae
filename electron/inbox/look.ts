import type { BigIntStats } from 'node:fs'
import { access, constants, lstat, opendir, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { WhyNot } from './tally.ts'

/** What a name of the disk turned out to be: a plain file or a folder, or why it is not sent. */
export type Look = { readonly name: string } & ({ readonly info: BigIntStats } | { readonly why: WhyNot })

/** What this path leads to, through links. */
export const lookThrough = (absolute: string): Promise<Look> => lookAt(absolute, () => stat(absolute, { bigint: true }))

/** What this path is itself. */
export const look = (absolute: string): Promise<Look> => lookAt(absolute, () => lstat(absolute, { bigint: true }))

/** Nothing is opened, so nothing waits for the other end of a pipe. */
async function lookAt(absolute: string, ask: () => Promise<BigIntStats>): Promise<Look> {
  const name = basename(absolute)
  try {
    const info = await ask()
    const why = whyNot(info)
    if (why !== null) return { name, why }
    // Better told now than when its turn comes.
    await access(absolute, constants.R_OK)
    return { name, info }
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

/** Which file or folder of which disk. Not as plain numbers: those of Windows do not fit into one. */
export const identity = ({ dev, ino }: BigIntStats): string => `${dev}:${ino}`

/** Entries read at once; Node's own 32 is slow where there are thousands. */
const AT_ONCE = 256

/** Up to `most` names, sorted by UTF-16 units: the same on every system and in every language. Throws what the disk says. */
export async function namesIn(
  absolute: string,
  most: number,
  signal?: AbortSignal,
): Promise<{ readonly names: readonly string[]; readonly more: boolean }> {
  const names: string[] = []
  let more = false
  for await (const { name } of await opendir(absolute, { bufferSize: AT_ONCE })) {
    signal?.throwIfAborted()
    more = names.length === most
    if (more) break
    names.push(name)
  }
  return { names: names.sort(), more }
}
