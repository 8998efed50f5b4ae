import { median } from './median.ts'
import type { Row } from './report.ts'

/** One thing that is measured in every round. It may measure several numbers at once. */
export interface Contestant {
  readonly name: string
  readonly run: () => Promise<Readonly<Record<string, number>>>
}

/** All numbers of all rounds, by the contestant and by what the number is. */
export class Rounds {
  readonly #seen = new Map<string, number[]>()

  /**
   * Runs all contestants `rounds` times. Rounds alternate, and every second one runs backwards, so that a noisy
   * neighbour, a warm cache or a full disk disturbs all of them alike.
   */
  static async of(rounds: number, contestants: readonly Contestant[]): Promise<Rounds> {
    const all = new Rounds()
    for (let round = 1; round <= rounds; round++) {
      const order = round % 2 === 1 ? contestants : contestants.toReversed()
      const line: string[] = []
      for (const { name, run } of order) {
        const numbers = await run()
        for (const [what, value] of Object.entries(numbers)) all.#add(`${name} ${what}`, value)
        line.push(`${name} ${Object.values(numbers).map(brief).join(' ')}`)
      }
      console.error(`round ${round}: ${line.join('   ')}`)
    }
    return all
  }

  of(name: string, what: string): readonly number[] {
    return this.#seen.get(`${name} ${what}`) ?? []
  }

  /**
   * A row of medians, beside another contestant's if there is one. The ratio is the median of each round's own: those two
   * were measured within seconds, while a busy neighbour may come and go between rounds.
   */
  row(what: string, unit: string, [name, number]: readonly [string, string], beside?: readonly [string, string]): Row {
    const rounds = this.of(name, number)
    const row = { what, unit, value: median(rounds), rounds }
    const others = beside === undefined ? [] : this.of(beside[0], number)
    if (beside === undefined || others.length === 0) return row
    const ratios = rounds.map((value, round) => value / (others[round] ?? NaN))
    return { ...row, beside: { ratio: median(ratios), of: beside[1] } }
  }

  #add(key: string, value: number): void {
    this.#seen.set(key, [...(this.#seen.get(key) ?? []), value])
  }
}

const brief = (value: number): string => value.toFixed(value < 100 ? 1 : 0)
