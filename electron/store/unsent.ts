import * as v from 'valibot'
import { TEXT_CHARS_MAX } from '#protocol/limits.ts'
import { EntryList, JsonFile, type SavedFileOptions } from './json-file.ts'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const id = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))

/**
 * A file of this computer, as it was when a person sent it. `through`: a link that they chose is what it leads to. `tail`:
 * the hash of the end of a file that may grow.
 */
const Spot = v.object({
  absolute: v.string(),
  path: v.array(v.string()),
  name: v.string(),
  size: count,
  mtime: v.pipe(v.number(), v.safeInteger()),
  through: v.optional(v.boolean()),
  tail: v.optional(v.string()),
})
export type Spot = v.InferOutput<typeof Spot>

/** What could not be sent from the start, beside the files of a batch or of a zip. */
const Left = { skipped: v.optional(count), skippedNames: v.optional(v.pipe(v.array(v.string()), v.readonly())) }

/**
 * One file, or several as one zip, `made` at that time in ms since 1970, with the `folders` that have nothing in them.
 */
const Local = v.variant('kind', [
  v.object({ kind: v.literal('file'), spot: Spot }),
  v.object({
    kind: v.literal('zip'),
    name: v.string(),
    made: count,
    spots: v.array(Spot),
    folders: v.optional(v.pipe(v.array(v.pipe(v.array(v.string()), v.readonly())), v.readonly())),
    ...Left,
  }),
])
export type Local = v.InferOutput<typeof Local>

/** The device that gets it, and what the two call it. */
const Goal = { device: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)), id }

/** A file that a person wants to have sent and that has not come to an end. */
const UnsentFile = v.object({ ...Goal, local: Local, batch: v.optional(v.object({ id, name: v.string(), ...Left })) })
export type UnsentFile = v.InferOutput<typeof UnsentFile>

/** A text that its device has not got yet. */
const UnsentText = v.object({ ...Goal, text: v.pipe(v.string(), v.minLength(1), v.maxLength(TEXT_CHARS_MAX)) })
export type UnsentText = v.InferOutput<typeof UnsentText>

const Unsent = v.union([UnsentFile, UnsentText])
export type Unsent = v.InferOutput<typeof Unsent>

const Content = v.object({ files: v.array(v.unknown()) })

/** Opens the list of what was not sent to the end when the program ended, however it did. */
export function unsentFile(path: string, options: SavedFileOptions<readonly Unsent[]>): JsonFile<readonly Unsent[]> {
  const entries = new EntryList(Unsent)
  return new JsonFile<readonly Unsent[]>(path, {
    ...options,
    decode: (json) => entries.read(v.parse(Content, json).files),
    encode: (files) => ({ files: entries.toSave(files) }),
  })
}
