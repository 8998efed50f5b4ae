import { lstatSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'

/**
 * Paths on their way from one start of the program to the one that runs. They travel in a list in the data folder, and only
 * its name goes over Electron's channel between the two: until the middle of 2026 that channel loses an array of nine
 * paths, cuts what is longer than 32 KiB, and may kill the app that it is to reach (electron #52020, #52628).
 */

const FOLDER = 'handed'
const NAME = /^[\w-]{1,64}\.json$/
/** Paths of one list; more than a system's command line holds. */
const PATHS_MAX = 1_000_000
/** Milliseconds after which a list is one that nobody came for. */
const STALE_MS = 86_400_000

const Paths = v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.maxLength(PATHS_MAX))
const Handover = v.object({ list: v.pipe(v.string(), v.regex(NAME)) })

/** What a second start says that wants no window, as at login. */
export const STAY_HIDDEN = { hidden: true } as const
const StayHidden = v.object({ hidden: v.literal(true) })

/** What Electron carries from a second start to the first. */
export type Handover = v.InferOutput<typeof Handover>

/** Writes absolute paths down for another process. Returns what that one is to be told; null where there are none. */
export async function handOver(data: string, paths: readonly string[]): Promise<Handover | null> {
  if (paths.length === 0) return null
  const list = `${randomUUID()}.json`
  await mkdir(join(data, FOLDER), { recursive: true, mode: 0o700 })
  await writeFile(join(data, FOLDER, list), JSON.stringify(paths), { mode: 0o600, flag: 'wx' })
  return { list }
}

/** Takes the paths that another process has written down, and removes the list. Returns none for anything else. */
export async function takeOver(data: string, handover: unknown): Promise<string[]> {
  const said = v.safeParse(Handover, handover)
  if (!said.success) return []
  const list = join(data, FOLDER, said.output.list)
  const text = await readFile(list, 'utf8').catch(() => '[]')
  await rm(list, { force: true })
  const paths = v.safeParse(v.pipe(v.string(), v.parseJson(), Paths), text)
  return paths.success ? paths.output : []
}

/** Removes lists whose reader has never come, as it was killed. */
export async function dropStale(data: string, now = Date.now()): Promise<void> {
  const folder = join(data, FOLDER)
  for (const name of await readdir(folder).catch(() => [])) {
    const list = join(folder, name)
    const isStale = await stat(list).then(
      ({ mtimeMs }) => now - mtimeMs > STALE_MS,
      () => false,
    )
    if (NAME.test(name) && isStale) await rm(list, { force: true })
  }
}

/** The events of Electron's `app` by which paths come. */
export interface PathEvents {
  on(event: 'second-instance', heard: (event: unknown, argv: string[], cwd: string, data: unknown) => void): unknown
  on(event: 'open-file', heard: (event: { preventDefault(): void }, path: string) => void): unknown
}

/**
 * Collects what second starts and the system hand to the app from its first moment on, and gives it to the app once that
 * runs: the dock of macOS hands files over before the app is ready.
 */
export class Inlet {
  #waiting: (readonly string[])[] = []
  #take: ((paths: readonly string[]) => void) | null = null

  constructor(app: PathEvents, data: string) {
    app.on('second-instance', (_event, _argv, _cwd, said) => {
      if (v.is(StayHidden, said)) return
      void takeOver(data, said).then((paths) => {
        this.put(paths)
      })
    })
    app.on('open-file', (event, path) => {
      event.preventDefault()
      this.put([path])
    })
  }

  /** Puts absolute paths in; none of them = somebody has started the program once more. */
  put(paths: readonly string[]): void {
    if (this.#take === null) this.#waiting.push(paths)
    else this.#take(paths)
  }

  /** Gives what has come, and all that comes from now on. */
  open(take: (paths: readonly string[]) => void): void {
    this.#take = take
    for (const paths of this.#waiting.splice(0)) take(paths)
  }
}

/** Bytes of a command line that the channel still carries, with room for the folder it was typed in. */
const ARGV_BYTES_MAX = 16_384

/**
 * Tells whether this command line would be cut on the channel, or kill who reads it: Chromium sends all of it, whatever the
 * app adds. On Windows it can't be that long. `data`: with nobody there that holds the lock, nothing is sent.
 */
export function isTooLong(argv: readonly string[], data: string): boolean {
  if (process.platform === 'win32') return false
  const bytes = argv.reduce((sum, arg) => sum + Buffer.byteLength(arg) + 1, 0)
  return bytes > ARGV_BYTES_MAX && lstatSync(join(data, 'SingletonLock'), { throwIfNoEntry: false }) !== undefined
}
