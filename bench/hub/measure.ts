import { processOf } from '../processes.ts'
import type { End, Meeting } from './client.ts'

/** Pairs that talk, messages that each of their ends has under way, and messages in all. */
const TALKING = 100
const UNDER_WAY = 4
const MESSAGES = 20_000

interface Timed {
  /** A second. */
  readonly rate: number
  /** Microseconds of the server's processor time for one. */
  readonly cost: number
}

async function timed(pid: number, count: number, work: () => Promise<void>): Promise<Timed> {
  const cpu = (): number => processOf(pid)?.cpuSeconds ?? NaN
  const [cpuBefore, start] = [cpu(), performance.now()]
  await work()
  const seconds = (performance.now() - start) / 1000
  return { rate: count / seconds, cost: ((cpu() - cpuBefore) * 1e6) / count }
}

/** Messages through the server: each that is heard is answered, until there were enough. */
export async function measureRelay(meeting: Meeting): Promise<Record<string, number>> {
  const pairs = await Promise.all(Array.from({ length: TALKING }, () => meeting.pair()))
  const ends = pairs.flat()
  try {
    const { rate, cost } = await timed(meeting.pid, MESSAGES, () => talk(ends))
    return { relayed: rate, 'relay µs': cost }
  } finally {
    await Promise.all(ends.map((end) => end.close()))
  }
}

async function talk(ends: readonly End[]): Promise<void> {
  let said = 0
  let heard = 0
  const say = (end: End): void => {
    if (said++ < MESSAGES) end.say()
  }
  await new Promise<void>((resolve) => {
    for (const end of ends)
      end.heard = () => {
        if (++heard === MESSAGES) resolve()
        else say(end)
      }
    for (const end of ends) for (let n = 0; n < UNDER_WAY; n++) say(end)
  })
}
