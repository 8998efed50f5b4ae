import { RECORD_BYTES_MAX, TAG_BYTES, type MakeAead } from '#protocol/sealed-records.ts'
import { nobleAead } from '#transfer/sealing/noble.ts'
import { sodiumAead } from '#transfer/sealing/sodium.ts'
import { median } from '../median.ts'

/** Records that are sealed and opened for one answer. */
const RECORDS = 150
const DATA_BYTES = RECORD_BYTES_MAX - 1
export const PACED_GB = (RECORDS * (DATA_BYTES - TAG_BYTES)) / 1e9

/** Milliseconds of one record of the largest size, the medians: a neighbour on the same processor disturbs few of them. */
export interface Pace {
  readonly seal: number
  readonly open: number
}

/** Collects the ciphers that run everywhere. */
export async function ciphers(): Promise<Map<string, MakeAead>> {
  const found = new Map([['noble', nobleAead]])
  const sodium = await sodiumAead()
  if (sodium !== null) found.set('libsodium', sodium)
  return found
}

/** Seals and opens what it has sealed, in place. */
export function paceOf(make: MakeAead): Pace {
  const aead = make(new Uint8Array(32).fill(1))
  const [nonce, aad, data] = [new Uint8Array(12), new Uint8Array(13), new Uint8Array(DATA_BYTES)]
  const seals: number[] = []
  const opens: number[] = []
  for (let i = 0; i < RECORDS; i++) {
    const start = performance.now()
    aead.seal(nonce, aad, data)
    const sealed = performance.now()
    if (!aead.open(nonce, aad, data)) throw new Error('what was sealed does not open')
    seals.push(sealed - start)
    opens.push(performance.now() - sealed)
  }
  return { seal: median(seals), open: median(opens) }
}
