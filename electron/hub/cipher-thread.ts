import type { LaneKeys } from '#protocol/sealed.ts'
import type { RecordType } from '#protocol/sealed-records.ts'
import type { FromCipher, ToCipher } from './cipher-messages.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** What a `Worker` of Node is to us. */
export interface CipherWorker {
  postMessage(message: ToCipher, transfer: readonly ArrayBuffer[]): void
  on(event: 'message', listener: (message: FromCipher) => void): unknown
  /** It failed or ended by itself. */
  on(event: 'error' | 'exit', listener: () => void): unknown
  /** A lane alone keeps no process alive. */
  unref(): void
  terminate(): unknown
}

export interface CipherEvents {
  onSealed(record: Bytes): void
  onOpened(type: RecordType, payload: Bytes): void
  /** A record was wrong, or the thread is gone. Nothing comes after it. */
  onBroken(): void
}

/** One lane's use of the thread. Takes the memory of what it is given. */
export interface LaneCipher {
  seal(type: RecordType, record: Bytes): void
  open(record: Bytes): void
  finish(): void
}

/** The worker thread, as the hub sees it: started by the first lane, and then one for all of them. */
export class CipherThread {
  readonly #start: () => CipherWorker
  #worker: CipherWorker | null = null
  readonly #lanes = new Map<number, CipherEvents>()
  #next = 0

  constructor(start: () => CipherWorker) {
    this.#start = start
  }

  begin({ client, server }: LaneKeys, events: CipherEvents): LaneCipher {
    const worker = (this.#worker ??= this.#started())
    const lane = this.#next++
    this.#lanes.set(lane, events)
    worker.postMessage({ t: 'begin', lane, sealKey: server, openKey: client }, [])
    return {
      seal: (type, record) => {
        worker.postMessage({ t: 'seal', lane, type, record }, [record.buffer])
      },
      open: (record) => {
        worker.postMessage({ t: 'open', lane, record }, [record.buffer])
      },
      finish: () => {
        if (this.#lanes.delete(lane)) worker.postMessage({ t: 'finish', lane }, [])
      },
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#gone(worker)
    await worker?.terminate()
  }

  #started(): CipherWorker {
    const worker = this.#start()
    worker.unref()
    worker.on('message', (message) => {
      this.#take(message)
    })
    worker.on('error', () => {
      this.#gone(worker)
    })
    worker.on('exit', () => {
      this.#gone(worker)
    })
    return worker
  }

  #take(message: FromCipher): void {
    const events = this.#lanes.get(message.lane)
    if (message.t === 'sealed') events?.onSealed(message.record)
    else if (message.t === 'opened') events?.onOpened(message.type, message.payload)
    else {
      this.#lanes.delete(message.lane)
      events?.onBroken()
    }
  }

  /** The next lane starts another one. */
  #gone(worker: CipherWorker | null): void {
    if (this.#worker !== worker) return
    this.#worker = null
    const lanes = [...this.#lanes.values()]
    this.#lanes.clear()
    for (const events of lanes) events.onBroken()
  }
}
