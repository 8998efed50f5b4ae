import type { Stage } from '../lanes.ts'
import type { Row, Section } from '../report.ts'
import { Rounds } from '../rounds.ts'
import { PACED_GB } from './pace.ts'
import { startPage, startThread, type Runtime } from './runtimes.ts'

/** Rounds take seconds, so there are so many times as many. */
const TIMES_ROUNDS = 3
const RECORD_MB = 262_144 / 1e6

/** The sealed socket's cipher alone, in each runtime that it runs in: what is used beside what stands in for it. */
export async function cipherSection({ browser, folder, options }: Stage): Promise<Section> {
  const runtimes: Runtime[] = []
  try {
    runtimes.push(await startThread('Node', process.execPath))
    const electron = process.env['ELECTRON_EXEC_PATH']
    if (electron !== undefined) runtimes.push(await startThread('Electron', electron))
    runtimes.push(await startPage(browser, folder))
    const all = runtimes.flatMap((runtime) => runtime.ciphers.map((cipher) => ({ runtime, cipher })))
    const contestants = all.map(({ runtime, cipher }) => ({
      name: `${runtime.name}, ${cipher}`,
      run: async () => {
        const { pace, cpu } = await runtime.measure(cipher)
        return { seal: RECORD_MB / (pace.seal / 1000), open: RECORD_MB / (pace.open / 1000), cpu: cpu / PACED_GB }
      },
    }))
    const seen = await Rounds.of(options.rounds * TIMES_ROUNDS, contestants)
    return {
      title: 'The cipher of the sealed socket alone, records of 256 KiB in place',
      rows: all.flatMap(({ runtime, cipher }) => rowsOf(seen, runtime.name, cipher)),
    }
  } finally {
    await Promise.all(runtimes.map((runtime) => runtime.close()))
  }
}

function rowsOf(seen: Rounds, runtime: string, cipher: string): Row[] {
  const name = `${runtime}, ${cipher}`
  const beside = cipher === 'noble' ? undefined : ([`${runtime}, noble`, 'noble'] as const)
  const row = (what: string, unit: string, number: string): Row =>
    seen.row(`${name}: ${what}`, unit, [name, number], beside)
  return [
    row('sealing', 'MB/s', 'seal'),
    row('opening', 'MB/s', 'open'),
    row('processor time of both ends', 's/GB', 'cpu'),
  ]
}
