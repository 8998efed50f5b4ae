import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startApp } from '../tests/support/app.ts'
import { joinAll } from '../tests/support/crowd.ts'
import type { Phone } from '../tests/support/phone.ts'
import type { Stage } from './lanes.ts'
import type { Section } from './report.ts'
import { copyOf, finished } from './transfer.ts'
import { watched } from './watch.ts'

const PHONES = 8
const FILES_EACH = 4

/** Eight phones with four files each, all up at once: memory of the app, and how far the phones are apart at the end. */
export async function crowdSection({ browser, folder, options, makeFile }: Stage): Promise<Section> {
  const bytes = Math.ceil(options.sizeBytes / FILES_EACH)
  const file = await makeFile('crowd.bin', bytes)
  const desktop = await startApp([])
  try {
    const phones = await joinAll(browser, desktop, PHONES)
    const ends: number[] = []
    const [app] = await watched([desktop.app.process().pid ?? 0], async () => {
      const start = performance.now()
      const one = async (phone: Phone): Promise<void> => {
        const files = await Promise.all(Array.from({ length: FILES_EACH }, () => copyOf(file, folder)))
        await phone.send(files.map(({ path }) => path))
        for (const { name } of files) await finished(desktop, name)
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
    for (const context of browser.contexts()) await context.close()
    await desktop.close()
  }
}
