import { cpus, totalmem } from 'node:os'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface Row {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** Against the raw channel of the same direction in the same run. */
  readonly ratio?: number
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

export function printTable(rows: readonly Row[]): void {
  const width = Math.max(...rows.map((row) => row.what.length))
  for (const { what, value, unit, ratio } of rows) {
    const beside = ratio === undefined ? '' : `   ${ratio.toFixed(2)} of the raw channel`
    console.log(`${what.padEnd(width)}  ${value.toFixed(value < 10 ? 2 : 1).padStart(9)} ${unit.padEnd(5)}${beside}`)
  }
}

/** The same as JSON, with what it was measured on. */
export async function writeJson(file: string, rows: readonly Row[], settings: object): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 1e9),
    node: process.version,
  }
  await writeFile(file, `${JSON.stringify({ machine, settings, rows }, null, 2)}\n`)
}
