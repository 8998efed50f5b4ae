import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startHeadless, withoutDisplay } from '../tests/support/headless.ts'
import { ROOT, switches } from '../tests/support/app.ts'
import { startSessionBus } from '../tests/support/session-bus.ts'
import { Started } from '../tests/support/started.ts'
import { TrayStandIn } from '../tests/support/tray-stand-in.ts'
import type { Stage } from './lanes.ts'
import { pssOf, treeOf } from './processes.ts'
import type { Row, Section } from './report.ts'

const MS = 1000
/** What Chromium still tidies up after the page has gone. */
const SETTLE_MS = 5_000
/** How long the processor's time is counted. */
const COUNT_MS = 30_000
/** Far longer than the page stays. */
const GONE_WITHIN_MS = 120_000

/** Measures what the whole program takes while it waits: hidden in the tray, and without a window. */
export async function idleSection({ folder }: Stage): Promise<Section> {
  return {
    title: 'Waiting, nobody connected: all processes together, pages that they share counted once (PSS)',
    rows: [...(await inTray(folder)), ...(await headless())],
  }
}

async function inTray(folder: string): Promise<readonly Row[]> {
  const session = await startSessionBus()
  await TrayStandIn.start(session)
  const own = ['--hidden', '--json', '--port=0', '--host=127.0.0.1', `--inbox=${folder}/in`, `--data=${folder}/idle`]
  const app = new Started(String(process.env['ELECTRON_EXEC_PATH']), [...switches(), ROOT, '--', ...own], {
    cwd: join(import.meta.dirname),
    env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: session.address },
  })
  try {
    await app.events.wait('ready', ({ event }) => event === 'ready')
    return await measured('hidden in the tray', Number(app.child.pid))
  } finally {
    await app.stop()
    await session.stop()
  }
}

async function headless(): Promise<readonly Row[]> {
  // As `npm start -- --headless` starts it: told from outside, it needs nobody to stand in for it.
  const args = [...switches().filter((each) => !each.startsWith('--ozone')), '--ozone-platform=headless', ROOT, '--']
  const run = await startHeadless(String(process.env['ELECTRON_EXEC_PATH']), args, [], withoutDisplay())
  try {
    return await measured('headless', Number(run.app.child.pid))
  } finally {
    await run.close()
  }
}

async function measured(what: string, root: number): Promise<readonly Row[]> {
  const withPage = allPss(root)
  await untilPageIsGone(root)
  await delay(SETTLE_MS)
  const before = cpuSeconds(root)
  await delay(COUNT_MS)
  const percent = ((cpuSeconds(root) - before) / (COUNT_MS / MS)) * 100
  const kinds = treeOf(root).map(({ pid, kind }) => `${kind} ${Math.round(pssOf(pid))}`)
  return [
    { what: `${what}, just started, with the page`, value: withPage, unit: 'MB' },
    { what, value: allPss(root), unit: 'MB', note: kinds.join(', ') },
    { what: `${what}, processor`, value: percent, unit: '%', note: `of one core, over ${COUNT_MS / MS} s` },
  ]
}

const allPss = (root: number): number => treeOf(root).reduce((sum, { pid }) => sum + pssOf(pid), 0)

const cpuSeconds = (root: number): number => treeOf(root).reduce((sum, process) => sum + process.cpuSeconds, 0)

async function untilPageIsGone(root: number): Promise<void> {
  const deadline = performance.now() + GONE_WITHIN_MS
  while (treeOf(root).some(({ kind }) => kind === 'renderer')) {
    if (performance.now() > deadline) throw new Error('the page stays although nobody is connected')
    await delay(500)
  }
}
