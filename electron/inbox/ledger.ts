import { dirname } from 'node:path'
import * as v from 'valibot'
import { codeOf, replaceText, writeAll, type Disk, type DiskFile } from './disk.ts'
import { GroupCommit } from './group-commit.ts'
import { CleanName, Folders, PartName } from './part-names.ts'

const DeviceId = v.pipe(v.string(), v.maxLength(256))
const TransferId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))
const Hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const Time = v.pipe(v.number(), v.safeInteger())
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Written before a part file is created, so that a crash leaves none that nobody knows of. */
const PartLine = v.object({
  t: v.literal('part'),
  device: DeviceId,
  id: TransferId,
  folders: Folders,
  name: CleanName,
  part: PartName,
  size: Count,
})
/** Written when a file is whole and gets this name next: where there are no hard links, an empty file has it first. */
const NamingLine = v.object({ ...PartLine.entries, t: v.literal('naming'), root: Hash })
/** Written when a file has its name, durably. */
const LandedLine = v.object({
  t: v.literal('landed'),
  device: DeviceId,
  id: TransferId,
  folders: Folders,
  name: CleanName,
  root: Hash,
  /** The time that was offered, and the one that the disk has kept, where it could not keep that. */
  times: v.optional(v.object({ mtime: Time, kept: Time })),
})
const Line = v.variant('t', [PartLine, NamingLine, LandedLine])

export type PartLine = v.InferOutput<typeof PartLine>
export type NamingLine = v.InferOutput<typeof NamingLine>
export type LandedLine = v.InferOutput<typeof LandedLine>
type Line = v.InferOutput<typeof Line>

/** Landed files that are remembered, so that a sender which never heard of it does not send them twice. */
const LANDED_MAX = 10_000
/** Lines of a log before it is written anew. */
const LINES_MAX = 60_000

export const keyOf = (device: string, id: string): string => `${device}/${id}`

/**
 * Logs what must survive a crash, one line of JSON each, in a file that is only ever appended to: which part files there may
 * be, and which files have landed. Many lines at once share one fsync.
 */
export class Ledger {
  readonly #disk: Disk
  readonly #path: string
  readonly #lines: GroupCommit<Line | 'compact'>
  readonly #landed = new Map<string, LandedLine>()
  /** The part files that may be on the disk, by their names. */
  readonly #parts = new Map<string, PartLine>()
  readonly #namings = new Map<string, NamingLine>()
  readonly #dropped = new Map<string, string>()
  /** The times of those landed files whose time the disk could not keep, by path. */
  readonly #times = new Map<string, NonNullable<LandedLine['times']>>()
  #file: DiskFile | null = null
  #count = 0

  constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#path = path
    this.#lines = new GroupCommit((items) => this.#round(items), 1000)
  }

  /**
   * Loads the lines of earlier runs, in order, without those that make no sense or are cut off. Throws when the log is there
   * and can't be read: to go on without it would be to replace it.
   */
  async load(): Promise<Line[]> {
    const text = await this.#disk.readText(this.#path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return ''
      throw error
    })
    const lines = text.split('\n').flatMap((line) => parseLine(line) ?? [])
    for (const line of lines) this.#remember(line)
    this.#count = lines.length
    return lines
  }

  /** Returns the line of a file that has landed. */
  landed(device: string, id: string): LandedLine | null {
    return this.#landed.get(keyOf(device, id)) ?? null
  }

  /** Returns the time that the disk gave a landed file which was offered with `mtime`; null where it kept that. */
  keptTime(folders: readonly string[], name: string, mtime: number): number | null {
    const times = this.#times.get([...folders, name].join('/'))
    return times?.mtime === mtime ? times.kept : null
  }

  /** Appends a line; resolves when it is durable. */
  say(line: Line): Promise<void> {
    return this.#lines.add(line)
  }

  /** Remembers a landed file, durably if it can be: the file is none the worse if not. */
  async sayLanded(line: LandedLine): Promise<void> {
    this.#remember(line)
    await this.#lines.add(line).catch(() => undefined)
  }

  /** Takes note that a part file was removed from this folder; `compact` makes that durable. */
  dropped(part: string, folder: string): void {
    this.#dropped.set(part, folder)
  }

  /** Writes the log anew: the landed files, and the part files that may still be there. */
  compact(): Promise<void> {
    return this.#lines.add('compact')
  }

  async #round(items: (Line | 'compact')[]): Promise<void> {
    const lines = items.filter((item) => item !== 'compact')
    if (lines.length > 0) await this.#append(lines)
    if (lines.length < items.length || this.#count > LINES_MAX) await this.#compact()
  }

  async #compact(): Promise<void> {
    await this.#settleDropped()
    const lines: Line[] = [...this.#landed.values(), ...this.#parts.values(), ...this.#namings.values()]
    await this.#close()
    await replaceText(this.#disk, dirname(this.#path), this.#path, lines.map(textOf).join(''))
    this.#count = lines.length
  }

  /** Forgets removed part files once that is durable: a removal undone by a crash would leave one that nobody knows of. */
  async #settleDropped(): Promise<void> {
    const dropped = [...this.#dropped]
    for (const folder of new Set(dropped.map(([, path]) => path))) {
      const settled = await this.#disk.syncFolder(folder).then(
        () => true,
        // With its folder, the part file is gone as well.
        (error: unknown) => codeOf(error) === 'ENOENT',
      )
      if (!settled) continue
      for (const [part, path] of dropped) {
        if (path !== folder) continue
        this.#dropped.delete(part)
        this.#parts.delete(part)
        this.#namings.delete(part)
      }
    }
  }

  async #append(lines: Line[]): Promise<void> {
    this.#file ??= await this.#open()
    try {
      await writeAll(this.#file, Buffer.from(lines.map(textOf).join('')), null)
      await this.#file.sync()
    } catch (error) {
      // Half a line may be there: the next one must not become the rest of it.
      await this.#close()
      throw error
    }
    this.#count += lines.length
    for (const line of lines) this.#remember(line)
  }

  async #open(): Promise<DiskFile> {
    const file = await this.#disk.append(this.#path)
    // A line that a crash cut off ends here; and the log's name is to last too.
    await writeAll(file, Buffer.from('\n'), null)
    await this.#disk.syncFolder(dirname(this.#path))
    return file
  }

  async #close(): Promise<void> {
    const file = this.#file
    this.#file = null
    await file?.close().catch(() => undefined)
  }

  #remember(line: Line): void {
    if (line.t === 'part') this.#parts.set(line.part, line)
    if (line.t === 'naming') this.#namings.set(line.part, line)
    if (line.t !== 'landed') return
    this.#landed.set(keyOf(line.device, line.id), line)
    if (line.times !== undefined) this.#times.set(pathOf(line), line.times)
    const [oldest] = this.#landed
    if (this.#landed.size <= LANDED_MAX || oldest === undefined) return
    this.#landed.delete(oldest[0])
    this.#times.delete(pathOf(oldest[1]))
  }
}

const pathOf = ({ folders, name }: LandedLine): string => [...folders, name].join('/')

const textOf = (line: Line): string => `${JSON.stringify(line)}\n`

function parseLine(text: string): Line | null {
  if (text === '') return null
  try {
    return v.parse(Line, JSON.parse(text))
  } catch {
    return null
  }
}
