import { decodePart } from '#protocol/blocks.ts'
import { assertNever, ProtocolError, type Reason } from '#protocol/errors.ts'
import { decodeFrame, encodeFrame, type Frame, type TransferFrame } from '#protocol/frames.ts'
import { PROTOCOL_VERSION } from '#protocol/limits.ts'
import type { Conclusions } from './conclusions.ts'
import { reasonOf } from './errors.ts'
import type { Incoming } from './incoming.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { Outgoing } from './outgoing.ts'
import type { SessionPorts } from './session-ports.ts'

export interface FrameDoorPorts {
  readonly ports: SessionPorts
  readonly in: Incoming
  readonly out: Outgoing
  readonly ends: () => Conclusions
  readonly lanes: () => Lanes
}

/** Where frames of the other side come in: parsed here, and given to whom they are about. */
export class FrameDoor {
  readonly #of: FrameDoorPorts
  /** Which run of the other side's program this is. */
  #peer: string | null = null

  constructor(of: FrameDoorPorts) {
    this.#of = of
  }

  take(data: string | Uint8Array, lane: Lane): void {
    try {
      if (typeof data === 'string') this.#onFrame(decodeFrame(data), lane)
      else this.#onPart(data)
    } catch (error) {
      this.#of.ports.onBroken(error instanceof ProtocolError ? error.code : 'failed')
    }
  }

  #onPart(data: Uint8Array): void {
    const part = decodePart(data)
    // Parts may still be under way when a transfer was stopped: nobody's fault.
    const transfer = this.#of.in.of(part.n)
    if (transfer === undefined) return
    try {
      transfer.part(part)
    } catch (error) {
      transfer.stop(reasonOf(error))
    }
  }

  #onFrame(frame: Frame, lane: Lane): void {
    const { ports, in: incoming } = this.#of
    switch (frame.t) {
      case 'hello':
        this.#onHello(frame, lane)
        return
      case 'ping':
        return
      case 'keep':
        ports.onKeep?.(frame)
        return
      case 'remember':
        ports.onRemember?.(frame.on)
        return
      case 'live':
        incoming.live(frame.ns)
        return
      case 'unfinished':
        ports.onUnfinished?.(frame)
        return
      case 'batch':
        ports.onBatch?.(frame)
        return
      case 'offer':
        if (frame.n % 2 === ports.parity) throw ProtocolError.malformed('number of an offer')
        incoming.offered(frame)
        return
      default:
        this.#onTransferFrame(frame)
    }
  }

  #onTransferFrame(frame: TransferFrame): void {
    switch (frame.t) {
      case 'stop':
        this.#onStop(frame.n, frame.code)
        return
      case 'thumb':
      case 'block':
      case 'end':
      case 'at':
      case 'given':
        this.#of.in.of(frame.n)?.receive(frame)
        return
      case 'look':
      case 'accept':
      case 'ack':
      case 'again':
      case 'done':
      case 'fetch':
        this.#toSender(frame)
        return
      case 'hold':
        this.#toSender(frame)
        this.#of.in.of(frame.n)?.receive(frame)
        return
      default:
        assertNever(frame)
    }
  }

  #toSender(frame: TransferFrame): void {
    const { out, ends } = this.#of
    const sender = out.of(frame.n)
    if (sender === undefined) return
    const went = sender.handedOut
    sender.receive(frame)
    const goes: boolean = sender.handedOut
    if (went || !goes) return
    out.aside(sender)
    void ends().conclude(sender, sender.runHandedOut())
  }

  #onHello(hello: Extract<Frame, { t: 'hello' }>, lane: Lane): void {
    const { v, name, kind, folders = false, session = '', lane: wish } = hello
    const { ports, in: incoming, lanes } = this.#of
    if (v !== PROTOCOL_VERSION) throw new ProtocolError('version', `version ${v}`)
    if (wish !== undefined) lanes().wish = wish
    if (this.#peer !== null && session !== this.#peer) {
      void incoming.suspendAll()
      lanes().closeOthers(lane)
    }
    this.#peer = session
    ports.onPeer({ name, kind, folders })
    for (const one of ports.unfinished?.() ?? []) lane.send(encodeFrame(one))
  }

  #onStop(n: number, code: Reason): void {
    const { in: incoming, out, ends } = this.#of
    const transfer = out.of(n) ?? incoming.of(n)
    if (transfer === undefined) return
    // Off the map first: the end of this transfer is not news to the side that told us.
    if (transfer.direction === 'out') out.unname(transfer)
    else incoming.over(transfer, { t: 'stop', code })
    ends().stop(transfer, code)
  }
}
