import fc from 'fast-check'
import type * as v from 'valibot'
import { REASONS } from '#protocol/errors.ts'
import { Frame } from '#protocol/frames.ts'

/** What of a schema is looked at here. */
interface Schema {
  readonly type: string
  readonly literal?: unknown
  readonly options?: readonly unknown[]
  readonly wrapped?: Schema
  readonly item?: Schema
  readonly entries?: Readonly<Record<string, Schema>>
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[]
}

/** Whether frames are all one, or each is of another transfer, file, batch or text. */
export type Variety = 'same' | 'different'

const rows = Frame.options as unknown as readonly Schema[]

/** Every kind of frame, from the schema that both sides parse with: a new one is here by itself. */
export const KINDS = rows.map(({ entries }) => entries?.['t']?.literal as v.InferOutput<typeof Frame>['t'])

const rowOf = new Map(rows.map((row) => [row.entries?.['t']?.literal, row]))

/** The `i`th frame of its kind, of fields as they may be, with all that may be left out. */
export function sampleOf(kind: Frame['t'], i: number, variety: Variety): Frame {
  const fields = Object.entries(rowOf.get(kind)?.entries ?? {}).map(([name, schema]) => [
    name,
    valueOf(schema, name, i, variety),
  ])
  return Object.fromEntries(fields) as Frame
}

/** So many frames of a kind. Those that are all one are one object. */
export function samplesOf(kind: Frame['t'], count: number, variety: Variety): Frame[] {
  const first = sampleOf(kind, 0, variety)
  return Array.from({ length: count }, (_, i) => (variety === 'same' ? first : sampleOf(kind, i, variety)))
}

function valueOf(schema: Schema, name: string, i: number, variety: Variety): unknown {
  if (name === 'v') return 2
  if (name === 'code') return REASONS[variety === 'different' ? i % REASONS.length : 0]
  if (name === 'n') return variety === 'different' ? 2 * i + 1 : 1
  switch (schema.type) {
    case 'literal':
      return schema.literal
    case 'picklist':
      return schema.options?.[0]
    case 'optional':
      return schema.wrapped && valueOf(schema.wrapped, name, i, variety)
    case 'boolean':
      return true
    case 'number':
      return 1
    case 'string':
      return textOf(schema, variety === 'different' ? i : 0)
    case 'array':
      return schema.item ? [valueOf(schema.item, name, i, variety)] : []
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.entries ?? {}).map(([key, one]) => [key, valueOf(one, key, i, variety)]),
      )
    default:
      throw new Error(`no sample of ${schema.type}`)
  }
}

const drawn = new Map<string, readonly string[]>()
/** Of texts that are not hex so many are drawn; there need not be ten thousand of them. */
const DRAWN = 64

function textOf({ pipe = [] }: Schema, i: number): string {
  const regex = pipe.find(({ type }) => type === 'regex')?.requirement as RegExp | undefined
  if (regex === undefined) return `x${i}`
  const length = /^\^\[0-9a-f\]\{(\d+)\}\$$/.exec(regex.source)?.[1]
  if (length !== undefined) return i.toString(16).padStart(Number(length), 'a')
  const known = drawn.get(regex.source) ?? fc.sample(fc.stringMatching(regex), { numRuns: DRAWN, seed: 1 })
  drawn.set(regex.source, known)
  return known[i % DRAWN] ?? ''
}

/** The frames as messages: each alone, or as many in one as fit. */
export function messagesOf(frames: readonly Frame[], together: boolean, maxChars: number): string[] {
  const texts: string[] = []
  for (const [i, frame] of frames.entries())
    texts.push(frame === frames[i - 1] ? (texts[i - 1] ?? '') : JSON.stringify(frame))
  if (!together) return texts
  const messages: string[] = []
  let gathered: string[] = []
  let chars = 0
  for (const text of texts) {
    if (chars + text.length + 2 > maxChars) {
      messages.push(`[${gathered.join(',')}]`)
      gathered = []
      chars = 0
    }
    gathered.push(text)
    chars += text.length + 1
  }
  return [...messages, `[${gathered.join(',')}]`]
}
