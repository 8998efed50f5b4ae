import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunningApp } from '../tests/support/app.ts'
import type { Phone } from '../tests/support/phone.ts'
import type { Stage } from './lanes.ts'
import type { Row, Section } from './report.ts'
import { knownLanes, startRig } from './rig.ts'
import { watched } from './watch.ts'

const FILE_BYTES = 1_000
const LIMIT_MS = 10 * 60_000

/** Many small files picked on the phone at once, on every lane: files a second, from the pick to the last one's end. */
export async function filesSection({ browser, folder, options }: Stage): Promise<Section> {
  const known = knownLanes()
  const rows: Row[] = []
  const paths = await makeFiles(join(folder, 'many'), options.files)
  for (const lane of known) {
    const rig = await startRig({ lane, known, browser })
    try {
      let seconds = NaN
      const [app] = await watched([rig.desktop.app.process().pid ?? 0], async () => {
        seconds = await sendAll(rig.desktop, rig.phone, paths)
      })
      rows.push(
        { what: `${lane}, phone to desktop`, value: paths.length / seconds, unit: 'files/s' },
        { what: `${lane}, app: processor time of a file`, value: ((app?.cpuSeconds ?? NaN) * 1000) / paths.length, unit: 'ms' },
        { what: `${lane}, app: growth of own memory`, value: app?.grownMB ?? NaN, unit: 'MB' },
      ) // prettier-ignore
    } finally {
      await rig.close()
    }
  }
  await rm(join(folder, 'many'), { recursive: true, force: true })
  return { title: `${options.files} files of 1 KB at once`, rows }
}

/** All different, as photos and sources are. */
async function makeFiles(folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const names = Array.from({ length: count }, (_, n) => join(folder, `small-${String(n).padStart(6, '0')}.txt`))
  for (const [n, name] of names.entries()) await writeFile(name, `${n}\n`.padEnd(FILE_BYTES, 'small '))
  return names
}

/** Seconds. */
async function sendAll(desktop: RunningApp, phone: Phone, paths: readonly string[]): Promise<number> {
  const start = performance.now()
  await pick(phone, paths)
  await allEnded(desktop, paths.length)
  return (performance.now() - start) / 1000
}

/** Past Playwright's own way, which takes its time with each path. */
async function pick(phone: Phone, paths: readonly string[]): Promise<void> {
  const devtools = await phone.context.newCDPSession(phone.page)
  try {
    const { result } = await devtools.send('Runtime.evaluate', { expression: "document.querySelector('[data-testid=file-input]')" })
    if (result.objectId === undefined) throw new Error('the phone page has no file input')
    await devtools.send('DOM.setFileInputFiles', { files: [...paths], objectId: result.objectId })
  } finally {
    await devtools.detach()
  }
} // prettier-ignore

/** Reads each event once: there may be some fifty thousand of them. */
async function allEnded({ events }: RunningApp, count: number): Promise<void> {
  const ended = new Set<unknown>()
  let read = 0
  for (const end = performance.now() + LIMIT_MS; performance.now() < end;) {
    for (const { event, id, state, ...more } of events.all.slice(read)) {
      if (event !== 'transfer' || state === 'moving') continue
      if (state !== 'done') throw new Error(`a small file ended with ${JSON.stringify({ state, ...more })}`)
      ended.add(id)
    }
    read = events.all.length
    if (ended.size >= count) return
    await delay(50)
  }
  throw new Error(`${ended.size} of ${count} files within ${LIMIT_MS / 60_000} minutes`)
}
