import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { PeerKind } from '#protocol/hub-events.ts'
import { replaceFile } from './replace-file.ts'

/** A phone that has records here, by the id under which the database has them. */
const KnownOwner = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  name: v.pipe(v.string(), v.maxLength(256)),
  kind: PeerKind,
})
export type KnownOwner = v.InferOutput<typeof KnownOwner>

/** Names of the phones whose records are kept, which outlive what is known of the phones themselves. */
export class OwnerStore {
  readonly #file: string
  #saving: Promise<void> = Promise.resolve()

  constructor(file: string) {
    this.#file = file
  }

  /** Empty where there is none, or none that can be read: the records are there all the same. */
  async load(): Promise<KnownOwner[]> {
    try {
      return v.parse(v.array(KnownOwner), JSON.parse(await readFile(this.#file, 'utf8')))
    } catch {
      return []
    }
  }

  /** One after the other; resolves when these are on disk. */
  save(owners: readonly KnownOwner[]): Promise<void> {
    const text = `${JSON.stringify(owners, null, 2)}\n`
    this.#saving = this.#saving.catch(() => undefined).then(() => replaceFile(this.#file, text))
    return this.#saving
  }
}
