import type { Browser } from '@playwright/test'
import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { startApp, type RunningApp } from '../tests/support/app.ts'
import { Phone } from '../tests/support/phone.ts'
import { unwatched } from '../tests/support/unwatched.ts'

/** Lanes that the app can be told to keep to; `auto` is what it does by itself. */
export const LANES = ['webrtc', 'socket', 'auto'] as const
export type LaneName = (typeof LANES)[number]

const PROGRAM = process.env['ELECTRON_EXEC_PATH'] ?? ''
const ROOT = resolve('.')

/** Before the app has `--lane`, it has one lane. */
export function knownLanes(): readonly LaneName[] {
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const help = execFileSync(PROGRAM, [...root, ROOT, '--', '--help'], { encoding: 'utf8', stdio: 'pipe' })
  return help.includes('--lane') ? LANES : ['webrtc']
}

export const laneOptions = (lane: LaneName, known: readonly LaneName[]): string[] =>
  known.length > 1 ? ['--lane', lane] : []

/** The app on one lane, and a phone that has joined it. */
export interface Rig {
  readonly lane: LaneName
  readonly desktop: RunningApp
  readonly phone: Phone
  /** From the start of the app to its code on the screen, s. */
  readonly startSeconds: number
  close(): Promise<void>
}

interface RigOptions {
  readonly lane: LaneName
  readonly known: readonly LaneName[]
  readonly browser: Browser
  /** How the phone comes to the link, if not straight. */
  readonly join?: (browser: Browser, link: string) => Promise<Phone>
  /** The folder of the app, if it is another one. */
  readonly root?: string | undefined
}

export async function startRig({
  lane,
  known,
  browser,
  join = Phone.join.bind(Phone),
  root,
}: RigOptions): Promise<Rig> {
  const start = performance.now()
  const desktop = await startApp(laneOptions(lane, known), undefined, undefined, {}, root)
  try {
    await desktop.window.getByTestId('qr').waitFor()
    const startSeconds = (performance.now() - start) / 1000
    const phone = await join(browser, desktop.link())
    await unwatched(phone.page)
    const close = async (): Promise<void> => {
      await phone.close()
      await desktop.close()
    }
    return { lane, desktop, phone, startSeconds, close }
  } catch (error) {
    await desktop.close()
    throw error
  }
}
