import type { Browser } from '@playwright/test'
import type { BenchOptions } from './options.ts'
import { startPairDrop, type PairDrop } from './pairdrop.ts'
import { startPlainHttp, type PlainHttp } from './plain-http.ts'
import { rawChannel } from './raw-channel.ts'
import type { Row, Section } from './report.ts'
import { knownLanes, startRig, type Rig } from './rig.ts'
import { Rounds, type Contestant } from './rounds.ts'
import { desktopToPhone, phoneToDesktop } from './transfer.ts'

export interface Stage {
  readonly browser: Browser
  readonly folder: string
  readonly options: BenchOptions
  readonly makeFile: (name: string, bytes: number) => Promise<string>
}

/** One file both ways: every lane, the bare data channel between the same two pages, plain http, and PairDrop. */
export async function lanesSection({ browser, folder, options, makeFile }: Stage): Promise<Section> {
  const { sizeBytes, rounds, pairdrop } = options
  const file = await makeFile('timed.bin', sizeBytes)
  const known = knownLanes()
  const rigs: Rig[] = []
  let plain: PlainHttp | undefined
  let other: PairDrop | undefined
  try {
    for (const lane of known) rigs.push(await startRig({ lane, known, browser }))
    plain = await startPlainHttp({ browser, folder, file, bytes: sizeBytes })
    if (pairdrop !== undefined) other = await startPairDrop(browser, pairdrop)
    const timed = { file, folder, megabytes: sizeBytes / 1e6 }
    const seen = await Rounds.of(rounds, contestants(rigs, plain, other, timed))
    return {
      title: `One file of ${sizeBytes / 1e6} MB, ${rounds} rounds`,
      rows: rowsOf(rigs, seen, other !== undefined),
    }
  } finally {
    await other?.close()
    await plain?.close()
    for (const rig of rigs) await rig.close()
  }
}

interface Timed {
  readonly file: string
  readonly folder: string
  readonly megabytes: number
}

function contestants(
  rigs: readonly Rig[],
  plain: PlainHttp,
  other: PairDrop | undefined,
  { file, folder, megabytes }: Timed,
): Contestant[] {
  const [first] = rigs
  const ours = rigs.map(({ lane, desktop, phone }) => ({
    name: lane,
    run: async () => ({
      up: megabytes / (await phoneToDesktop(desktop, phone, file, folder)),
      down: megabytes / (await desktopToPhone(desktop, file, folder)),
    }),
  }))
  const raw = {
    name: 'raw',
    run: async () => ({
      up: await rawChannel(first!.phone.page, first!.desktop.window, megabytes * 1e6),
      down: await rawChannel(first!.desktop.window, first!.phone.page, megabytes * 1e6),
    }),
  }
  const http = { name: 'http', run: async () => ({ up: await plain.post(), down: await plain.get() }) }
  const pairdrop = other && { name: 'PairDrop', run: async () => ({ up: megabytes / (await other.send(file)) }) }
  return [raw, ...ours, http, ...(pairdrop ? [pairdrop] : [])]
}

const RAW = ['raw', 'the raw data channel'] as const

function rowsOf(rigs: readonly Rig[], seen: Rounds, withPairDrop: boolean): Row[] {
  const start = rigs.map(({ startSeconds }) => startSeconds)
  const way = (title: string, number: 'up' | 'down', http: string): Row[] => [
    seen.row(`raw data channel, ${title}`, 'MB/s', ['raw', number]),
    ...rigs.map(({ lane }) => seen.row(`Lanyard, lane ${lane}, ${title}`, 'MB/s', [lane, number], RAW)),
    seen.row(`plain http ${http}, ${title}`, 'MB/s', ['http', number], RAW),
  ]
  return [
    { what: 'start to code on the screen', value: Math.min(...start), unit: 's', rounds: start },
    ...way('phone to desktop', 'up', 'POST'),
    ...way('desktop to phone', 'down', 'GET'),
    ...(withPairDrop ? [seen.row('PairDrop, page to page', 'MB/s', ['PairDrop', 'up'], RAW)] : []),
  ]
}
