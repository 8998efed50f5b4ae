import type { Stage } from './lanes.ts'
import { median } from './median.ts'
import { startPlainHttp } from './plain-http.ts'
import { browserPid } from './processes.ts'
import type { Row, Section } from './report.ts'
import { knownLanes, startRig, type Rig } from './rig.ts'
import { Rounds, type Contestant } from './rounds.ts'
import { desktopToPhone, phoneToDesktop } from './transfer.ts'
import { watched, type Taken } from './watch.ts'

const MS = 1000

/** Whose processes: of the app, of the phone's browser, of the plain server. */
type Side = 'app' | 'phone' | 'server'

/** Measures the processor time of every process for a MB of the sealed socket, beside plain http and, if given, another Lanyard. */
export async function processorSection({ browser, folder, options, makeFile }: Stage): Promise<Section> {
  const { sizeBytes, rounds, beside } = options
  const file = await makeFile('processor.bin', sizeBytes)
  const known = knownLanes()
  const rigs: { readonly name: string; readonly rig: Rig }[] = []
  const plain = await startPlainHttp({ browser, folder, file, bytes: sizeBytes })
  try {
    const apps = [[OURS, undefined] as const, ...(beside === undefined ? [] : [[BESIDE, beside] as const])]
    for (const [name, root] of apps) rigs.push({ name, rig: await startRig({ lane: 'socket', known, browser, root }) })
    const phone = browserPid(rigs.map(({ rig }) => pidOf(rig)))
    const megabytes = sizeBytes / 1e6
    const http = [
      timed('POST', megabytes, { phone, server: plain.pid }, () => plain.post()),
      timed('GET', megabytes, { phone, server: plain.pid }, () => plain.get()),
    ]
    const ours = rigs.flatMap(({ name, rig: { desktop, phone: page }, rig }) => {
      const up = async () => megabytes / (await phoneToDesktop(desktop, page, file, folder))
      const down = async () => megabytes / (await desktopToPhone(desktop, file, folder))
      const of = { app: pidOf(rig), phone }
      return [timed(`${name} up`, megabytes, of, up), timed(`${name} down`, megabytes, of, down)]
    })
    const all = [...ours, ...http]
    const seen = await Rounds.of(rounds, all)
    const rows = all.flatMap(({ name, keys }) => rowsOf(seen, name, [...keys]))
    return { title: `Processor time for a MB of a file of ${megabytes} MB, ${rounds} rounds`, rows }
  } finally {
    for (const { rig } of rigs) await rig.close()
    await plain.close()
  }
}

/** The one that is measured, and the one of `--beside`. */
const OURS = 'sealed socket'
const BESIDE = 'the other one'

const pidOf = ({ desktop }: Rig): number => desktop.child.pid ?? 0

interface Timed extends Contestant {
  /** The numbers that it gives beside the speed: side, kind of process, and which of the two times. */
  readonly keys: Set<string>
}

function timed(
  name: string,
  megabytes: number,
  sides: Partial<Record<Side, number>>,
  move: () => Promise<number>,
): Timed {
  const keys = new Set<string>()
  const run = async (): Promise<Record<string, number>> => {
    let speed = NaN
    const taken = await watched(Object.values(sides), async () => {
      speed = await move()
    })
    const numbers: Record<string, number> = {}
    Object.keys(sides).forEach((side, i) => {
      Object.assign(numbers, numbersOf(side, taken[i], megabytes))
    })
    for (const key of Object.keys(numbers)) keys.add(key)
    const all = Object.values(numbers).reduce((sum, one) => sum + one, 0)
    return { speed, all, ...numbers }
  }
  return { name, keys, run }
}

function numbersOf(side: string, taken: Taken | undefined, megabytes: number): Record<string, number> {
  const numbers: Record<string, number> = {}
  for (const [kind, { user, system }] of taken?.cpu ?? []) {
    numbers[`${side}, ${kind}, user`] = (user * MS) / megabytes
    numbers[`${side}, ${kind}, system`] = (system * MS) / megabytes
  }
  return numbers
}

/** ms/MB below which a process is not worth a row. */
const WORTH = 0.1

function rowsOf(seen: Rounds, name: string, keys: readonly string[]): Row[] {
  const plain = name.endsWith('up') ? 'POST' : name.endsWith('down') ? 'GET' : undefined
  const speed = seen.row(`${name}: speed`, 'MB/s', [name, 'speed'], plain && [plain, plain])
  const all = seen.row(`${name}: all processes`, 'ms/MB', [name, 'all'], plain && [plain, plain])
  const other = seen.row('', '', [name, 'all'], [name.replace(OURS, BESIDE), BESIDE]).beside
  const isBeside = other !== undefined && name.startsWith(OURS)
  const kinds = [...new Set(keys.map((key) => key.replace(/, \w+$/, '')))]
  return [
    speed,
    isBeside ? { ...all, note: `${other.ratio.toFixed(2)} of ${other.of}` } : all,
    ...kinds.map((kind) => rowOf(seen, name, kind)).filter(({ value }) => value >= WORTH),
  ]
}

function rowOf(seen: Rounds, name: string, kind: string): Row {
  const [user, system] = [median(seen.of(name, `${kind}, user`)), median(seen.of(name, `${kind}, system`))]
  const note = `user ${user.toFixed(1)}, system ${system.toFixed(1)}`
  return { what: `${name}: ${kind}`, value: user + system, unit: 'ms/MB', note }
}
