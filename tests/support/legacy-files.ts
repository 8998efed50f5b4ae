import { LEGACY_PIECE_BYTES } from '#protocol/limits.ts'
import { QUIET_MS } from './patience.ts'

/** What real apps do wrong. */
export interface Faults {
  /** The last piece, if it is a partial one, comes twice. */
  readonly lastPieceTwice?: boolean
  /** A file whose size is a multiple of the piece's ends with an empty piece. */
  readonly emptyPieceAtEnd?: boolean
  /** The first pieces leave before `transfile` does. */
  readonly piecesOvertake?: boolean
}

export interface FilePorts {
  announce(file: { size: number; name: string }): void
  report(bytes: number): void
  piece(bytes: Buffer): void
}

export interface LegacyFile {
  readonly name: string
  readonly size: number
  readonly bytes: Buffer
}

/** Bytes sent and not yet reported as received, at most. */
const AHEAD_BYTES = 262_144
/** Milliseconds without any report after which the app gives a file up. */
const SILENCE_MS = QUIET_MS

/** How the 2018 app moves files: `transfile`, raw pieces, and a count after each that paces the sender. */
export class LegacyFiles {
  /** Every file that has come whole, in order. */
  readonly received: LegacyFile[] = []
  /** Pieces that came while no file was announced, or beyond its size: a correct sender sends none. */
  strays = 0
  readonly #ports: FilePorts
  readonly #faults: Faults
  #incoming: { name: string; size: number; pieces: Buffer[]; count: number } | null = null
  #acknowledged = 0
  #wake: () => void = () => undefined
  /** One file at a time. */
  #work: Promise<void> = Promise.resolve()
  #gone = false

  constructor(ports: FilePorts, faults: Faults) {
    this.#ports = ports
    this.#faults = faults
  }

  begin({ size, name }: { size: number; name: string }): void {
    this.#incoming = { name, size, pieces: [], count: 0 }
    if (size === 0) this.#complete()
  }

  take(piece: Buffer): void {
    const file = this.#incoming
    if (file === null || file.count + piece.length > file.size || piece.length > LEGACY_PIECE_BYTES) {
      this.strays++
      return
    }
    file.pieces.push(piece)
    file.count += piece.length
    this.#ports.report(file.count)
    if (file.count === file.size) this.#complete()
  }

  /** Sends a file after those before it; resolves when the other side has reported all of it. */
  send(name: string, bytes: Buffer): Promise<void> {
    this.#work = this.#work.catch(() => undefined).then(() => this.#send(name, bytes))
    this.#work.catch(() => undefined)
    return this.#work
  }

  /** `ctrlSendSpeed` from the other side. */
  reported(bytes: number): void {
    this.#acknowledged = bytes
    this.#wake()
  }

  /** A file under way stays where it is; the next connection starts from nothing. */
  connectionLost(): void {
    this.#gone = true
    this.#incoming = null
    this.#wake()
  }

  async #send(name: string, bytes: Buffer): Promise<void> {
    this.#gone = false
    this.#acknowledged = 0
    const pieces = this.#piecesOf(bytes)
    const early = this.#faults.piecesOvertake === true ? pieces.splice(0, 2) : []
    for (const piece of early) this.#ports.piece(piece)
    if (early.length > 0) await new Promise((resolve) => setTimeout(resolve, 150))
    this.#ports.announce({ size: bytes.length, name })
    let sent = early.reduce((sum, piece) => sum + piece.length, 0)
    for (const piece of pieces) {
      await this.#until(() => sent - this.#acknowledged < AHEAD_BYTES)
      this.#ports.piece(piece)
      sent += piece.length
      // werift works in this process, whose event loop is also the test's: without a pause nothing else gets a turn.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await this.#until(() => this.#acknowledged >= bytes.length)
  }

  #piecesOf(bytes: Buffer): Buffer[] {
    const pieces: Buffer[] = []
    for (let at = 0; at < bytes.length; at += LEGACY_PIECE_BYTES)
      pieces.push(bytes.subarray(at, at + LEGACY_PIECE_BYTES))
    const last = pieces.at(-1)
    const partial = last !== undefined && last.length < LEGACY_PIECE_BYTES
    if (this.#faults.lastPieceTwice === true && partial) pieces.push(last)
    if (this.#faults.emptyPieceAtEnd === true && !partial) pieces.push(Buffer.alloc(0))
    return pieces
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#gone) throw new Error('connection lost')
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error('no report for a long time'))
        }, SILENCE_MS)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  #complete(): void {
    const file = this.#incoming
    if (file === null) return
    this.#incoming = null
    this.received.push({ name: file.name, size: file.size, bytes: Buffer.concat(file.pieces) })
  }
}
