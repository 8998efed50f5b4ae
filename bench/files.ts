import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunningApp } from '../tests/support/app.ts'
import type { Phone } from '../tests/support/phone.ts'
import type { Stage } from './lanes.ts'
import { startPairDrop, type PairDrop } from './pairdrop.ts'
import type { Row, Section } from './report.ts'
import { knownLanes, startRig, type LaneName, type Rig } from './rig.ts'
import { Rounds, type Contestant } from './rounds.ts'
import { pick } from './transfer.ts'
import { watched } from './watch.ts'

const FILE_BYTES = 1_000
const LIMIT_MS = 10 * 60_000
const PAIRDROP = ['PairDrop', 'PairDrop'] as const

/**
 * Many small files picked on the phone at once, on every lane, in alternating rounds: files a second, from the pick to the
 * last one's end. Each round has files of its own, as what is there already would not travel.
 */
export async function filesSection({ browser, folder, options }: Stage): Promise<Section> {
  const { files, rounds, pairdrop } = options
  const known = knownLanes()
  const rigs: Rig[] = []
  const made: Promise<string[]>[] = []
  let other: PairDrop | undefined
  /** Gives each of its rounds the files that are that round's. */
  const contestant = (name: string, send: (paths: readonly string[]) => ReturnType<Contestant['run']>): Contestant => {
    let round = 0
    return {
      name,
      run: async () => send(await (made[round++] ??= makeFiles(join(folder, `many-${round}`), files, round))),
    }
  }
  try {
    for (const lane of known) rigs.push(await startRig({ lane, known, browser }))
    if (pairdrop !== undefined) other = await startPairDrop(browser, pairdrop)
    const contestants = rigs.map((rig) => contestant(rig.lane, (paths) => run(rig, paths)))
    const sent = other?.send
    if (sent !== undefined)
      contestants.push(contestant('PairDrop', async (paths) => ({ rate: paths.length / (await sent(paths)) })))
    const seen = await Rounds.of(rounds, contestants)
    return { title: `${files} files of 1 KB at once, ${rounds} rounds`, rows: rowsOf(known, seen) }
  } finally {
    await other?.close()
    for (const rig of rigs) await rig.close()
    for (const round of made.keys()) await rm(join(folder, `many-${round + 1}`), { recursive: true, force: true })
  }
}

async function run({ desktop, phone }: Rig, paths: readonly string[]): Promise<Record<string, number>> {
  let seconds = NaN
  const [app] = await watched([desktop.app.process().pid ?? 0], async () => {
    seconds = await sendAll(desktop, phone, paths)
  })
  for (const path of paths) await rm(join(desktop.inbox, basename(path)))
  const cpu = ((app?.cpuSeconds ?? NaN) * 1000) / paths.length
  return { rate: paths.length / seconds, cpu, grown: app?.grownMB ?? NaN }
}

function rowsOf(lanes: readonly LaneName[], seen: Rounds): Row[] {
  const others =
    seen.of('PairDrop', 'rate').length > 0 ? [seen.row('PairDrop, page to page', 'files/s', ['PairDrop', 'rate'])] : []
  const ours = lanes.flatMap((lane) => [
    seen.row(`${lane}, phone to desktop`, 'files/s', [lane, 'rate'], PAIRDROP),
    seen.row(`${lane}, app: processor time of a file`, 'ms', [lane, 'cpu']),
    seen.row(`${lane}, app: growth of own memory in a round`, 'MB', [lane, 'grown']),
  ])
  return [...ours, ...others]
}

/** All different, as photos and sources are. */
async function makeFiles(folder: string, count: number, round: number): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const names = Array.from({ length: count }, (_, n) =>
    join(folder, `small-${round}-${String(n).padStart(6, '0')}.txt`),
  )
  for (const [n, name] of names.entries()) await writeFile(name, `${round} ${n}\n`.padEnd(FILE_BYTES, 'small '))
  return names
}

/** Seconds. */
async function sendAll(desktop: RunningApp, phone: Phone, paths: readonly string[]): Promise<number> {
  const [start, read] = [performance.now(), desktop.events.all.length]
  await pick(phone.page, '[data-testid=file-input]', paths)
  await allEnded(desktop, paths.length, read)
  return (performance.now() - start) / 1000
}

/** Reads each event once: there may be some fifty thousand of them. */
async function allEnded({ events }: RunningApp, count: number, from: number): Promise<void> {
  const ended = new Set<unknown>()
  let read = from
  for (const end = performance.now() + LIMIT_MS; performance.now() < end;) {
    for (const { event, id, state, ...more } of events.all.slice(read)) {
      if (event !== 'transfer' || state === 'moving') continue
      if (state !== 'done') throw new Error(`a small file ended with ${JSON.stringify({ state, ...more })}`)
      ended.add(id)
    }
    read = events.all.length
    if (ended.size >= count) return
    await delay(50)
  }
  throw new Error(`${ended.size} of ${count} files within ${LIMIT_MS / 60_000} minutes`)
}
