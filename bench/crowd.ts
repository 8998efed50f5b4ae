import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { joinAll } from '../tests/support/crowd.ts'
import { startApp } from '../tests/support/app.ts'
import { copiesOf } from './copies.ts'
import type { Stage } from './lanes.ts'
import type { Section } from './report.ts'
import { unwatched } from './unwatched.ts'
import { watched } from './watch.ts'

const PHONES = 8
const FILES_EACH = 4
const LIMIT_MS = 15 * 60_000

/** Eight phones with four files each, all up at once: memory of the app, and how far the phones are apart at the end. */
export async function crowdSection({ browser, folder, options, makeFile }: Stage): Promise<Section> {
  const bytes = Math.ceil(options.sizeBytes / FILES_EACH)
  const file = await makeFile('crowd.bin', bytes)
  const desktop = await startApp([])
  const phones = await joinAll(browser, desktop, PHONES)
  try {
    for (const { page } of phones) await unwatched(page)
    const ends: number[] = []
    const [app] = await watched([desktop.app.process().pid ?? 0], async () => {
      const start = performance.now()
      const one = async (phone: (typeof phones)[number], n: number): Promise<void> => {
        const files = await copiesOf(file, folder, `crowd-${n}`, FILES_EACH)
        await phone.send(files.map(({ path }) => path))
        for (const { name } of files) {
          const end = await desktop.events.ended(name, LIMIT_MS)
          if (end['state'] !== 'done') throw new Error(`the transfer ended with ${JSON.stringify(end)}`)
        }
        ends.push((performance.now() - start) / 1000)
        for (const { name } of files) await rm(join(desktop.inbox, name))
      }
      await Promise.all(phones.map(one))
    })
    const megabytes = (PHONES * FILES_EACH * bytes) / 1e6
    return {
      title: `${PHONES} phones with ${FILES_EACH} files of ${bytes / 1e6} MB each at once, phone to desktop`,
      rows: [
        { what: 'all together', value: megabytes / Math.max(...ends), unit: 'MB/s' },
        { what: 'the first phone to have all its files there, of the last', value: Math.min(...ends) / Math.max(...ends), unit: 'x' },
        { what: 'app: own memory of all its processes, growth', value: app?.grownMB ?? NaN, unit: 'MB', note: `peak ${app?.ownMB.toFixed(0)} MB` },
        ...[...(app?.peakMB ?? [])].map(([kind, value]) => ({ what: `app, ${kind}: peak in memory`, value, unit: 'MB' })),
      ],
    } // prettier-ignore
  } finally {
    for (const phone of phones) await phone.close()
    await desktop.close()
  }
}
