import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { REASONS } from './errors.ts'
import { Frame } from './frames.ts'
import * as events from './hub-events.ts'
import { SyncedRecord } from './records.ts'

/**
 * Makes reference.md of the schemas, of the limits, of the reasons, and of what meanings.json says of each. Where it differs
 * from the file this fails; `npx vitest run protocol/reference.test.ts -u` writes it anew.
 */

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
interface About {
  readonly from?: string
  readonly event?: string
  readonly about?: string
  readonly fields: Readonly<Record<string, string>>
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
const meanings = JSON.parse(read('./meanings.json')) as {
  readonly frames: Readonly<Record<string, About>>
  readonly events: Readonly<Record<string, About>>
  readonly record: Readonly<Record<string, string>>
  readonly reasons: Readonly<Record<string, string>>
}
const samples = ['frames', 'records']
  .map((name) => JSON.parse(read(`./vectors/${name}.json`)) as { readonly same: readonly { readonly frame: { t?: string } }[] })
  .flatMap(({ same }) => same.map(({ frame }) => frame)) // prettier-ignore

const number = (value: unknown): string => Number(value).toLocaleString('en-GB')
/** Also of a pipe within the pipe. */
const requirement = (schema: Schema, type: string): unknown => {
  for (const step of schema.pipe ?? []) {
    const found = step.type === type ? step.requirement : requirement(step, type)
    if (found !== undefined) return found
  }
  return undefined
}

/** What a value may be, in words. */
function kindOf(schema: Schema): string {
  switch (schema.type) {
    case 'optional':
      return kindOf(schema.wrapped!)
    case 'literal':
      return `\`${JSON.stringify(schema.literal)}\``
    case 'picklist':
      return (schema.options ?? []).map((one) => `\`${String(one)}\``).join(', ')
    case 'union':
      return [...new Set((schema.options as readonly Schema[]).map(kindOf))].join(' or ') + lengthOf(schema)
    case 'boolean':
      return 'true or false'
    case 'number':
      return numberKind(schema)
    case 'string':
      return textKind(schema)
    case 'array':
      return `list of at most ${number(requirement(schema, 'max_length'))}: ${kindOf(schema.item!)}`
    case 'object':
      return 'object'
    default:
      throw new Error(`no words for ${schema.type}`)
  }
}

function numberKind(schema: Schema): string {
  const [low, high] = [requirement(schema, 'min_value'), requirement(schema, 'max_value')]
  const isWhole = schema.pipe?.some(({ type }) => type === 'integer' || type === 'safe_integer') === true
  const bounds = [low !== undefined && `from ${number(low)}`, high !== undefined && `to ${number(high)}`].filter(
    Boolean,
  )
  return [isWhole ? 'whole number' : 'number', ...bounds].join(' ')
}

function lengthOf(schema: Schema): string {
  const [low, high] = [requirement(schema, 'min_length'), requirement(schema, 'max_length')]
  return high === undefined ? '' : `, ${low === undefined ? 'at most' : `${number(low)} to`} ${number(high)} characters`
}

function textKind(schema: Schema): string {
  const regex = requirement(schema, 'regex') as RegExp | undefined
  const [low, high] = [requirement(schema, 'min_length'), requirement(schema, 'max_length')]
  const length =
    high === undefined ? '' : `, ${low === undefined ? 'at most' : `${number(low)} to`} ${number(high)} characters`
  return regex === undefined ? `text${length}` : `text like \`${regex.source.replaceAll('|', '\\|')}\`${length}`
}

/** One row a field. Throws where a field has no meaning, or a meaning no field. */
function tableOf(
  entries: Readonly<Record<string, Schema>>,
  about: Readonly<Record<string, string>>,
  without = '',
): string {
  const names = Object.keys(entries).filter((name) => name !== without)
  expect(Object.keys(about).sort()).toEqual([...names].sort())
  const rows = names.map((name) => {
    const schema = entries[name]!
    return `| \`${name}\` | ${schema.type === 'optional' ? 'no' : 'yes'} | ${kindOf(schema)} | ${about[name]!} |`
  })
  return rows.length === 0
    ? 'No fields.'
    : ['| field | must be there | what | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function frames(): string {
  const rows = Frame.options as unknown as readonly Schema[]
  expect(Object.keys(meanings.frames).sort()).toEqual(rows.map(({ entries }) => String(entries!['t']!.literal)).sort())
  const parts = rows.map(({ entries }) => {
    const t = String(entries!['t']!.literal)
    const { from, about, fields } = meanings.frames[t]!
    const ofKind = samples.filter((frame) => frame.t === t)
    const [example] = ofKind.map((one) => JSON.stringify(one)).filter((text) => text.length < 400).sort((a, b) => b.length - a.length) // prettier-ignore
    expect(example, `an example of ${t}`).toBeDefined()
    return `### \`${t}\`\n\nFrom: ${from!}. ${about!}\n\n${tableOf(entries!, fields, 't')}\n\n\`\`\`json\n${example!}\n\`\`\``
  })
  return parts.join('\n\n')
}

/** The fields of a schema; of one with two shapes, of both. */
function entriesOf(name: string): Readonly<Record<string, Schema>> {
  const schema = events[name as keyof typeof events] as unknown as Schema
  if (schema.entries !== undefined) return schema.entries
  const shapes = (schema.options as readonly Schema[]).map(({ entries }) => entries!)
  const names = [...new Set(shapes.flatMap((entries) => Object.keys(entries)))]
  const merged = names.map((field): [string, Schema] => {
    const kinds = shapes.flatMap((entries) => entries[field] ?? [])
    const isAlways = kinds.length === shapes.length && kinds.every(({ type }) => type !== 'optional')
    const union: Schema = { type: 'union', options: kinds }
    return [field, isAlways ? union : { type: 'optional', wrapped: union }]
  })
  return Object.fromEntries(merged)
}

const eventTables = (): string =>
  Object.entries(meanings.events)
    .map(([name, { event, fields }]) => `### ${event!}\n\n${tableOf(entriesOf(name), fields)}`)
    .join('\n\n')

/** Comments of a source before what they are about, as one line each. */
const commentBefore = String.raw`\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*`
const flat = (comment: string): string =>
  comment
    .replace(/^\s*\*\s?/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim()

function reasons(): string {
  const source = read('./errors.ts')
  expect(Object.keys(meanings.reasons).sort()).toEqual([...REASONS].sort())
  const rows = REASONS.map((code) => {
    const [, comment = ''] = new RegExp(`${commentBefore}'${code}',`).exec(source) ?? []
    return `| \`${code}\` | ${flat(comment)} | ${meanings.reasons[code]!} |`
  })
  return ['| code | why | what to do |', '| --- | --- | --- |', ...rows].join('\n')
}

async function limits(): Promise<string> {
  const values = (await import('./limits.ts')) as Record<string, unknown>
  const source = read('./limits.ts')
    .split(/(?=\/\*\*)/)
    .slice(1)
  const rows = source.flatMap((part) => {
    const [, comment = ''] = new RegExp(commentBefore).exec(part) ?? []
    return [...part.matchAll(/export const (\w+)/g)].map(([, name = ''], i) => {
      const value = values[name]
      const shown = typeof value === 'number' ? number(value) : Object.entries(value as object).map(([event, chars]) => `\`${event}\` ${number(chars)}`).join(', ') // prettier-ignore
      return `| \`${name}\` | ${shown} | ${i === 0 ? flat(comment) : 'As above.'} |`
    })
  })
  expect(rows.length).toBe(Object.keys(values).length)
  return ['| limit | value | unit and reason |', '| --- | --- | --- |', ...rows].join('\n')
}

test('reference.md is what the schemas say', async () => {
  const record = tableOf(SyncedRecord.entries, meanings.record)
  const parts = [
    '<!-- Made by protocol/reference.test.ts of the schemas and of meanings.json: change those. -->',
    '# Tables of the protocol',
    'Every event, frame, reason and limit, for makers of other programs. What they are for, and in which order, is in [README.md](README.md). ' +
      'A field that must not be there may be left out, and unknown fields are ignored. Characters are UTF-16 units, as in JavaScript and JSON.',
    '## Frames',
    'Each is a JSON object whose field `t` is its name (README, section 5).',
    frames(),
    '### A record',
    record,
    '## Events of the hub',
    'README, section 3. `syncto` and `export` bear any JSON, `exception` a text of at most 4,096 characters, `ctrlSendSpeed` a number from 0, ' +
      '`ipaddr` nothing to the hub and one text from it, `syncfrom` and `byebye` nothing.',
    eventTables(),
    '## Reasons',
    'The `code` of `stop`, `close`, `pause`, `refusal`, `ended` and of refusals. A code that is not known is read as `failed`.',
    reasons(),
    '## Limits',
    await limits(),
  ]
  await expect(`${parts.join('\n\n')}\n`).toMatchFileSnapshot('./reference.md')
})
