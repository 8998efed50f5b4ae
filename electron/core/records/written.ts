import { createHash } from 'node:crypto'
import type { Inbox } from '#inbox/inbox.ts'
import { blockCount, blockLength } from '#protocol/blocks.ts'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import type { Landed } from '#transfer/sink.ts'
import { newId } from '#core/devices/device-parts.ts'

/** In the place of a device's id: what this computer writes into its own inbox. */
export const OURS = 'this-computer'

export interface Written {
  readonly path?: readonly string[]
  readonly name: string
  readonly bytes: Uint8Array
}

/** Puts a file into the inbox by the rules that foreign ones have: safe names, never in the place of another, durable. */
export async function writeInto(inbox: Pick<Inbox, 'open'>, { path = [], name, bytes }: Written): Promise<Landed> {
  const size = bytes.length
  const sink = await inbox.open(OURS, { id: newId(), name, path, size, mtime: Date.now() })
  try {
    for (let i = 0; i < blockCount(size); i++) {
      const block = new Uint8Array(bytes.subarray(i * BLOCK_BYTES, i * BLOCK_BYTES + blockLength(size, i)))
      await sink.write(i, block)
      sink.keep(i, createHash('sha256').update(block).digest('hex'))
    }
    return await sink.finish()
  } catch (error) {
    await sink.discard().catch(() => undefined)
    throw error
  }
}
