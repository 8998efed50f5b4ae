import { readFile, rename } from 'node:fs/promises'
import * as v from 'valibot'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import { replaceFile } from './replace-file.ts'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))

/** A file of this computer, as it was when a person sent it. `through`: a link that they chose is what it leads to. */
const Spot = v.object({
  absolute: v.string(),
  path: v.array(v.string()),
  name: v.string(),
  size: count,
  mtime: v.pipe(v.number(), v.safeInteger()),
  through: v.optional(v.boolean()),
})
export type Spot = v.InferOutput<typeof Spot>

/** One file, or several as one zip, `made` at that time in ms since 1970. */
const Local = v.variant('kind', [
  v.object({ kind: v.literal('file'), spot: Spot }),
  v.object({ kind: v.literal('zip'), name: v.string(), made: count, spots: v.array(Spot) }),
])
export type Local = v.InferOutput<typeof Local>

/** The device that gets it, and what the two call it. */
const Goal = { device: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)), id }

/** A file that a person wants to have sent and that has not come to an end. */
const UnsentFile = v.object({ ...Goal, local: Local, batch: v.optional(v.object({ id, name: v.string() })) })
export type UnsentFile = v.InferOutput<typeof UnsentFile>

/** A text that its device has not got yet. */
const UnsentText = v.object({ ...Goal, text: v.pipe(v.string(), v.minLength(1), v.maxLength(TEXT_CHARS_MAX)) })
export type UnsentText = v.InferOutput<typeof UnsentText>

const Unsent = v.union([UnsentFile, UnsentText])
export type Unsent = v.InferOutput<typeof Unsent>

/** What was on its way to phones when the program ended, however it did. In one file that its owner alone can read. */
export class UnsentStore {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** Empty where there is none. What can't be read is put aside under another name. */
  async load(log: (line: string) => void): Promise<Unsent[]> {
    const text = await readFile(this.#file, 'utf8').catch(() => null)
    if (text === null) return []
    try {
      const files = v.parse(v.object({ files: v.array(v.unknown()) }), JSON.parse(text)).files
      return files.map((one) => v.safeParse(Unsent, one)).flatMap((one) => (one.success ? [one.output] : []))
    } catch {
      log('what was on its way to phones could not be read; drop it on them again')
      await rename(this.#file, `${this.#file}.unreadable`).catch(() => undefined)
      return []
    }
  }

  /** In one step: a crash leaves the list before or this one. */
  save(files: readonly Unsent[]): Promise<void> {
    return replaceFile(this.#file, `${JSON.stringify({ files })}\n`)
  }
}
