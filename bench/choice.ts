import { setTimeout as delay } from 'node:timers/promises'
import { DelayTcp } from '../tests/support/delay-tcp.ts'
import { DelayUdp } from '../tests/support/delay-udp.ts'
import { launchBrowser, Phone } from '../tests/support/phone.ts'
import { toldOf } from '../tests/support/moving.ts'
import type { Stage } from './lanes.ts'
import { median } from './median.ts'
import { browserPid } from './processes.ts'
import type { Row, Section } from './report.ts'
import { knownLanes, startRig, type LaneName, type Rig } from './rig.ts'
import { Rounds, type Contestant } from './rounds.ts'
import { slowed } from './slowed.ts'
import { copyOf, finished } from './transfer.ts'

/** Bits a second of a lane that is made slow, and how much of the timed file goes in each scene. */
const SLOW_BITS = 8e6
const SHARE = 8
/** Milliseconds after which the slow lane and the other one change places. */
const SWAP_MS = 3_000
/** Of a core, what the busy phone has. */
const BUSY_SHARE = 0.25

/** A rig whose two lanes go through relays that can be made slow. */
interface SlowableRig {
  readonly rig: Rig
  readonly set: (slow: 'webrtc' | 'socket' | null) => void
  /** The process of the phone's browser. */
  readonly phonePid: () => number
}

interface Scene {
  readonly name: string
  /** What is so from the beginning, and what happens while `work` runs. */
  readonly during: <T>(rig: SlowableRig, work: () => Promise<T>) => Promise<T>
}

const slow = (lane: 'webrtc' | 'socket'): Scene => ({
  name: `${lane === 'socket' ? 'the sealed socket' : 'the data channel'} held to ${SLOW_BITS / 1e6} Mbit/s`,
  during: ({ set }, work) => {
    set(lane)
    return work()
  },
})

const swap = (first: 'webrtc' | 'socket', then: 'webrtc' | 'socket'): Scene => ({
  name: `${first} slow, after ${SWAP_MS / 1000} s ${then}`,
  during: async ({ set }, work) => {
    set(first)
    const over = new AbortController()
    const swapping = delay(SWAP_MS, undefined, { signal: over.signal }).then(
      () => {
        set(then)
      },
      () => undefined,
    )
    try {
      return await work()
    } finally {
      over.abort()
      await swapping
    }
  },
})

const SCENES: readonly Scene[] = [
  slow('socket'),
  slow('webrtc'),
  swap('socket', 'webrtc'),
  swap('webrtc', 'socket'),
  {
    name: `a phone that has ${BUSY_SHARE} of each core`,
    during: ({ set, phonePid }, work) => {
      set(null)
      return slowed(phonePid(), BUSY_SHARE, work)
    },
  },
]

/** Whether the app finds the better lane by itself, beside each lane alone under the same conditions. */
export async function choiceSection({ folder, options, makeFile }: Stage): Promise<Section> {
  const bytes = Math.max(8e6, Math.round(options.sizeBytes / SHARE))
  const file = await makeFile('choice.bin', bytes)
  const known = knownLanes()
  const closing: (() => Promise<void>)[] = []
  try {
    const browser = await launchBrowser()
    closing.unshift(() => browser.close())
    const rigs: SlowableRig[] = []
    const apps: number[] = []
    for (const lane of known) rigs.push(await startSlowable(lane, known, browser, closing, apps))
    const seen = await Rounds.of(options.rounds, contestantsOf(rigs, file, folder))
    return { title: `Finding the better lane, ${bytes / 1e6} MB each time, ${options.rounds} rounds`, rows: rowsOf(seen) }
  } finally {
    for (const close of closing) await close()
  }
} // prettier-ignore

type Browsers = Awaited<ReturnType<typeof launchBrowser>>

async function startSlowable(lane: LaneName, known: readonly LaneName[], browser: Browsers, closing: (() => Promise<void>)[], apps: number[]) {
  const udp = await DelayUdp.open({ delayMs: 0 })
  closing.unshift(() => udp.close())
  let tcp: DelayTcp | undefined
  const join = async (browsers: Browsers, link: string): Promise<Phone> => {
    const proxy = await DelayTcp.before(link, 0)
    tcp = proxy
    closing.unshift(() => proxy.close())
    const phone = await Phone.open(browsers, proxy.link, udp.trick)
    await phone.is('connected')
    return phone
  }
  const rig = await startRig({ lane, known, browser, join })
  apps.push(rig.desktop.app.process().pid ?? 0)
  closing.unshift(() => rig.close())
  const set = (held: 'webrtc' | 'socket' | null): void => {
    udp.bitRate = held === 'webrtc' ? SLOW_BITS : Infinity
    if (tcp !== undefined) tcp.bitRate = held === 'socket' ? SLOW_BITS : Infinity
  }
  return { rig, set, phonePid: () => browserPid(apps) }
} // prettier-ignore

function contestantsOf(rigs: readonly SlowableRig[], file: string, folder: string): Contestant[] {
  return SCENES.flatMap((scene) =>
    rigs.map((one) => ({
      name: `${one.rig.lane}, ${scene.name}`,
      run: async () => ({
        up: await scene.during(one, () => timed(one.rig, 'up', file, folder)),
        down: await scene.during(one, () => timed(one.rig, 'down', file, folder)),
      }),
    })),
  )
}

/** Seconds of one file. */
async function timed({ desktop, phone }: Rig, way: 'up' | 'down', file: string, folder: string): Promise<number> {
  const { name, path } = await copyOf(file, folder)
  const start = performance.now()
  if (way === 'up') await phone.send(path)
  else await desktop.window.getByTestId('file-input').setInputFiles(path)
  await finished(desktop, name)
  const seconds = (performance.now() - start) / 1000
  const lanes = toldOf(desktop.events, name).flatMap((event) => (Number(event['bytes']) > 0 ? [event['lane']] : []))
  console.error(`  ${way} ${seconds.toFixed(1)} s, ${[...new Set(lanes)].join(' then ')}`)
  return seconds
}

/** Beside the better lane alone of the same round. */
function rowsOf(seen: Rounds): Row[] {
  return SCENES.flatMap(({ name }) =>
    (['up', 'down'] as const).map((way) => {
      const auto = seen.of(`auto, ${name}`, way)
      const alone = (['webrtc', 'socket'] as const).map((lane) => seen.of(`${lane}, ${name}`, way))
      const better = auto.map((_, round) => Math.min(...alone.map((times) => times[round] ?? Infinity)))
      const ratio = median(auto.map((seconds, round) => (better[round] ?? NaN) / seconds))
      const lost = median(auto.map((seconds, round) => seconds - (better[round] ?? NaN)))
      return {
        what: `${name}, ${way === 'up' ? 'phone to desktop' : 'desktop to phone'}`,
        value: median(auto),
        unit: 's',
        rounds: auto,
        beside: { ratio, of: 'the speed of the better lane alone' },
        note: `${lost.toFixed(1)} s more; alone data channel ${median(alone[0]!).toFixed(1)} s, socket ${median(alone[1]!).toFixed(1)} s`,
      }
    }),
  )
} // prettier-ignore
