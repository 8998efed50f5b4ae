import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Records, SyncedRecord } from '#protocol/records.ts'
import { openStore } from '#store/database/open-store.ts'
import type { RecordsTable } from '#store/database/store.ts'
import type { BenchOptions } from '../options.ts'
import { median } from '../median.ts'
import type { Row, Section } from '../report.ts'
import { corpus } from './corpus.ts'
import { QUERIES } from './queries.ts'

const PAGE = 500
const DEVICE = 'phone'
/** Milliseconds that a search may take. */
const SEARCH_MS = 50
/** Rows of a search. */
const LIMIT = 100

interface Spent {
  readonly wall: number
  /** Processor time of this process: what it would be with the machine to itself. */
  readonly busy: number
}

function timed(work: () => void): Spent {
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  work()
  const { user, system } = process.cpuUsage(cpu)
  return { wall: performance.now() - start, busy: (user + system) / 1000 }
}

const residentMB = (): number => {
  globalThis.gc?.()
  return process.memoryUsage.rss() / 1e6
}

function* pages(records: readonly SyncedRecord[]): Generator<Records> {
  for (let from = 0; from < records.length; from += PAGE) {
    const more = from + PAGE < records.length
    const list = records.slice(from, from + PAGE)
    yield { t: 'records', since: String(from), list, cursor: String(from + PAGE), more, fresh: from === 0 }
  }
}

const keepAll = (table: RecordsTable, records: readonly SyncedRecord[]): readonly Spent[] =>
  [...pages(records)].map((page) => timed(() => table.keep(DEVICE, page)))

/** The database of records alone: how fast it takes them, how soon it finds them, how large it gets. */
export function recordsSection({ rounds, records: count }: BenchOptions, folder: string): Section {
  const file = join(folder, 'records', 'lanyard.db')
  const records = corpus(count)
  const before = residentMB()
  const store = openStore(file, (line) => console.error(line))
  const table = store.records
  const rows = [...keeping('new records', keepAll(table, records), count)]
  rows.push(...keeping('the same again, a fresh sync', keepAll(table, records), count))
  const memory = residentMB() - before
  rows.push(...finding(table, rounds))
  rows.push({ what: 'memory that the process grew by', value: memory, unit: 'MB', note: 'while it took them twice' })
  rows.push({ what: 'memory after the searches', value: residentMB() - before, unit: 'MB' })
  store.close()
  const characters = records.reduce((sum, { title, text }) => sum + title.length + (text?.length ?? 0), 0)
  const size = statSync(file).size / 1e6
  rows.push({
    what: 'database',
    value: size,
    unit: 'MB',
    note: `${(characters / 1e6).toFixed(1)} million characters of text`,
  })
  const again = timed(() => openStore(file, (line) => console.error(line)).close())
  rows.push({ what: 'to open it', value: again.wall, unit: 'ms' })
  return { title: `Records, ${count} in pages of ${PAGE}; ms of a search for the newest ${LIMIT} and the total`, rows }
}

function keeping(what: string, spent: readonly Spent[], count: number): Row[] {
  const total = (of: keyof Spent) => spent.reduce((sum, one) => sum + one[of], 0) / 1000
  const walls = spent.map(({ wall }) => wall)
  return [
    {
      what: `${what} merged`,
      value: count / total('wall'),
      unit: '/s',
      note: `${(count / total('busy')).toFixed(0)}/s of processor time`,
    },
    { what: `${what}: a page`, value: median(walls), unit: 'ms', note: `worst ${Math.max(...walls).toFixed(0)} ms` },
  ]
}

function finding(table: RecordsTable, rounds: number): Row[] {
  const each = QUERIES.map(({ what, filter }) => {
    let total = 0
    const spent = Array.from({ length: rounds }, () =>
      timed(() => (total = table.find({ ...filter, offset: 0, limit: LIMIT }).total)),
    )
    return { what, total, wall: median(spent.map(({ wall }) => wall)), busy: median(spent.map(({ busy }) => busy)) }
  })
  const worst = each.reduce((one, other) => (other.busy > one.busy ? other : one))
  return [
    {
      what: 'search, median of all',
      value: median(each.map(({ wall }) => wall)),
      unit: 'ms',
      note: `target ${SEARCH_MS}`,
    },
    {
      what: 'search, worst',
      value: Math.max(...each.map(({ wall }) => wall)),
      unit: 'ms',
      note: `target ${SEARCH_MS}`,
    },
    { what: 'search, worst in processor time', value: worst.busy, unit: 'ms', note: worst.what },
    ...each.map(({ what, total, wall, busy }) => ({
      what: `search for ${what}`,
      value: wall,
      unit: 'ms',
      note: `${total > 10_000 ? 'more than 10000' : total} found; ${busy.toFixed(1)} ms of processor time`,
    })),
  ]
}
