import * as v from 'valibot'
import { PeerKind } from '#protocol/hub-events.ts'
import { JsonFile, sensible, type SavedPorts } from './json-file.ts'

/** A phone that has records here, by the id under which the database has them. */
const KnownOwner = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  name: v.pipe(v.string(), v.maxLength(256)),
  kind: PeerKind,
})
export type KnownOwner = v.InferOutput<typeof KnownOwner>

/** Opens the names of the phones whose records are kept. They outlive what is known of the phones themselves. */
export const ownersFile = (path: string, ports: SavedPorts<readonly KnownOwner[]>): JsonFile<readonly KnownOwner[]> =>
  new JsonFile<readonly KnownOwner[]>(path, {
    ...ports,
    decode: (json) => sensible(KnownOwner, v.parse(v.array(v.unknown()), json)),
  })
