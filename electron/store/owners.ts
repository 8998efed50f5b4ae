import * as v from 'valibot'
import { PeerKind } from '#protocol/hub-events.ts'
import { EntryList, JsonFile, type SavedFileOptions } from './json-file.ts'

/** A phone that has records here, by the id under which the database has them. */
const KnownOwner = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  name: v.pipe(v.string(), v.maxLength(256)),
  kind: PeerKind,
})
export type KnownOwner = v.InferOutput<typeof KnownOwner>

type Owners = readonly KnownOwner[]

/** Opens the names of the phones whose records are kept. They outlive what is known of the phones themselves. */
export function ownersFile(path: string, options: SavedFileOptions<Owners>): JsonFile<Owners> {
  const entries = new EntryList(KnownOwner)
  return new JsonFile<Owners>(path, {
    ...options,
    decode: (json) => entries.read(v.parse(v.array(v.unknown()), json)),
    encode: (owners) => entries.toSave(owners),
  })
}
