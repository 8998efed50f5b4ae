// A program whose inbox is on a drive that goes away and comes back: node mounted.js SCRATCH, as root, in a mount namespace of
// its own. It says in one line of JSON what became of its files.
import { execFileSync } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { argv, stdout } from 'node:process'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { Inbox, makeInbox } from '../inbox.ts'
import { complete, content, give, offerOf, PHONE } from './stage.ts'

export interface Seen {
  /** What became of a file, and what lay at the inbox's path, by what was mounted there. */
  readonly away: readonly [string, readonly string[]]
  readonly other: readonly [string, readonly string[]]
  /** Blocks that were there of the file that was under way. */
  readonly have: number
  readonly back: readonly string[]
}

const LARGE = content(3 * BLOCK_BYTES)
const OFFER = offerOf(LARGE, { name: 'large' })

async function run(scratch: string): Promise<Seen> {
  const [folder, data, drive] = ['inbox', 'data', 'drive'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ]
  for (const path of [folder, drive]) await mkdir(path)
  const mount = (...args: string[]): unknown => execFileSync('mount', args)
  const started = async (): Promise<Inbox> => {
    await makeInbox({ folder, data })
    const inbox = new Inbox({ folder, data })
    await inbox.start()
    return inbox
  }
  const tried = async (): Promise<readonly [string, readonly string[]]> => {
    const inbox = await started()
    const end = await inbox.open(PHONE, OFFER).then(
      () => 'opened',
      (error: unknown) => (error as { code: string }).code,
    )
    await inbox.close()
    return [end, await readdir(folder)]
  }

  mount('-t', 'tmpfs', 'first', folder)
  const first = await started()
  await complete(await first.open(PHONE, offerOf(content(9), { name: 'small' })), content(9))
  await give(await first.open(PHONE, OFFER), LARGE, 0, 1)
  await first.close()
  mount('--move', folder, drive)
  const away = await tried()
  mount('-t', 'tmpfs', 'other', folder)
  const other = await tried()
  execFileSync('umount', [folder])
  mount('--move', drive, folder)
  const last = await started()
  const sink = await last.open(PHONE, OFFER)
  await complete(sink, LARGE)
  await last.close()
  const have = sink.have.filter((hash) => hash !== undefined).length
  return { away, other, have, back: (await readdir(folder)).sort() }
}

const [scratch] = argv.slice(2)
if (scratch !== undefined && argv[1]?.endsWith('mounted.js') === true) stdout.write(JSON.stringify(await run(scratch)))
