import type { Batch, OfferFile } from '#protocol/frames.ts'
import { Session, type SessionOptions } from '../session.ts'
import type { Lane } from '../lane.ts'
import type { Sink } from '../sink.ts'
import type { TransferView } from '#transfer/transfer-view.ts'
import { memoryHash, MemorySink } from './quick.ts'
import { MemoryLane, nextTask, type LaneOptions } from './lanes.ts'

/** Milliseconds; far above what anything in memory takes. */
const WAIT_MS = 25_000
/** Looks that come as fast as frames in memory; those after them leave the processor to others. */
const QUICK_LOOKS = 20_000

export async function until(what: string, holds: () => boolean, ms = WAIT_MS): Promise<void> {
  const end = performance.now() + ms
  for (let looks = 0; !holds(); looks++) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms for: ${what}`)
    await (looks < QUICK_LOOKS ? nextTask() : rest())
  }
}

const rest = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 1)
  })

let ids = 0
/** 32 characters of hex, never the same twice. */
export const freshId = (): string => (++ids).toString(16).padStart(32, '0')

/** What was told about transfers, and that nothing is told after a transfer's end. */
export class Told {
  readonly all: TransferView[] = []
  readonly afterEnd: TransferView[] = []
  readonly #ends = new Map<string, TransferView>()
  readonly #latest = new Map<string, TransferView>()

  /** Called with each view. */
  onPut: (view: TransferView) => void = () => undefined

  put(view: TransferView): void {
    this.all.push(view)
    if (this.#ends.has(view.id)) this.afterEnd.push(view)
    this.#latest.set(view.id, view)
    if (view.state !== 'moving') this.#ends.set(view.id, view)
    this.onPut(view)
  }

  last(id: string): TransferView | undefined {
    return this.#latest.get(id)
  }

  get ended(): TransferView[] {
    return [...this.#ends.values()]
  }

  get moving(): TransferView[] {
    return [...this.#latest.values()].filter((view) => view.state === 'moving')
  }

  async end(id: string): Promise<TransferView> {
    await until(`end of ${id}`, () => this.#ends.has(id))
    return this.#ends.get(id) as TransferView
  }

  async endOf(name: string): Promise<TransferView> {
    const found = (): TransferView | undefined => this.ended.find((view) => view.name === name)
    await until(`end of ${name}`, () => found() !== undefined)
    return found() as TransferView
  }

  async phase(id: string, phase: TransferView['phase']): Promise<void> {
    await until(`${id} ${phase}`, () => this.all.some((view) => view.id === id && view.phase === phase))
  }
}

export interface EndOptions {
  readonly parity: 0 | 1
  readonly sha256?: SessionOptions['sha256']
  /** In place of taking every file. */
  readonly mayTake?: SessionOptions['mayTake']
  /** In place of a sink that takes everything at once. */
  readonly openSink?: (offer: OfferFile, fresh: boolean) => Promise<Sink>
  /** Sinks of an earlier run, to go on with. */
  readonly earlier?: readonly MemorySink[]
  /** Whatever else of the session's ports. */
  readonly ports?: Partial<SessionOptions>
  readonly beforeWrite?: (bytes: number) => Promise<void>
}

/** One end of a session, with all that it touches. */
export class End<L extends Lane = MemoryLane> {
  readonly session: Session
  lane: L
  readonly told = new Told()
  readonly sinks: MemorySink[] = []
  readonly peers: string[] = []
  readonly broken: string[] = []
  readonly unfinished: string[] = []
  readonly batches: Batch[] = []

  constructor(lane: L, options: EndOptions) {
    this.lane = lane
    this.session = new Session({
      parity: options.parity,
      self: { name: options.parity === 0 ? 'desk' : 'phone', kind: options.parity === 0 ? 'desktop' : 'page' },
      session: freshId(),
      sha256: options.sha256 ?? memoryHash,
      newId: freshId,
      ...(options.mayTake && { mayTake: options.mayTake }),
      ...options.ports,
      openSink: options.openSink ?? ((offer, fresh) => this.#sink(offer, fresh, options)),
      onPeer: (peer) => {
        this.peers.push(peer.name)
        options.ports?.onPeer?.(peer)
      },
      onTransfer: (view) => {
        this.told.put(view)
      },
      onUnfinished: (file) => this.unfinished.push(file.name),
      onBatch: (batch) => this.batches.push(batch),
      onBroken: (code) => {
        this.broken.push(code)
        this.session.end(code)
      },
    })
    this.session.addLane(lane)
  }

  /** Another lane, or the only one again. */
  join(lane: L): void {
    this.lane = lane
    this.session.addLane(lane)
  }

  #sink(offer: OfferFile, fresh: boolean, options: EndOptions): Promise<Sink> {
    const known = options.earlier ?? this.sinks
    const earlier = fresh ? undefined : known.find((one) => one.name === offer.name && one.state === 'suspended')
    const sink = new MemorySink(offer.name, options.beforeWrite, earlier ?? null)
    this.sinks.push(sink)
    return Promise.resolve(sink)
  }
}

/** A phone and a desktop with a lane between them. */
export function connect(
  lanes: LaneOptions = {},
  phone: Partial<EndOptions> = {},
  desktop: Partial<EndOptions> = {},
): { phone: End; desktop: End } {
  const [a, b] = MemoryLane.pair(lanes)
  return { phone: new End(a, { ...phone, parity: 1 }), desktop: new End(b, { ...desktop, parity: 0 }) }
}
