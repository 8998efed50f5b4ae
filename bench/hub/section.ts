import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { Started } from '../../tests/support/started.ts'
import type { BenchOptions } from '../options.ts'
import { processOf } from '../processes.ts'
import type { Section } from '../report.ts'
import { Rounds } from '../rounds.ts'
import type { Meeting } from './client.ts'
import { Idlers } from './idlers.ts'
import { measureRelay } from './measure.ts'
import { ourMeeting } from './our-client.ts'
import { peerMeeting } from './peer-client.ts'
import { RAISED_LIMITS } from './raised-limits.ts'

/** Its rounds are short, so there are so many times as many: a neighbour that comes and goes then disturbs both alike. */
const TIMES_ROUNDS = 5
/** Milliseconds for what starting thousands of clients has left behind. */
const SETTLE_MS = 5_000

/** The server's process, alone in its memory. */
async function start(program: string, meet: (port: number, pid: number) => Meeting) {
  const child = new Started(process.execPath, [join(import.meta.dirname, program)])
  const { port } = await child.events.wait(`${program} listening`, ({ event }) => event === 'listening')
  const pid = child.child.pid ?? 0
  return { child, port: Number(port), pid, meeting: meet(Number(port), pid) }
}

/** The hub beside PeerJS's server: the same clients, messages and rounds. */
export async function hubSection({ rounds, pairs }: BenchOptions): Promise<Section> {
  const started = [await start('hub-child.js', ourMeeting), await start('peer-child.js', peerMeeting)] as const
  const idlers: Idlers[] = []
  try {
    const memory = new Map<string, { total: number; each: number }>()
    for (const { meeting } of started) {
      const before = processOf(meeting.pid)?.residentMB ?? 0
      idlers.push(await Idlers.of(meeting, pairs))
      await delay(SETTLE_MS)
      const total = processOf(meeting.pid)?.residentMB ?? 0
      memory.set(meeting.name, { total, each: ((total - before) * 1000) / (2 * pairs) })
    }
    const seen = await Rounds.of(
      rounds * TIMES_ROUNDS,
      started.map(({ meeting }) => ({ name: meeting.name, run: () => measureRelay(meeting) })),
    )
    return { title: titleOf(pairs), rows: rowsOf(memory, seen, pairs) }
  } finally {
    await Promise.all(idlers.map((all) => all.end()))
    for (const { child } of started) await child.stop()
  }
}

const titleOf = (pairs: number): string =>
  `Hub alone, ${pairs} idle pairs connected; limits raised for this bench: ${Object.keys(RAISED_LIMITS).join(', ')}`

function rowsOf(memory: ReadonlyMap<string, { total: number; each: number }>, seen: Rounds, pairs: number) {
  const names = ['Lanyard', 'PeerJS'] as const
  const beside = (name: string) => (name === 'Lanyard' ? (['PeerJS', 'PeerJS'] as const) : undefined)
  return [
    ...names.flatMap((name) => [
      { what: `${name}: memory with ${2 * pairs} clients`, value: memory.get(name)?.total ?? NaN, unit: 'MB' },
      { what: `${name}: memory of one client`, value: memory.get(name)?.each ?? NaN, unit: 'kB' },
    ]),
    ...names.map((name) => seen.row(`${name}: relayed events`, '/s', [name, 'relayed'], beside(name))),
    ...names.map((name) => seen.row(`${name}: processor time of one event`, 'µs', [name, 'relay µs'], beside(name))),
  ]
}
