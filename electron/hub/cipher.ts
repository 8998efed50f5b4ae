import { RecordOpener, RecordSealer, type MakeAead, type RecordType } from '#protocol/sealed-records.ts'
import { answersRight } from '#transfer/sealing/known-answer.ts'
import { nobleAead } from '#transfer/sealing/noble.ts'
import { sodiumAead } from '#transfer/sealing/sodium.ts'
import { nativeAead } from './node-crypto.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** A message to the thread that seals and opens. The memory of a record goes along and comes back. */
export type ToCipher =
  | { readonly t: 'begin'; readonly lane: number; readonly sealKey: Uint8Array; readonly openKey: Uint8Array }
  | { readonly t: 'seal'; readonly lane: number; readonly type: RecordType; readonly record: Bytes }
  | { readonly t: 'open'; readonly lane: number; readonly record: Bytes }
  | { readonly t: 'finish'; readonly lane: number }

/** A message from that thread; for each lane in the order of what was asked. */
export type FromCipher =
  | { readonly t: 'sealed'; readonly lane: number; readonly record: Bytes }
  | { readonly t: 'opened'; readonly lane: number; readonly type: RecordType; readonly payload: Bytes }
  /** A record was not of the other side: nothing more of this lane is opened. */
  | { readonly t: 'broken'; readonly lane: number }

/** A MessagePort of Node, or a worker's parentPort. */
export interface CipherPort {
  postMessage(message: FromCipher, transfer: readonly ArrayBuffer[]): void
  on(event: 'message', listener: (message: ToCipher) => void): unknown
}

interface Ends {
  readonly sealer: RecordSealer
  readonly opener: RecordOpener
}

/** Seals and opens the records of all lanes that messages on the port name: the work of the worker thread. */
export function serveCipher(port: CipherPort, makeAead: MakeAead): void {
  const lanes = new Map<number, Ends>()
  const open = (lane: number, { opener }: Ends, record: Bytes): void => {
    try {
      const { type, payload } = opener.open(record)
      port.postMessage({ t: 'opened', lane, type, payload: payload as Bytes }, [record.buffer])
    } catch {
      lanes.delete(lane)
      port.postMessage({ t: 'broken', lane }, [])
    }
  }
  port.on('message', (message) => {
    const { lane } = message
    if (message.t === 'begin') {
      const opener = new RecordOpener(makeAead(message.openKey))
      lanes.set(lane, { sealer: new RecordSealer(makeAead(message.sealKey)), opener })
      return
    }
    const ends = lanes.get(lane)
    if (ends === undefined) return
    if (message.t === 'open') open(lane, ends, message.record)
    else if (message.t === 'finish') lanes.delete(lane)
    else {
      const { record, type } = message
      ends.sealer.seal(type, record)
      port.postMessage({ t: 'sealed', lane, record }, [record.buffer])
    }
  })
}

/** Finds the fastest cipher that this runtime has, by trying: OpenSSL's, then libsodium in WebAssembly, then script. */
export const bestAead = async (): Promise<MakeAead> =>
  answersRight(nativeAead) ? nativeAead : ((await sodiumAead()) ?? nobleAead)
