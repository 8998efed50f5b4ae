import type { Stage } from './lanes.ts'
import type { Row, Section } from './report.ts'
import { knownLanes, startRig, type LaneName, type Rig } from './rig.ts'
import { browserPid } from './processes.ts'
import { downloaded, phoneToDesktop } from './transfer.ts'
import { watched, type Taken } from './watch.ts'

/** The large file once up on every lane and down by http, which is how a page takes it: speed, memory of every process, processor time of both sides. */
export async function largeSection(stage: Stage): Promise<Section> {
  const { browser, options, makeFile } = stage
  const file = await makeFile('large.bin', options.largeBytes)
  const known = knownLanes()
  const rows: Row[] = []
  for (const lane of known) {
    const rig = await startRig({ lane, known, browser })
    try {
      rows.push(...(await bothWays(rig, stage, file)))
    } finally {
      await rig.close()
    }
  }
  return { title: `One file of ${options.largeBytes / 1e6} MB, once each way, and what it took`, rows }
}

type Way = readonly [name: string, move: () => Promise<number>]

/** Up over the lane; down by http alone, which is no lane's: once, where the app chooses. */
function waysOf({ lane, desktop, phone }: Rig, folder: string, file: string): Way[] {
  const up: Way = [`${lane}, phone to desktop`, () => phoneToDesktop(desktop, phone, file, folder)]
  const down: Way = ['http, desktop to phone', () => downloaded(desktop, phone, file, folder)]
  return lane === 'auto' ? [up, down] : [up]
}

async function bothWays(rig: Rig, { folder, options }: Stage, file: string): Promise<Row[]> {
  const app = rig.desktop.app.process().pid ?? 0
  const gigabytes = options.largeBytes / 1e9
  const rows: Row[] = []
  for (const [way, move] of waysOf(rig, folder, file)) {
    let seconds = NaN
    const [ours, browsers] = await watched([app, browserPid([app])], async () => {
      seconds = await move()
    })
    rows.push({ what: way, value: (gigabytes * 1000) / seconds, unit: 'MB/s' })
    rows.push(...taken(`${way}, app`, ours!, gigabytes), ...taken(`${way}, phone`, browsers!, gigabytes))
  }
  return rows
}

function taken(who: string, { peakMB, ownMB, grownMB, cpuSeconds }: Taken, gigabytes: number): Row[] {
  return [
    { what: `${who}: processor time`, value: cpuSeconds / gigabytes, unit: 's/GB' },
    { what: `${who}: own memory of all its processes, growth`, value: grownMB, unit: 'MB', note: `peak ${ownMB.toFixed(0)} MB` },
    ...[...peakMB].map(([kind, value]) => ({ what: `${who}, ${kind}: peak in memory`, value, unit: 'MB' })),
  ]
} // prettier-ignore

export type { LaneName }
