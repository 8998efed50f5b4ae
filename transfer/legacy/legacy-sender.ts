import type { Reason } from '#protocol/errors.ts'
import type { Transfile } from '#protocol/hub-events.ts'
import { LEGACY_PIECE_BYTES } from '#protocol/limits.ts'
import { TransferError } from '#transfer/errors.ts'
import type { Lane } from '#transfer/lane.ts'
import type { OpenSource, Source } from '#transfer/source.ts'
import { Condition } from '#transfer/concurrency.ts'

export interface LegacySenderPorts {
  readonly lane: Lane
  announce(file: Transfile): void
  changed(): void
  /** Calls back after so many milliseconds; returns its undo. */
  after(ms: number, then: () => void): () => void
}

/** Bytes sent but not yet reported as received. A 2018 phone holds whole files in memory: be gentle. */
const AHEAD_BYTES = 1_048_576
/** The app resets its counter at `transfile`, which takes the way through the hub: the bytes must not win. */
const LEAD_MS = 250
/** A legacy app has no way to say that it gave up. */
const SILENCE_MS = 30_000
/** For what is still in flight when a file is cancelled. */
const SETTLE_MS = 5_000
/** Read from disk at a time. */
const READ_BYTES = LEGACY_PIECE_BYTES * 16

/** Sends one file to a 2018 app: `transfile`, then each byte once in pieces it can take, at its pace. */
export class LegacySender {
  readonly direction = 'out'
  readonly id: string
  readonly source: Source
  received = 0
  #sent = 0
  #over = false
  #quiet: (() => void) | null = null
  readonly #condition = new Condition()
  readonly #landing = new Condition()
  readonly #ports: LegacySenderPorts

  constructor(id: string, source: Source, ports: LegacySenderPorts) {
    this.id = id
    this.source = source
    this.#ports = ports
  }

  get over(): boolean {
    return this.#over
  }

  async run(): Promise<{ sha256?: string }> {
    const open = await this.source.open()
    try {
      // Stopped while the disk took its time: the app must not wait for a file that never comes.
      this.#condition.check()
      this.#ports.announce({ size: this.source.size, name: this.source.name })
      await this.#pause(LEAD_MS)
      this.#listenForSilence()
      await this.#sendAll(open)
      await this.#condition.until(() => this.received >= this.source.size)
      return await open.finish()
    } finally {
      this.#over = true
      this.#quiet?.()
      await open.close()
    }
  }

  /** Takes `ctrlSendSpeed`: what the app has received so far. */
  report(bytes: number): void {
    this.received = Math.max(this.received, Math.min(bytes, this.#sent))
    this.#landing.wake()
    if (this.#over) return
    this.#listenForSilence()
    this.#ports.changed()
    this.#condition.wake()
  }

  stop(code: Reason): void {
    this.#condition.fail(new TransferError(code))
  }

  /**
   * Resolves when the app has all that was sent, or time enough to have it. The app can't tell one file's bytes from
   * another's, so nothing may be announced while some of a cancelled file are under way.
   */
  async settled(): Promise<void> {
    let late = false
    const undo = this.#ports.after(SETTLE_MS, () => {
      late = true
      this.#landing.wake()
    })
    await this.#landing.until(() => late || this.received >= this.#sent)
    undo()
  }

  async #sendAll(open: OpenSource): Promise<void> {
    const { size } = this.source
    for (let at = 0; at < size; at += READ_BYTES) {
      const bytes = await open.read(at, Math.min(READ_BYTES, size - at))
      for (let i = 0; i < bytes.byteLength; i += LEGACY_PIECE_BYTES)
        await this.#sendPiece(bytes.slice(i, i + LEGACY_PIECE_BYTES))
    }
  }

  async #sendPiece(piece: Uint8Array): Promise<void> {
    await this.#condition.until(() => this.#sent - this.received < AHEAD_BYTES)
    await this.#condition.pass(this.#ports.lane.ready())
    this.#ports.lane.send(piece)
    this.#sent += piece.byteLength
  }

  async #pause(ms: number): Promise<void> {
    let over = false
    const undo = this.#ports.after(ms, () => {
      over = true
      this.#condition.wake()
    })
    try {
      await this.#condition.until(() => over)
    } finally {
      undo()
    }
  }

  #listenForSilence(): void {
    this.#quiet?.()
    this.#quiet = this.#ports.after(SILENCE_MS, () => {
      this.stop('timeout')
    })
  }
}
