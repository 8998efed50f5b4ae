import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppState } from '#electron/app-state.ts'
import type { SettingValues } from '#store/setting-rows.ts'
import type {} from '#desktop/window-global.ts'
import { startApp, type RunningApp } from './app.ts'
import { listing } from './files.ts'
import { whileItMoves } from './patience.ts'

/**
 * One app for many tests, since starting one takes as much of the processor as all else in a short test. It is made clean
 * after each test, which fails where that can't be done, so that no test finds what another has left: no phone, file, record
 * or text, no setting, no line of the log, and a window that has just been loaded.
 *
 * A test takes an app of its own (`test.use({ ownApp: true })`) when it ends it, moves its clocks, replaces what it answers
 * to its window, or says so many wrong proofs that later ones would be told of it.
 */
export class SharedApp {
  #running: RunningApp | null = null
  #options: readonly string[] = []

  /** Returns the app, clean; another one where this one was started in another way or is gone. */
  async take(options: readonly string[]): Promise<RunningApp> {
    if (this.#running !== null && (isGone(this.#running) || options.join('\0') !== this.#options.join('\0')))
      await this.close()
    if (this.#running === null) {
      this.#running = await startApp(options)
      this.#options = options
      await keepSystem(this.#running)
    }
    return this.#running
  }

  /** Makes it clean. Throws where it ended, had a fault of its own, or stays as it is. */
  async giveBack(): Promise<void> {
    const running = this.#running
    if (running === null) return
    if (isGone(running)) {
      this.#running = null
      throw new Error('the app has ended in the middle of this test')
    }
    running.throwFault()
    await clean(running, this.#options)
  }

  /** Ends it. */
  async close(): Promise<void> {
    const running = this.#running
    this.#running = null
    if (running !== null) await (isGone(running) ? running.kill() : running.close())
  }
}

const isGone = ({ child }: RunningApp): boolean => child.exitCode !== null || child.signalCode !== null

/** Keeps what tests put something harmless in the place of: all that leaves the app. */
async function keepSystem({ app }: RunningApp): Promise<void> {
  await app.evaluate(({ shell, dialog, clipboard }) => {
    const replaced: readonly (readonly [of: object, names: readonly string[]])[] = [
      [shell, ['openExternal', 'openPath', 'showItemInFolder']],
      [dialog, ['showOpenDialog']],
      [clipboard, ['writeText']],
    ]
    const kept = replaced.flatMap(([of, names]) => names.map((name) => [of, name, Reflect.get(of, name)] as const))
    const restore = (): void => {
      for (const [of, name, value] of kept) Reflect.set(of, name, value)
    }
    Object.assign(globalThis, { restore })
  })
}

async function clean(running: RunningApp, options: readonly string[]): Promise<void> {
  const { app, window, events, inbox } = running
  await app.evaluate(() => {
    ;(globalThis as unknown as { restore: () => void }).restore()
  })
  await window.reload()
  await whileItMoves('a clean app', () => tidy(running, options), (left) => left === '') // prettier-ignore
  for (const name of await listing(inbox)) await rm(join(inbox, name), { recursive: true })
  const { link, address } = await window.evaluate(() => globalThis.window.lanyard.state())
  await allSaid(running)
  events.forget({ event: 'ready', link: link?.text, port: address?.port, address: address?.host })
}

/** Does what a person would do to have nothing left. Returns what there is all the same, '' for nothing. */
function tidy({ window }: RunningApp, options: readonly string[]): Promise<string> {
  const valueOf = (name: string): string | undefined => options[options.indexOf(name) + 1 || options.length]
  const given = { legacy: valueOf('--legacy') ?? 'ask', lane: valueOf('--lane') ?? 'auto' }
  // What the command line took is a value of the setting.
  const wishes = given as Pick<SettingValues, 'legacy' | 'lane'>
  return window.evaluate(async ({ legacy, lane }) => {
    const { lanyard } = globalThis.window
    const lists = ['devices', 'legacyQuestions', 'transfers', 'batches', 'owners', 'exports', 'texts', 'unfinished'] as const
    const left = (state: AppState): string =>
      [
        ...lists.filter((list) => state[list].length > 0),
        ...(['hasHistory', 'sendNote'] as const).filter((one) => state[one]),
        ...(state.link === null ? ['no link'] : []),
      ].join(', ')
    const { devices, legacyQuestions, transfers, texts, exports } = await lanyard.state()
    for (const { id } of legacyQuestions) await lanyard.answerLegacy(id, false)
    for (const { id } of devices) await lanyard.revoke(id)
    for (const { id, state } of transfers) if (state === 'moving') await lanyard.cancel(id)
    for (const { id } of texts) await lanyard.dismissText(id)
    for (const { id } of exports) await lanyard.waitForPhone(id, false)
    await lanyard.dropHanded()
    await lanyard.clearFinished()
    const { owners, unfinished } = await lanyard.state()
    for (const { id } of owners) await lanyard.forgetRecords(id)
    for (const { key } of unfinished) await lanyard.removeUnfinished(key)
    await lanyard.historyClear()
    await lanyard.setSetting('legacy', legacy)
    await lanyard.setSetting('lane', lane)
    return left(await lanyard.state())
  }, wishes) // prettier-ignore
}

/** Longer than lines gather in the app before they are written, in ms. */
const GATHER_MS = 50

/** Waits until all that the app has said by now is in the log. */
async function allSaid({ app, events }: RunningApp): Promise<void> {
  const line = { event: 'end of a test', nonce: Math.random() }
  await app.evaluate(
    async (_electron, [text, ms]) => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      process.stdout.write(text)
    },
    [`${JSON.stringify(line)}\n`, GATHER_MS] as const,
  )
  await events.wait(line.event, ({ nonce }) => nonce === line.nonce)
}
