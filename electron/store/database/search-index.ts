import type { Connection } from './connection.ts'
import type { Content } from './merging.ts'
import { fold, gramsOf, gramsToFind, isLong } from './words.ts'

/**
 * The full-text index holds, for each record that is shown, every part of one to three characters of its words as a token
 * of its own, and two tokens for its device and its kind. Those are longer than any part, so no text can pass for them.
 */
const DEVICE = '\ue000device'
const KIND = '\ue000kind'

const deviceToken = (device: number): string => DEVICE + String(device)
/** Kinds are any text, and a token is not. */
const kindToken = (kind: string): string => KIND + Buffer.from(kind).toString('hex')

export function indexRecord(connection: Connection, key: number, device: number, content: Content): void {
  const grams = [...gramsOf(fold(`${content.title}\n${content.text ?? ''}`))].join(' ')
  const tokens = `${grams} ${deviceToken(device)} ${kindToken(content.kind)}`
  // As bytes, which the library takes as they are; FTS5 reads them as text.
  connection.run('INSERT INTO search (rowid, grams) VALUES (?, ?)', [key, Buffer.from(tokens)])
}

export function unindex(connection: Connection, key: number): void {
  connection.run('DELETE FROM search WHERE rowid = ?', [key])
}

/** What the index is asked, and what must be looked at besides. */
export interface Wanted {
  /** FTS5's own language, all of it quoted; '' = everything. */
  readonly match: string
  /** Words that the index alone can't vouch for. */
  readonly long: readonly string[]
}

export function wanted(words: readonly string[], device: number | undefined, kind: string | undefined): Wanted {
  const tokens = words.flatMap(gramsToFind)
  if (device !== undefined) tokens.push(deviceToken(device))
  if (kind !== undefined) tokens.push(kindToken(kind))
  return { match: [...new Set(tokens)].map(quoted).join(' AND '), long: words.filter(isLong) }
}

const quoted = (token: string): string => `"${token.replaceAll('"', '""')}"`
