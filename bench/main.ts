import type { Browser } from '@playwright/test'
import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { scratch } from '../tests/support/files.ts'
import { launchBrowser } from '../tests/support/phone.ts'
import { choiceSection } from './choice.ts'
import { cipherSection } from './cipher/section.ts'
import { crowdSection } from './crowd.ts'
import { filesSection } from './files.ts'
import { hubSection } from './hub/section.ts'
import { idleSection } from './idle.ts'
import { lanesSection, type Stage } from './lanes.ts'
import { largeSection } from './large.ts'
import { cableSections, distantSections } from './network/section.ts'
import { openingSection } from './opening.ts'
import { HELP, readOptions, type BenchOptions, type SectionName } from './options.ts'
import { processorSection } from './processor.ts'
import { recordsSection } from './records/section.ts'
import { waitsSection } from './waits.ts'
import { printTable, writeJson, type Section } from './report.ts'

// Side by side in one run. Rounds alternate, so that a noisy neighbour disturbs all alike; medians are shown.

const inBrowser = (run: (stage: Stage) => Promise<Section | readonly Section[]>) => async (stage: Stage) =>
  [await run(stage)].flat()

/** They need no browser, or one of their own. */
const PLAIN: readonly SectionName[] = ['records', 'hub', 'opening', 'choice', 'idle']

const SECTION: Record<SectionName, (stage: Stage) => Promise<readonly Section[]>> = {
  records: async ({ options, folder }) => [recordsSection(options, folder)],
  hub: async ({ options }) => [await hubSection(options)],
  cipher: inBrowser(cipherSection),
  opening: async (stage) => [await openingSection(stage)],
  lanes: inBrowser(lanesSection),
  processor: inBrowser(processorSection),
  choice: async (stage) => [await choiceSection(stage)],
  large: inBrowser(largeSection),
  files: inBrowser(filesSection),
  crowd: inBrowser(crowdSection),
  cable: inBrowser(cableSections),
  distant: inBrowser(distantSections),
  waits: inBrowser(waitsSection),
  idle: async (stage) => [await idleSection(stage)],
}

async function makeFile(folder: string, name: string, bytes: number): Promise<string> {
  const path = join(folder, name)
  const piece = randomBytes(1_048_576)
  const pieces = function* () {
    for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(piece.length, left))
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path))
  return path
}

/** Says why where it is wanted and cannot be. */
function isWanted(name: SectionName, { only, largeBytes, files }: BenchOptions): boolean {
  if (!only.includes(name) || (name === 'large' && largeBytes === 0) || (name === 'files' && files === 0)) return false
  if (name === 'records' || name === 'cipher' || name === 'opening' || name === 'lanes' || name === 'distant') return true
  const impossible = process.platform !== 'linux' || (name === 'cable' && process.getuid?.() !== 0)
  if (impossible) console.error(`${name} is left out: it needs Linux${name === 'cable' ? ' and root' : ''}`)
  return !impossible
} // prettier-ignore

async function bench(options: BenchOptions): Promise<void> {
  const folder = await scratch()
  const sections: Section[] = []
  let browser: Browser | undefined
  try {
    for (const name of options.only.filter((each) => isWanted(each, options))) {
      console.error(`\n${name}`)
      if (!PLAIN.includes(name)) browser ??= await launchBrowser()
      const stage = { browser: browser!, folder: folder.path, options, makeFile: makeFile.bind(null, folder.path) }
      sections.push(...(await SECTION[name](stage)))
      // What a later section breaks must not take the numbers of an earlier one with it.
      await writeJson(options.json, sections, options)
    }
  } finally {
    await browser?.close()
    await folder.remove()
    if (sections.length > 0) printTable(sections)
  }
}

const command = readOptions(process.argv.slice(2))
if (command.run === 'help') console.log(HELP)
else await bench(command.options)
