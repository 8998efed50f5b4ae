import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Reason } from '#protocol/errors.ts'
import { toTime } from '#protocol/times.ts'
import { reasonOf } from '#transfer/errors.ts'
import { sendPlain } from './page.ts'
import {
  attachment,
  httpDate,
  preconditionStatus,
  rangeCounts,
  rangeOf,
  type RangeAnswer,
  type Version,
} from './download-headers.ts'
import { ResponseBody, type Served } from './response-body.ts'
import { unsetClock, type Now } from './unset-clock.ts'

/** One file, as it was when it was offered. */
export interface Offered {
  /** Of the device that may have it. */
  readonly deviceId: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970; 0 = not known. */
  readonly mtime: number
  /** What only exactly these bytes have, such as their root hash: visible ASCII without quotes. */
  readonly etag: string
  /**
   * Opens the file for one request; two may be open at a time. Throws TransferError `source-changed` for another
   * version. The `close` of what it returns may come in the middle of a read.
   */
  open(): Promise<Served>
  /** Called with the bytes that were taken at least once. */
  onProgress?(bytes: number, total: number): void
  /** Called once every byte was taken; `onGone` never follows. What the phone made of the bytes can't be seen from here. */
  onDone?(): void
  /** Called when the file can't be had any more: `timeout`, `revoked`, `source-changed`. */
  onGone?(reason: Reason): void
}

export interface DownloadLimits {
  /** ms after the last byte, or after the offer, until it can't be had any more. */
  readonly downloadIdleMs: number
  /** ms for which a reader may take nothing; it can go on with a range. */
  readonly downloadStallMs: number
  /** Answers with bytes of one file at a time. */
  readonly downloadStreams: number
}

const RETRY_SECONDS = '2'

const versionOf = ({ etag, mtime }: Offered): Version => ({
  etag: `"${etag}"`,
  modified: toTime(mtime) > 0 ? httpDate(mtime) : null,
})

function closeOnce(source: Served): () => Promise<void> {
  let closing: Promise<void> | undefined
  return () => (closing ??= source.close())
}

function asked({ method, headers }: IncomingMessage, size: number, version: Version): RangeAnswer {
  // HEAD asks about the file; ranges are defined for GET alone.
  return method === 'GET' && rangeCounts(headers, version) ? rangeOf(headers.range, size) : 'whole'
}

/** Serves a file that one phone may fetch by plain http, in one piece or in ranges, until the offer ends. */
export class Download {
  readonly #file: Offered
  readonly #version: Version
  readonly #limits: DownloadLimits
  readonly #onEnd: () => void
  readonly #covered: Covered
  readonly #bodies = new Set<ResponseBody>()
  readonly #idle: NodeJS.Timeout
  /** Goes on while the computer sleeps, as timers do not. */
  readonly #now: Now
  #takenAt = 0
  #isDone = false
  #isOver = false

  constructor(file: Offered, limits: DownloadLimits, onEnd: () => void, now = unsetClock()) {
    this.#now = now
    this.#takenAt = now()
    this.#file = file
    this.#version = versionOf(file)
    this.#limits = limits
    this.#onEnd = onEnd
    this.#covered = new Covered(file.size)
    this.#idle = setTimeout(() => {
      this.end('timeout')
    }, limits.downloadIdleMs).unref()
  }

  get deviceId(): string {
    return this.#file.deviceId
  }

  /** Whether nothing was taken for too long: then the offer is over, even if its timer has not gone off. */
  get isOld(): boolean {
    return this.#now() - this.#takenAt >= this.#limits.downloadIdleMs
  }

  /** Answers GET or HEAD. */
  serve(req: IncomingMessage, res: ServerResponse): void {
    const { size } = this.#file
    this.#describe(res)
    const refusal = preconditionStatus(req.headers, this.#version)
    const range = asked(req, size, this.#version)
    if (refusal !== null) res.writeHead(refusal).end()
    else if (range === 'none') res.writeHead(416, { 'Content-Range': `bytes */${size}`, 'Content-Length': 0 }).end()
    else if (req.method === 'HEAD') res.writeHead(200, { 'Content-Length': size }).end()
    // Behind another answer on the same connection this one would wait, and never hear that the connection ended.
    else if (this.#bodies.size >= this.#limits.downloadStreams || res.socket === null) this.#tellBusy(res)
    else void this.#answer(res, range)
  }

  /** Ends the offer and cuts its answers. `null`: the caller knows, and `onGone` is not called. */
  end(reason: Reason | null): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#idle)
    this.#onEnd()
    for (const body of this.#bodies) body.cut()
    if (reason !== null && !this.#isDone) this.#file.onGone?.(reason)
  }

  #describe(res: ServerResponse): void {
    res.setHeader('Content-Type', 'application/octet-stream')
    res.setHeader('Content-Disposition', attachment(this.#file.name))
    res.setHeader('Accept-Ranges', 'bytes')
    res.setHeader('ETag', this.#version.etag)
    if (this.#version.modified !== null) res.setHeader('Last-Modified', this.#version.modified)
  }

  #tellBusy(res: ServerResponse): void {
    res.setHeader('Retry-After', RETRY_SECONDS)
    refuse(res, 503, 'Busy')
  }

  async #answer(res: ServerResponse, range: RangeAnswer): Promise<void> {
    const body = new ResponseBody(res, this.#limits.downloadStallMs, (from, to) => {
      this.#taken(from, to)
    })
    this.#bodies.add(body)
    try {
      await this.#send(res, body, range)
      this.#checkDone()
    } catch (error) {
      this.#failed(res, body, reasonOf(error))
    } finally {
      this.#bodies.delete(body)
    }
  }

  async #send(res: ServerResponse, body: ResponseBody, range: RangeAnswer): Promise<void> {
    const { size } = this.#file
    const source = await this.#file.open()
    const close = closeOnce(source)
    // A read that is under way may take long, and nobody waits for its bytes any more.
    res.once('close', () => void close().catch(() => undefined))
    try {
      const { first, last } = typeof range === 'string' ? { first: 0, last: size - 1 } : range
      if (typeof range !== 'string') res.setHeader('Content-Range', `bytes ${first}-${last}/${size}`)
      res.writeHead(typeof range === 'string' ? 200 : 206, { 'Content-Length': last + 1 - first })
      await body.send(source, { first, last })
    } finally {
      await close()
    }
  }

  #failed(res: ServerResponse, body: ResponseBody, reason: Reason): void {
    // A source that was closed under a read may say anything.
    const isGone = reason === 'source-changed' && !res.destroyed
    // This request may still get an answer; the other one is cut.
    this.#bodies.delete(body)
    if (isGone) this.end(reason)
    if (res.headersSent || res.destroyed) body.cut()
    else refuse(res, isGone ? 404 : 500, isGone ? 'Not found' : 'Failed')
  }

  #taken(from: number, to: number): void {
    if (this.#isOver) return
    this.#idle.refresh()
    this.#takenAt = this.#now()
    this.#covered.add(from, to)
    this.#file.onProgress?.(this.#covered.bytes, this.#file.size)
    this.#checkDone()
  }

  #checkDone(): void {
    if (this.#isDone || this.#isOver || !this.#covered.isWhole) return
    this.#isDone = true
    this.#file.onDone?.()
  }
}

/** Answers without the file: nothing about the file belongs into the headers. */
function refuse(res: ServerResponse, status: number, text: string): void {
  for (const name of ['Content-Disposition', 'Accept-Ranges', 'ETag', 'Last-Modified', 'Content-Range'])
    res.removeHeader(name)
  sendPlain(res, status, text)
}

interface Span {
  readonly from: number
  /** Not included. */
  readonly to: number
}

/** Holes that are remembered: a client that asks for every second byte must not make a list as long as the file. */
const SPANS_MAX = 1024

/** Keeps which bytes of a file were sent so far, whatever ranges they were asked for in, and however often. */
export class Covered {
  readonly #size: number
  // In order, with a hole between any two.
  #spans: readonly Span[] = []

  constructor(size: number) {
    this.#size = size
  }

  /** Adds the bytes of a span, `to` not included. */
  add(from: number, to: number): void {
    const before = this.#spans.filter((span) => span.to < from)
    const after = this.#spans.filter((span) => span.from > to)
    const touching = this.#spans.slice(before.length, this.#spans.length - after.length)
    const joined = {
      from: Math.min(from, ...touching.map((span) => span.from)),
      to: Math.max(to, ...touching.map((span) => span.to)),
    }
    const spans = [...before, joined, ...after]
    // One too many is forgotten: the file then counts as not wholly sent, which is the harmless mistake.
    if (spans.length <= SPANS_MAX) this.#spans = spans
  }

  get bytes(): number {
    return this.#spans.reduce((sum, { from, to }) => sum + to - from, 0)
  }

  get isWhole(): boolean {
    return this.bytes === this.#size
  }
}
