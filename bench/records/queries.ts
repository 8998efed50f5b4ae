import type { RecordFilter } from '#store/database/store.ts'
import { RARE } from './corpus.ts'

/** Every sort of search: one, two, three and more characters; in nearly every record, in some, in few, in none. */
const TEXTS: readonly string[] = [
  ...['e', 'a', 'k', 'z', ',', '/', '一', '丁', '龥', 'Z'],
  ...['in', 'er', 'th', 'qz', '一丁', '丂一', '，一', 'zz'],
  ...['the', 'ing', 'doc', 'com', 'nee', 'qqq', '一丁七', '丁丂丁'],
  ...['document', 'example.com', 'https', RARE, 'renren', 'comingcoming', 'nowhere to be found', '一丁七丂'],
  ...['the document', 'e a i', 'the and in', `${RARE} the`, 'document 一', 'https://example.com/the/'],
]

export const QUERIES: readonly { readonly what: string; readonly filter: RecordFilter }[] = [
  ...TEXTS.map((text) => ({ what: `'${text}'`, filter: { text, sort: 'newest' as const } })),
  { what: 'everything', filter: { sort: 'newest' } },
  { what: 'one device', filter: { device: 'phone', sort: 'newest' } },
  { what: 'one kind', filter: { kind: 'link', sort: 'newest' } },
  { what: "'the', one device, one kind", filter: { text: 'the', device: 'phone', kind: 'note', sort: 'newest' } },
  { what: "'e' by title", filter: { text: 'e', sort: 'title' } },
  { what: "'e' by size", filter: { text: 'e', sort: 'size' } },
]
