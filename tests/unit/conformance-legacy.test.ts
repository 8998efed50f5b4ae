import { expect, test } from 'vitest'
import { choose, runChecks, type Result } from '../conformance/checks.ts'
import type { PhoneDriver } from '../conformance/drivers.ts'
import { LEGACY_CHECKS } from '../conformance/legacy-checks.ts'
import { LegacyDesk } from '../conformance/legacy-desk.ts'
import { GENERATIONS, LegacyPhone, type Generation } from '../support/legacy-phone.ts'

/** Our app of 2018 passes what the conformance kit asks of one, with both clients of Socket.IO; one that counts wrong does not. */

/** Milliseconds: a WebRTC stack in plain JavaScript takes its time on a busy computer. */
const LIMIT_MS = 200_000

const RECORDS = [{ id: 'one', title: 'One', bytes: Buffer.alloc(50_000, 1) }]

/** An app in this process. `change` makes another one of it. */
class AppDriver implements PhoneDriver {
  readonly patienceMs = 20_000
  readonly #make: (link: string) => LegacyPhone
  #phone: LegacyPhone | null = null

  constructor(generation: Generation, change: (phone: LegacyPhone) => void = () => undefined) {
    this.#make = (link) => {
      const phone = new LegacyPhone(link, { generation, records: RECORDS })
      change(phone)
      return phone
    }
  }

  async open(link: string): Promise<void> {
    await this.close()
    this.#phone = this.#make(link)
  }

  async send(): Promise<void> {
    throw new Error('no check asks for that')
  }

  change(): Promise<void> {
    return this.send()
  }

  async close(): Promise<void> {
    await this.#phone?.close()
    this.#phone = null
  }
}

async function ask(driver: PhoneDriver, names: readonly string[] = []): Promise<readonly Result[]> {
  const desk = await LegacyDesk.open('127.0.0.1', driver)
  try {
    return await runChecks(choose(LEGACY_CHECKS, names), desk, () => undefined)
  } finally {
    await desk.close()
  }
}

const notPassed = (results: readonly Result[]) => results.filter(({ outcome }) => outcome !== 'pass')

test.concurrent.each(GENERATIONS)(
  'an app of 2018 passes: %s',
  async (generation) => {
    expect(notPassed(await ask(new AppDriver(generation)))).toEqual([])
  },
  LIMIT_MS,
)

test.concurrent.each<readonly [name: string, change: (phone: LegacyPhone) => void]>([
  [
    'legacy-receive',
    ({ files }) => {
      const take = files.take.bind(files)
      files.take = (piece) => {
        take(piece.subarray(1))
      }
    },
  ],
  ['legacy-export', (phone) => Object.assign(phone, { pack: () => Buffer.alloc(0) })],
])(
  'an app that does this wrong fails: %s',
  async (name, change) => {
    const results = await ask(new AppDriver('v4', change), [name])
    expect(results.map(({ outcome }) => outcome)).toEqual(['fail'])
  },
  LIMIT_MS,
)
