import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { LANE_PATH } from '#protocol/sealed.ts'
import { expect, test } from '../support/fixtures.ts'
import { withoutDisplay } from '../support/headless.ts'
import { whileItMoves } from '../support/patience.ts'
import { Started } from '../support/started.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const SWITCHES = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--ozone-platform=headless', '--disable-gpu']

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

/** Hundredths of a second of processor time that all of a group of processes have used. */
async function ticksOf(group: number): Promise<number> {
  let ticks = 0
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    // After the name, which may have anything in it: state, parent, group, and as the twelfth and thirteenth the times.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[2]) === group) ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks
}

/** A stranger does something that the log has a line about. */
async function beRefused(port: number): Promise<void> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${LANE_PATH}`)
  await once(ws, 'open')
  ws.send('no hello')
  await once(ws, 'close')
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/`).then(
    ({ ok }) => ok,
    () => false,
  )

/** What the shell does before the app, and what its reader does after its start. */
const CASES: readonly [string, string, (app: Started) => void][] = [
  ['stderr is closed', '2>&-', () => undefined],
  ['stdout is closed', '>&-', () => undefined],
  ['both are closed', '>&- 2>&-', () => undefined],
  ['the disk of both is full', '>/dev/full 2>/dev/full', () => undefined],
  [
    'nobody reads stderr any more',
    '',
    ({ child }) => {
      child.stderr?.destroy()
    },
  ],
  [
    'nobody reads either any more',
    '',
    ({ child }) => {
      child.stderr?.destroy()
      child.stdout?.destroy()
    },
  ],
]

// Processor time is looked up in /proc.
if (process.platform === 'linux')
  for (const [what, redirect, leave] of CASES)
    test(`E4: ${what}: the app goes on, says no to a stranger, and rests`, async ({ outbox }) => {
      const port = await freePort()
      const own = ['--headless', '--json', '--host', '127.0.0.1', '--port', String(port), '--inbox', join(outbox, 'inbox'), '--data', join(outbox, 'data')] // prettier-ignore
      const program = process.env['ELECTRON_EXEC_PATH'] ?? ''
      const app = new Started('sh', ['-c', `exec "$0" "$@" ${redirect}`, program, ...SWITCHES, ROOT, '--', ...own], { env: withoutDisplay() }) // prettier-ignore
      try {
        const group = app.child.pid ?? 0
        const look = async (): Promise<[boolean, number]> => [await answers(port), await ticksOf(group)]
        await whileItMoves('answer', look, ([is]) => is)
        leave(app)
        for (let n = 0; n < 3; n++) await beRefused(port)
        // One that tells its own fault for ever never does.
        let before = await ticksOf(group)
        await expect(async () => {
          await delay(2000)
          const now = await ticksOf(group)
          const used = now - before
          before = now
          expect(used).toBeLessThan(20)
        }).toPass({ timeout: 60_000, intervals: [0] })
        expect(await answers(port)).toBe(true)
        expect(await app.stop()).toBe(0)
      } finally {
        if (app.child.exitCode === null && app.child.signalCode === null) await app.stop('SIGKILL')
      }
    })
