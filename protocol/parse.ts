import * as v from 'valibot'
import { ProtocolError } from './errors.ts'

/** `value` as what `schema` describes; else a ProtocolError that names the place, never the content. */
export function parse<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const issue = result.issues[0]
  throw ProtocolError.malformed(`${v.getDotPath(issue) ?? 'value'} is not ${issue.expected ?? issue.type}`)
}

/** JSON text as what `schema` describes. Text longer than `maxChars` is refused unread. */
export function parseJson<S extends v.GenericSchema>(schema: S, text: string, maxChars: number): v.InferOutput<S> {
  if (text.length > maxChars) throw ProtocolError.malformed('too long')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw ProtocolError.malformed('not JSON')
  }
  return parse(schema, value)
}

/** A shape that a word tells from others. */
type Told<K extends string> = v.GenericSchema & { readonly entries: Readonly<Record<K, { readonly literal: string }>> }

/**
 * Describes values of several shapes, as `v.variant` does, which tries one shape after the other and makes an issue of each
 * that is not meant. This one finds the shape by the word in `key`.
 */
export function variantBy<const K extends string, const O extends readonly Told<K>[]>(
  key: K,
  options: O,
): v.LazySchema<O[number]> & { readonly options: O } {
  const byWord = new Map<unknown, O[number]>(options.map((shape) => [shape.entries[key].literal, shape]))
  // For what it says of values that are none of them.
  const other = v.variant(key, options as never) as unknown as O[number]
  const shapeOf = (value: unknown): O[number] | undefined =>
    typeof value === 'object' && value !== null
      ? byWord.get((value as Readonly<Record<string, unknown>>)[key])
      : undefined
  return Object.assign(
    v.lazy((value) => shapeOf(value) ?? other),
    { options },
  )
}
