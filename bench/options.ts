import { parseArgs } from 'node:util'

export const SECTIONS = [
  'records',
  'hub',
  'cipher',
  'opening',
  'lanes',
  'processor',
  'choice',
  'large',
  'files',
  'crowd',
  'cable',
  'distant',
  'waits',
  'idle',
] as const
export type SectionName = (typeof SECTIONS)[number]
/** Names for several sections. */
const GROUPS: Readonly<Record<string, readonly SectionName[]>> = { network: ['cable', 'distant'] }

export interface BenchOptions {
  readonly only: readonly SectionName[]
  readonly rounds: number
  /** Bytes of the timed file. */
  readonly sizeBytes: number
  /** Bytes of the large file. */
  readonly largeBytes: number
  /** Small files of one batch. */
  readonly files: number
  /** Synced records in the database. */
  readonly records: number
  /** Pairs of clients that are connected to the hub and say nothing. */
  readonly pairs: number
  readonly json: string
  readonly pairdrop: string | undefined
  /** The folder of another Lanyard that was built. */
  readonly beside: string | undefined
}

export const HELP = `Measures Lanyard side by side with others in one run; medians of alternating rounds. A ratio is the median of each
round's own ratio, so it need not be the quotient of the two numbers shown.

  npm run bench -- [options]

  --only NAME[,NAME]  these sections only: ${SECTIONS.join(', ')}
  --rounds N          rounds of everything that is timed (5)
  --size MB           the timed file (200)
  --large MB          the large file, once, with memory and processor time of every process (1000; 0 = none)
  --files N           small files of 1 KB in one batch (10000; 0 = none)
  --records N         synced records (100000)
  --pairs N           idle pairs of clients at the hub (1000)
  --json FILE         where the numbers go (out/bench/results.json)
  --pairdrop DIR      a checkout of PairDrop that is run beside ours; without it its rows are left out
  --beside DIR        another checkout of Lanyard, built: section processor runs it in the same rounds
  --help              prints this

Sections: records = the database of synced records: merging, searching, size; hub = the hub alone beside PeerJS; cipher = the sealed socket's cipher alone, in Node, Electron and the browser; opening = from opening the link to connected; lanes = one file both ways; choice = automatic beside each lane alone where one of them is slow, or becomes it; processor = processor time of every process for a MB of the sealed socket and of plain http (Linux); large = the large file both ways, memory and
processor time; files = many small files; crowd = eight phones with four files each, a phone's four of --size in all; cable = both over a slow and a lossy network (root, Linux), distant = over a distant one, network = these two; waits = what a person waits for, on three roads (Linux): opening, a photo, many, a film of five times --size; idle = memory and processor time of the program while nobody is connected (Linux).`

export type BenchCommand = { readonly run: 'help' } | { readonly run: 'bench'; readonly options: BenchOptions }

/** Throws an Error for what it does not understand. */
export function readOptions(args: readonly string[]): BenchCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      size: { type: 'string', default: '200' },
      large: { type: 'string', default: '1000' },
      files: { type: 'string', default: '10000' },
      records: { type: 'string', default: '100000' },
      pairs: { type: 'string', default: '1000' },
      json: { type: 'string', default: 'out/bench/results.json' },
      pairdrop: { type: 'string' },
      beside: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return { run: 'help' }
  const { json, pairdrop, beside } = values
  return {
    run: 'bench',
    options: {
      only: sections(values.only),
      rounds: whole('rounds', values.rounds, 1),
      sizeBytes: whole('size', values.size, 1) * 1e6,
      largeBytes: whole('large', values.large, 0) * 1e6,
      files: whole('files', values.files, 0),
      records: whole('records', values.records, 1),
      pairs: whole('pairs', values.pairs, 1),
      json,
      pairdrop,
      beside,
    },
  }
}

function sections(text: string | undefined): readonly SectionName[] {
  if (text === undefined) return SECTIONS
  return text.split(',').flatMap((name) => {
    const found = GROUPS[name] ?? SECTIONS.filter((known) => known === name)
    if (found.length === 0) throw new Error(`--only knows ${SECTIONS.join(', ')}, not '${name}'`)
    return found
  })
}

function whole(name: string, text: string, least: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) throw new Error(`--${name} takes a number from ${least}`)
  return Number(text)
}
