import { cpus, totalmem } from 'node:os'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** One line of the table. */
export interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** What it is compared with in the same run, and how many times as much it is. */
  readonly beside?: { readonly ratio: number; readonly of: string }
  /** What a reader must know to judge the number. */
  readonly note?: string
  /** Every round's number, in order, where there were rounds. */
  readonly rounds?: readonly number[]
}

/** Rows that were measured side by side. */
export interface Section {
  readonly title: string
  readonly rows: readonly Row[]
}

const shown = (value: number): string => value.toFixed(value < 10 ? 2 : value < 1000 ? 1 : 0)

export function printTable(sections: readonly Section[]): void {
  const all = sections.flatMap(({ rows }) => rows)
  const width = Math.max(...all.map(({ what }) => what.length))
  for (const { title, rows } of sections) {
    console.log(`\n${title}`)
    for (const { what, value, unit, beside, note } of rows) {
      const more = [beside && `${beside.ratio.toFixed(2)} of ${beside.of}`, note].filter(Boolean).join('; ')
      console.log(`  ${what.padEnd(width)}  ${shown(value).padStart(9)} ${unit.padEnd(8)} ${more}`.trimEnd())
    }
  }
}

/** The same as JSON, with what it was measured on. */
export async function writeJson(file: string, sections: readonly Section[], settings: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
    node: process.version,
  }
  await writeFile(file, `${JSON.stringify({ machine, settings, sections }, null, 2)}\n`)
}
