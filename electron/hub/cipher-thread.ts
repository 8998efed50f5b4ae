import { Worker } from 'node:worker_threads'
import type { LaneKeys } from '#protocol/sealed.ts'
import type { RecordType } from '#protocol/sealed-records.ts'
import type { FromCipher, ToCipher } from './cipher.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** The part of a `Worker` of Node that is used, so that tests can do without a thread. */
export interface CipherWorker {
  postMessage(message: ToCipher, transfer: readonly ArrayBuffer[]): void
  on(event: 'message', listener: (message: FromCipher) => void): unknown
  /** Calls back when the worker failed or ended by itself. */
  on(event: 'error' | 'exit', listener: () => void): unknown
  /** Lets the process end while the worker runs: a lane alone keeps no process alive. */
  unref(): void
  terminate(): unknown
}

export interface CipherEvents {
  onSealed(record: Bytes): void
  onOpened(type: RecordType, payload: Bytes): void
  /** Called when a record was wrong, or the thread is gone; the last call for its lane. */
  onBroken(): void
}

/** Seals and opens the records of one lane in the thread, and takes their memory. */
export interface LaneCipher {
  seal(type: RecordType, record: Bytes): void
  open(record: Bytes): void
  finish(): void
}

/** Owns the worker thread that seals and opens: the first lane starts it, and it serves them all. */
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

  /** Forgets a worker and breaks its lanes; the next lane starts another worker. */
  #gone(worker: CipherWorker | null): void {
    if (this.#worker !== worker) return
    this.#worker = null
    const lanes = [...this.#lanes.values()]
    this.#lanes.clear()
    for (const events of lanes) events.onBroken()
  }
}

/** Starts the worker thread. `file`: cipher-worker.ts as it was built, also inside a packaged app's archive. */
export const startCipher = (file: string): CipherWorker => new Worker(file)
