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
